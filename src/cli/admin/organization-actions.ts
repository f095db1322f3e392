import { AppError } from '../../errors.ts';
import { addMember, listMembers } from '../../organizations/member.ts';
import {
  addOrganization,
  listOrganizations,
  type Organization,
  type Role,
  roles,
} from '../../organizations/organization.ts';
import { listOwnlyRequired, setSignInPolicy } from '../../organizations/sign-in-policy.ts';
import { isPlainName, plainNameAdvice } from '../../plain-name.ts';
import type { Io } from '../io.ts';
import { withDatabase } from './database.ts';
import { memberJson } from './member-view.ts';
import { getNamedOrganization } from './named-organization.ts';
import { getNamedUser } from './named-user.ts';
import { change } from './operator.ts';
import { listAll } from './pages.ts';
import { isProviderDemanded } from './sign-in-way.ts';
import { card, table } from './table.ts';

/** `postern organization add`. */
export async function add(
  io: Io,
  name: string,
  options: { administrator: string; json?: boolean },
): Promise<void> {
  if (!/\S/.test(name) || /[\p{Cc}\p{Cs}]/u.test(name) || name.length > 100) {
    throw new AppError('usage', 'Write a name of 1 to 100 characters, none of them a control character');
  }
  if (!isPlainName(name)) throw new AppError('usage', `The name: ${plainNameAdvice}`);
  const organization = await change(io, async (db, tell) => {
    const { id, email } = await getNamedUser(db, options.administrator);
    const added = await addOrganization(db, { name, administratorId: id });
    tell({
      action: 'organization.added',
      target: { kind: 'organization', id: added.id, name },
      organizationId: added.id,
      details: { email },
    });
    return added;
  });
  if (options.json) io.json(organizationJson(organization));
  else {
    io.data(
      card([
        ['organization', organization.id],
        ['name', organization.name],
      ]),
    );
  }
  io.say(`Added ${organization.name} with its administrator ${options.administrator}.`);
}

/** `postern organization list`. */
export async function list(io: Io, options: { json?: boolean }): Promise<void> {
  const organizations = await withDatabase(io, (db) =>
    listAll(
      (part) => listOrganizations(db, part),
      ({ place }) => place,
    ),
  );
  if (options.json) io.json(organizations.map(organizationJson));
  else if (organizations.length === 0) {
    io.say('There are no organizations yet; postern organization add makes one.');
  } else {
    const rows = organizations.map(({ id, name, disabledAt }) => [
      id,
      disabledAt ? 'disabled' : 'enabled',
      name,
    ]);
    io.data(table([['ORGANIZATION', 'STATE', 'NAME'], ...rows]));
  }
}

/** `postern organization members`. */
export async function members(io: Io, name: string, options: { json?: boolean }): Promise<void> {
  const found = await withDatabase(io, async (db) => {
    const { id } = await getNamedOrganization(db, name);
    return await listAll(
      (part) => listMembers(db, id, {}, part),
      ({ place }) => place,
    );
  });
  if (options.json) io.json(found.map(memberJson));
  else {
    const rows = found.map(({ email, userId, role, disabledAt }) => [
      email,
      userId,
      role,
      disabledAt ? 'disabled' : 'enabled',
    ]);
    io.data(table([['EMAIL', 'ID', 'ROLE', 'STATE'], ...rows]));
  }
}

/** `postern organization add-member`. */
export async function addTo(
  io: Io,
  name: string,
  email: string,
  options: { role: string; json?: boolean },
): Promise<void> {
  const { role } = options;
  if (!isRole(role)) throw new AppError('usage', `--role: write one of ${roles.join(', ')}`);
  const added = await change(io, async (db, tell) => {
    const { id: organizationId } = await getNamedOrganization(db, name);
    const user = await getNamedUser(db, email);
    const result = await addMember(db, { organizationId, userId: user.id, role });
    const target = { kind: 'member' as const, id: user.id, name: user.email };
    if ('member' in result) tell({ action: 'member.added', target, organizationId, details: { role } });
    return result;
  });
  if ('refusal' in added) {
    throw added.refusal === 'exists'
      ? new AppError('conflict', `${email} is a member of ${name} already`)
      : new AppError('not_found', `${name} or ${email} has just been removed`);
  }
  if (options.json) io.json(memberJson(added.member));
  io.say(`Added ${added.member.email} to ${name} as ${role}.`);
}

/** `postern organization sign-in`. */
export async function setSignIn(io: Io, name: string, way: string): Promise<void> {
  const requiresIdentityProvider = isProviderDemanded(way);
  const stillRequired = await change(io, async (db, tell) => {
    const { id } = await getNamedOrganization(db, name);
    const set = await setSignInPolicy(db, id, { requiresIdentityProvider });
    if ('refusal' in set) {
      throw new AppError('conflict', 'None of its administrators has signed in at an identity provider yet');
    }
    tell({
      action: 'sign_in_policy.changed',
      target: { kind: 'policy', id: 'sign-in' },
      organizationId: id,
      details: { fields: ['identity_provider_required'] },
    });
    return await listOwnlyRequired(db, id);
  });
  if (requiresIdentityProvider) return io.say('Its members sign in at an identity provider.');
  io.say('Its members may sign in in any way.');
  if (stillRequired.length > 0) {
    io.say(
      `Not these, of whom it is demanded singly: ${stillRequired.join(', ')}. postern member sign-in undoes that too.`,
    );
  }
}

function isRole(text: string): text is Role {
  return (roles as readonly string[]).includes(text);
}

function organizationJson({ id, name, createdAt, disabledAt }: Organization): Record<string, unknown> {
  return { id, name, created_at: createdAt.toISOString(), disabled_at: disabledAt?.toISOString() };
}
