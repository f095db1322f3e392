import type { Context } from 'koa';
import { type PasswordChangeError, securityPage } from '../../../views/security.ts';
import type { AppError } from '../../errors.ts';
import { canHavePasskeys } from '../../factors/relying-party.ts';
import { type Form, fieldOf } from '../../http/form.ts';
import type { Routes } from '../../http/router.ts';
import { checkNewPassword, type PasswordRefusal, passwordLength } from '../../users/password.ts';
import type { Guest } from '../desk.ts';
import { seeOther, showPage } from '../page.ts';
import type { AccountOptions } from './account.ts';
import { problemsOf } from './problems.ts';
import { createSessionRoutes, readSessions } from './sessions.ts';
import { createSureDesk } from './sure-desk.ts';

const place = '/account/security';

type Security = {
  has_password: boolean;
  password_changed_at?: string;
  totp_since?: string;
  recovery_codes: number;
  holdings: { devices: number; tokens: number; shared_values: number };
};
type Passkeys = {
  items: { id: string; name: string; synced: boolean; created_at: string; last_used_at?: string }[];
};

/** How somebody signs in and where they are signed in, to be seen and changed. */
export function createSecurityRoutes(options: AccountOptions): Routes {
  const { base, issuer, calls, clock } = options;
  const desk = createSureDesk(options);

  async function page(
    ctx: Context,
    guest: Guest,
    state: {
      error?: PasswordChangeError;
      endsTokens?: boolean;
      refusal?: string;
      isPasswordChanged?: boolean;
    } = {},
  ) {
    const { frame, session } = guest;
    const security = await calls.read<Security>(ctx, session, 'showSecurity');
    const passkeys = await calls.read<Passkeys>(ctx, session, 'listPasskeys');
    return securityPage({
      ...frame,
      ...state,
      email: session.email,
      now: clock.now(),
      least: passwordLength.least,
      password: security.has_password ? { changedAt: momentOf(security.password_changed_at) } : undefined,
      totpSince: momentOf(security.totp_since),
      recoveryCodes: security.recovery_codes,
      holdings: {
        devices: security.holdings.devices,
        tokens: security.holdings.tokens,
        shared: security.holdings.shared_values,
      },
      canHavePasskeys: canHavePasskeys(issuer),
      passkeys: passkeys.items.map(({ id, name, synced, created_at, last_used_at }) => ({
        id,
        name,
        isSynced: synced,
        addedAt: new Date(created_at),
        usedAt: momentOf(last_used_at),
      })),
      sessions: await readSessions(calls, ctx, guest, { limit: '10' }),
    });
  }

  async function changePassword(ctx: Context, guest: Guest, form: Form): Promise<void> {
    const password = fieldOf(form, 'password') ?? '';
    const endsTokens = fieldOf(form, 'ends_tokens') !== undefined;
    const refuse = async (error: PasswordChangeError) =>
      showPage(ctx, await page(ctx, guest, { error, endsTokens }), 400);
    if (password !== fieldOf(form, 'password_again')) return await refuse({ error: 'different' });
    const unfit = checkNewPassword(password, guest.session.email);
    if (unfit) return await refuse(describe(unfit));
    const body = {
      present_password: fieldOf(form, 'present_password') ?? '',
      password,
      ends_tokens: endsTokens,
    };
    const changed = await calls.change(ctx, guest.session, 'changePassword', { body });
    if ('refusal' in changed) return await refuse({ error: reasonOf(changed.refusal) });
    const kept = options.desk.keep(ctx, guest, changed.renewed);
    showPage(ctx, await page(ctx, kept, { isPasswordChanged: true }));
  }

  /** A form that names one thing, or nothing, and leads back to the page, or to where it says that it came from. */
  function doing(id: string, param?: string, whence: (form: Form) => string = () => place) {
    return desk.form(async (ctx, guest, form) => {
      const params = param === undefined ? {} : { [param]: fieldOf(form, 'id') ?? '' };
      const name = fieldOf(form, 'name');
      // A name that will not do leaves the one before.
      const body = name !== undefined && { body: { name } };
      const done = await calls.change(ctx, guest.session, id, { params, ...body });
      if ('refusal' in done && done.refusal.code === 'conflict') {
        const refusal = Object.values(problemsOf(done.refusal, guest.frame.locale)).join('; ');
        return showPage(ctx, await page(ctx, guest, { refusal }), 400);
      }
      seeOther(ctx, base + whence(form));
    });
  }

  return {
    [place]: { answers: 'html', GET: desk.page(async (ctx, guest) => showPage(ctx, await page(ctx, guest))) },
    [`${place}/password`]: { answers: 'html', POST: desk.form(changePassword) },
    [`${place}/passkeys/rename`]: { answers: 'html', POST: doing('renamePasskey', 'passkey_id') },
    [`${place}/passkeys/remove`]: { answers: 'html', POST: doing('removePasskey', 'passkey_id') },
    [`${place}/totp/remove`]: { answers: 'html', POST: doing('removeTotp') },
    ...createSessionRoutes(options, doing),
  };
}

function momentOf(text: string | undefined): Date | undefined {
  return text === undefined ? undefined : new Date(text);
}

function describe(refusal: PasswordRefusal): PasswordChangeError {
  const { refusal: error, ...limits } = refusal;
  return { error, ...limits } as PasswordChangeError;
}

function reasonOf({ code, problems }: AppError): 'wrong' | 'changed_meanwhile' | 'guessable' {
  if (code === 'conflict') return 'changed_meanwhile';
  const isPresent = problems.some(
    (problem) => 'pointer' in problem && problem.pointer === '#/present_password',
  );
  return isPresent ? 'wrong' : 'guessable';
}
