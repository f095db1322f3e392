import type { Context } from 'koa';
import { type FactorError, secondFactorPage } from '../../views/second-factor.ts';
import type { AuditLog } from '../audit/audit-log.ts';
import { findSecondFactors, hasSecondFactor } from '../factors/second-factor.ts';
import { fieldOf } from '../http/form.ts';
import type { Routes } from '../http/router.ts';
import { traceOf } from '../http/trace.ts';
import type { Database } from '../postgres/pool.ts';
import { findUser, type User } from '../users/user.ts';
import type { CodeDesk } from './code-desk.ts';
import type { Entry } from './entry.ts';
import { signedIn } from './events.ts';
import type { HalfSignIns } from './half-sign-in.ts';
import { allowScript, seeOther, showPage, showWaitPage } from './page.ts';
import type { PasskeyDesk } from './passkey-desk.ts';
import type { Reception, Visit } from './reception.ts';

/** The second half of a sign-in. */
export type SecondFactors = {
  routes: Routes;
  /** Lets in whose password was right; who has a second factor proves it first. */
  enter(ctx: Context, visit: Visit, user: User, amr: readonly string[]): Promise<void>;
};

/** Asks for a code or a passkey between the password and the session. */
export function createSecondFactors(options: {
  db: Database;
  base: string;
  reception: Reception;
  halfSignIns: HalfSignIns;
  passkeys: PasskeyDesk;
  codes: CodeDesk;
  enterAs: Entry;
  audit: AuditLog;
}): SecondFactors {
  const { db, base, reception, halfSignIns, passkeys, codes, enterAs, audit } = options;

  async function enter(ctx: Context, visit: Visit, user: User, amr: readonly string[]): Promise<void> {
    if (!hasSecondFactor(await findSecondFactors(db, user.id))) return await finish(ctx, visit, user, amr);
    halfSignIns.write(ctx, visit, { userId: user.id, amr, passwordChangedAt: versionOf(user) });
    seeOther(ctx, `${base}/sign-in/second-factor`);
  }

  async function finish(ctx: Context, visit: Visit, user: User, amr: readonly string[]): Promise<void> {
    audit.note(signedIn(user, amr, traceOf(ctx)));
    const { id: userId, passwordHash } = user;
    await enterAs(ctx, visit, { userId, amr, passwordHash });
  }

  /** Who waits for their second factor in this browser, if their password is still the one that was right. */
  async function findWaiting(ctx: Context, visit: Visit) {
    const half = visit.session ? undefined : halfSignIns.read(ctx, visit);
    const user = half && (await findUser(db, half.userId));
    if (!half || !user || user.disabledAt || versionOf(user) !== half.passwordChangedAt) return undefined;
    return { user, amr: half.amr };
  }

  async function page(ctx: Context, visit: Visit, { id, email }: User, error?: FactorError) {
    allowScript(ctx);
    const { totpSince, recoveryCodes } = await findSecondFactors(db, id);
    return secondFactorPage({
      ...reception.frame(visit),
      email,
      takesCodes: totpSince !== undefined,
      takesRecoveryCodes: recoveryCodes > 0,
      passkey: await passkeys.offer(visit, { purpose: 'proof', userId: id }),
      error,
    });
  }

  async function show(ctx: Context): Promise<void> {
    const visit = await reception.receive(ctx);
    const waiting = await findWaiting(ctx, visit);
    if (!waiting) return seeOther(ctx, `${base}/sign-in`);
    showPage(ctx, await page(ctx, visit, waiting.user));
  }

  async function take(ctx: Context): Promise<void> {
    const { visit, form } = await reception.receiveForm(ctx);
    const waiting = await findWaiting(ctx, visit);
    if (!waiting) return seeOther(ctx, `${base}/sign-in`);
    const { user } = waiting;
    const isPasskey = fieldOf(form, 'credential') !== undefined;
    const code = fieldOf(form, 'code')?.trim() ?? '';
    if (!isPasskey && code === '') return showPage(ctx, await page(ctx, visit, user, 'missing'), 400);
    const proof = isPasskey
      ? await passkeys.take(ctx, visit, form, { purpose: 'proof', userId: user.id })
      : await codes.take(ctx, user, code);
    switch (proof.outcome) {
      case 'proven': {
        halfSignIns.clear(ctx);
        const methods = [...new Set([...waiting.amr, ...proof.amr])];
        return await finish(ctx, visit, user, methods);
      }
      case 'wrong':
        return showPage(ctx, await page(ctx, visit, user, 'wrong'), 400);
      case 'refused':
        return showPage(ctx, await page(ctx, visit, user, 'passkey'), 400);
      case 'too_many_tries': {
        const waitPage = await page(ctx, visit, user, 'too_many_tries');
        return showWaitPage(ctx, waitPage, proof.retryAfterSeconds);
      }
    }
  }

  return {
    enter,
    routes: { '/sign-in/second-factor': { answers: 'html', GET: show, POST: take } },
  };
}

function versionOf({ passwordChangedAt }: User): string | undefined {
  return passwordChangedAt?.toISOString();
}
