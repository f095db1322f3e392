import type { Context } from 'koa';
import { type StepUpError, stepUpPage } from '../../views/step-up.ts';
import type { AuditLog } from '../audit/audit-log.ts';
import { findSecondFactors, hasSecondFactor } from '../factors/second-factor.ts';
import { type Form, fieldOf } from '../http/form.ts';
import type { Routes } from '../http/router.ts';
import { traceOf } from '../http/trace.ts';
import { findIdentityProvider } from '../identity-providers/identity-provider.ts';
import type { Limits } from '../limits/limits.ts';
import type { Database } from '../postgres/pool.ts';
import { listMissing, recentSeconds } from '../users/authentication-context.ts';
import type { ProvenAgain, Session } from '../users/session.ts';
import { checkPasswordAgain } from '../users/sign-in.ts';
import { findUser } from '../users/user.ts';
import type { CodeDesk } from './code-desk.ts';
import { provenAgain } from './events.ts';
import { allowScript, seeOther, showPage, showWaitPage } from './page.ts';
import type { PasskeyDesk } from './passkey-desk.ts';
import type { Reception, Visit } from './reception.ts';
import type { WaitingPages } from './waiting-page.ts';

/** Asks who is signed in to prove again who they are. */
export type StepUp = {
  routes: Routes;
  /** Sends the browser to prove it, and back to the page of ours at `path`, below the issuer, afterwards. */
  ask(ctx: Context, visit: Visit, path: string): void;
  /** Renews the session, and goes back to what waits; or asks for a factor that is still missing. */
  accept(ctx: Context, visit: Visit, session: Session, proven: ProvenAgain): Promise<void>;
  /** Asks once more, and says why. */
  refuse(ctx: Context, visit: Visit, error: StepUpError, answer?: Answer): Promise<void>;
};

/** How a refusal is answered, if not with 400. */
type Answer = { status?: number; retryAfterSeconds?: number };

/** Whether the person of this session has lately proven a second factor, which `StepUp` asks for otherwise. */
export function hasRecentSecondFactor({ ages }: Pick<Session, 'ages'>): boolean {
  return ages.secondFactor <= recentSeconds;
}

type Tried = { proven: ProvenAgain } | { error: StepUpError; retryAfterSeconds?: number };

/**
 * Asks for what is too old: the password, the second factor, or both, which a passkey proves at once. Who has no second
 * factor and nothing left to prove is told how to get one.
 */
export function createStepUp(options: {
  db: Database;
  base: string;
  limits: Limits;
  reception: Reception;
  waitingPages: WaitingPages;
  passkeys: PasskeyDesk;
  codes: CodeDesk;
  audit: AuditLog;
}): StepUp {
  const { db, base, limits, reception, waitingPages, passkeys, codes, audit } = options;

  async function weigh(session: Session) {
    const user = await findUser(db, session.userId);
    const factors = await findSecondFactors(db, session.userId);
    const has = hasSecondFactor(factors);
    const missing = listMissing(session.ages, has);
    return { missing, hasFactor: has, hasPassword: user?.passwordHash !== undefined, factors };
  }

  async function page(ctx: Context, visit: Visit, session: Session, error?: StepUpError) {
    allowScript(ctx);
    const { missing, hasPassword, hasFactor, factors } = await weigh(session);
    const provider = await findIdentityProvider(db, session.identityProvider ?? '');
    return stepUpPage({
      ...reception.frame(visit),
      asksPassword: missing.password,
      hasPassword,
      asksCode: missing.factor,
      hasFactor,
      takesCodes: factors.totpSince !== undefined,
      takesRecoveryCodes: factors.recoveryCodes > 0,
      passkey: await passkeys.offer(visit, { purpose: 'proof', userId: session.userId }),
      provider: provider?.name,
      error,
    });
  }

  async function show(ctx: Context): Promise<void> {
    const visit = await reception.receive(ctx);
    const { session } = visit;
    if (!session) return seeOther(ctx, `${base}/sign-in`);
    const { missing, hasFactor } = await weigh(session);
    if (hasFactor && !missing.password && !missing.factor) return goBack(ctx, visit);
    showPage(ctx, await page(ctx, visit, session));
  }

  function goBack(ctx: Context, visit: Visit): void {
    seeOther(ctx, base + (waitingPages.take(ctx, visit) ?? '/account/security'));
  }

  async function take(ctx: Context): Promise<void> {
    const { visit, form } = await reception.receiveForm(ctx);
    const { session } = visit;
    if (!session) return seeOther(ctx, `${base}/sign-in`);
    const tried =
      fieldOf(form, 'credential') === undefined
        ? await tryWords(ctx, visit, session, form)
        : await tryPasskey(ctx, visit, session, form);
    if ('error' in tried) return await refuse(ctx, visit, tried.error, tried);
    await renew(ctx, visit, session, tried.proven);
    goBack(ctx, visit);
  }

  async function renew(ctx: Context, visit: Visit, session: Session, proven: ProvenAgain): Promise<Visit> {
    return await reception.renew(ctx, visit, proven, (tx) =>
      audit.record(tx, provenAgain(session, proven.amr, traceOf(ctx))),
    );
  }

  async function refuse(ctx: Context, visit: Visit, error: StepUpError, answer: Answer = {}): Promise<void> {
    const { session } = visit;
    if (!session) return seeOther(ctx, `${base}/sign-in`);
    const again = await page(ctx, visit, session, error);
    const { retryAfterSeconds, status = 400 } = answer;
    if (retryAfterSeconds === undefined) return showPage(ctx, again, status);
    showWaitPage(ctx, again, retryAfterSeconds);
  }

  /** Who was asked for their password alone has given what stands for it, whatever the page behind this may ask for. */
  async function accept(ctx: Context, visit: Visit, session: Session, proven: ProvenAgain): Promise<void> {
    const { missing } = await weigh(session);
    const isAll = proven.amr.includes('mfa') || (missing.password && !missing.factor);
    const renewed = await renew(ctx, visit, session, proven);
    if (isAll) return goBack(ctx, renewed);
    await refuse(ctx, renewed, 'provider_single_factor');
  }

  async function tryPasskey(ctx: Context, visit: Visit, session: Session, form: Form): Promise<Tried> {
    const proof = await passkeys.take(ctx, visit, form, { purpose: 'proof', userId: session.userId });
    if (proof.outcome === 'proven') return { proven: { password: true, amr: proof.amr } };
    if (proof.outcome === 'refused') return { error: 'passkey' };
    return { error: 'too_many_tries', retryAfterSeconds: proof.retryAfterSeconds };
  }

  /** The password first: a code is used up by being right. */
  async function tryWords(ctx: Context, visit: Visit, session: Session, form: Form): Promise<Tried> {
    const { missing } = await weigh(session);
    const password = fieldOf(form, 'password') ?? '';
    const code = fieldOf(form, 'code')?.trim() ?? '';
    const isNothing = !missing.password && !missing.factor;
    if (isNothing || (missing.password && password === '') || (missing.factor && code === ''))
      return { error: 'missing' };
    const { userId, email } = session;
    const amr: string[] = [];
    if (missing.password) {
      const sessionId = visit.sessionId ?? '';
      const again = await checkPasswordAgain(db, limits, { session, sessionId, password });
      if (again.outcome === 'too_many_tries')
        return { error: 'too_many_tries', retryAfterSeconds: again.retryAfterSeconds };
      if (again.outcome === 'wrong') return { error: 'wrong_password' };
      amr.push('pwd');
    }
    if (missing.factor) {
      const proof = await codes.take(ctx, { id: userId, email }, code);
      if (proof.outcome === 'too_many_tries')
        return { error: 'too_many_tries', retryAfterSeconds: proof.retryAfterSeconds };
      if (proof.outcome === 'wrong') return { error: 'wrong' };
      amr.push(...proof.amr);
    }
    return { proven: { password: missing.password, amr } };
  }

  return {
    ask(ctx, visit, path) {
      waitingPages.remember(ctx, visit, path);
      seeOther(ctx, `${base}/step-up`);
    },
    accept,
    refuse,
    routes: { '/step-up': { answers: 'html', GET: show, POST: take } },
  };
}
