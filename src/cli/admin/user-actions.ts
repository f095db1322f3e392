import type { Target } from '../../audit/event.ts';
import { AppError } from '../../errors.ts';
import { hasSecondFactor, removeSecondFactors } from '../../factors/second-factor.ts';
import type { Database } from '../../postgres/pool.ts';
import { hashNewPassword } from '../../users/password.ts';
import { endSessionsOfUser } from '../../users/session.ts';
import { addUser, disableUser, enableUser, listUsers, setPassword, type User } from '../../users/user.ts';
import type { Io } from '../io.ts';
import { withDatabase } from './database.ts';
import { sayLockedOut, watchLockedOut } from './locked-out.ts';
import { getNamedUser } from './named-user.ts';
import { type PasswordSource, passwordRefusalText, readNewPassword } from './new-password.ts';
import { change } from './operator.ts';
import { listAll } from './pages.ts';
import { card, table } from './table.ts';

/** `postern user add`. */
export async function add(
  io: Io,
  email: string,
  options: PasswordSource & { json?: boolean },
): Promise<void> {
  const { passwordHash, shown } = await makePassword(io, email, options);
  const added = await change(io, async (db, tell) => {
    const result = await addUser(db, { email, passwordHash });
    if ('user' in result) tell({ action: 'user.added', target: target(result.user) });
    return result;
  });
  if ('refusal' in added) {
    throw added.refusal === 'exists'
      ? new AppError('conflict', `There is a user ${email} already`)
      : new AppError('usage', `${email} is not an email address`);
  }
  tell(io, added.user, shown, options);
  io.say(`Added ${added.user.email}.`);
}

/** `postern user list`. */
export async function list(io: Io, options: { json?: boolean }): Promise<void> {
  const users = await withDatabase(io, (db) =>
    listAll(
      (page) => listUsers(db, page),
      ({ email }) => email,
    ),
  );
  if (options.json) io.json(users.map(userJson));
  else if (users.length === 0) io.say('There are no users yet; postern user add makes one.');
  else {
    const rows = users.map((user) => [user.email, user.id, user.disabledAt ? 'disabled' : 'enabled']);
    io.data(table([['EMAIL', 'ID', 'STATE'], ...rows]));
  }
}

/** `postern user disable`. */
export async function disable(io: Io, name: string): Promise<void> {
  const { user, lockedOut } = await change(io, async (db, tell) => {
    const user = await getNamedUser(db, name);
    const { lockedOut } = await watchLockedOut(db, () => disableUser(db, user.id));
    tell({ action: 'user.disabled', target: target(user) });
    return { user, lockedOut };
  });
  io.say(`Disabled ${user.email}.`);
  sayLockedOut(io, lockedOut);
}

/** `postern user enable`. */
export async function enable(io: Io, name: string): Promise<void> {
  const user = await changeUser(io, name, 'user.enabled', (db, { id }) => enableUser(db, id));
  io.say(`Enabled ${user.email}.`);
}

/** `postern user set-password`. */
export async function changePassword(
  io: Io,
  email: string,
  options: PasswordSource & { json?: boolean },
): Promise<void> {
  const { passwordHash, shown } = await makePassword(io, email, options);
  const user = await changeUser(io, email, 'user.password_changed', (db, { id }) =>
    setPassword(db, id, passwordHash),
  );
  tell(io, user, shown, options);
  io.say(`Changed the password of ${user.email} and ended their sessions in browsers.`);
}

/** `postern user second-factor remove`. */
export async function removeSecondFactor(io: Io, name: string): Promise<void> {
  const { user, removed } = await change(io, async (db, tell) => {
    const user = await getNamedUser(db, name);
    const removed = await removeSecondFactors(db, user.id);
    if (!hasSecondFactor(removed))
      throw new AppError('failure', `${user.email} has no second factor; their password alone lets them in`);
    await endSessionsOfUser(db, user.id);
    const details = { passkeys: removed.passkeys, fields: removed.totpSince ? ['totp'] : [] };
    tell({ action: 'second_factor.removed', target: target(user), details });
    return { user, removed };
  });
  const parts = [
    ...(removed.totpSince ? ['one-time codes'] : []),
    ...(removed.passkeys > 0
      ? [`${removed.passkeys} ${removed.passkeys === 1 ? 'passkey' : 'passkeys'}`]
      : []),
    ...(removed.recoveryCodes > 0 ? ['recovery codes'] : []),
  ];
  io.say(`Removed from ${user.email}: ${parts.join(', ')}; and ended their sessions in browsers.`);
}

async function makePassword(
  io: Io,
  email: string,
  source: PasswordSource,
): Promise<{ passwordHash: string; shown: string | undefined }> {
  const { password, isGenerated } = await readNewPassword(io, source);
  const made = await hashNewPassword(password, email);
  if ('refusal' in made) throw new AppError('failure', passwordRefusalText(made));
  return { passwordHash: made.hash, shown: isGenerated ? password : undefined };
}

/** Does `work` on the person of this address or id; AppError `not_found` where there is none. */
async function changeUser(
  io: Io,
  name: string,
  action: 'user.enabled' | 'user.password_changed',
  work: (db: Database, user: User) => Promise<unknown>,
): Promise<User> {
  return await change(io, async (db, tell) => {
    const user = await getNamedUser(db, name);
    await work(db, user);
    tell({ action, target: target(user) });
    return user;
  });
}

function target({ id, email }: User): Target {
  return { kind: 'user', id, name: email };
}

function tell(io: Io, user: User, password: string | undefined, options: { json?: boolean }): void {
  if (options.json) io.json({ ...userJson(user), password });
  else if (password !== undefined) {
    io.data(
      card([
        ['email', user.email],
        ['password', password],
      ]),
    );
  }
  if (password !== undefined) io.say('Keep the password now: it is not shown again.');
}

function userJson(user: User): Record<string, unknown> {
  return {
    id: user.id,
    email: user.email,
    created_at: user.createdAt.toISOString(),
    disabled_at: user.disabledAt?.toISOString(),
  };
}
