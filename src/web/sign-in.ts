import type { Context } from 'koa';
import { type SignInError, signInPage } from '../../views/sign-in.ts';
import { signedOutPage } from '../../views/signed-out.ts';
import type { AuditLog } from '../audit/audit-log.ts';
import { addressOf, addressPrefix } from '../http/client-address.ts';
import { fieldOf } from '../http/form.ts';
import type { Routes } from '../http/router.ts';
import { traceOf } from '../http/trace.ts';
import { listOfferedProviders } from '../identity-providers/identity-provider.ts';
import type { Limits } from '../limits/limits.ts';
import { formatUserCode, normalizeUserCode } from '../oauth/user-code.ts';
import type { Database } from '../postgres/pool.ts';
import { signIn } from '../users/sign-in.ts';
import type { DeviceSteps } from './device-step.ts';
import { type Entry, waitingCode } from './entry.ts';
import { signInTried } from './events.ts';
import type { KnownBrowsers } from './known-browser.ts';
import { seeOther, showPage, showWaitPage } from './page.ts';
import type { Reception, Visit } from './reception.ts';

/** Signing in and out. Nothing in a request can say where to go afterwards. */
export function createSignInRoutes(options: {
  db: Database;
  base: string;
  limits: Limits;
  reception: Reception;
  steps: DeviceSteps;
  knownBrowsers: KnownBrowsers;
  enterAs: Entry;
  audit: AuditLog;
  demo: { email: string; password: string } | undefined;
}): Routes {
  const { db, base, limits, reception, steps, knownBrowsers, enterAs, audit, demo } = options;

  async function page(ctx: Context, visit: Visit, email?: string, error?: SignInError) {
    const code = normalizeUserCode(waitingCode(steps.read(ctx, visit))?.userCode ?? '');
    const userCode = code && formatUserCode(code);
    const providers = await listOfferedProviders(db);
    return signInPage({ ...reception.frame(visit), userCode, email, error, demo, providers });
  }

  async function show(ctx: Context): Promise<void> {
    const visit = await reception.receive(ctx);
    if (visit.session) return seeOther(ctx, `${base}/account`);
    showPage(ctx, await page(ctx, visit));
  }

  async function enter(ctx: Context): Promise<void> {
    const { visit, form } = await reception.receiveForm(ctx);
    const email = fieldOf(form, 'email')?.trim() ?? '';
    const password = fieldOf(form, 'password') ?? '';
    if (email === '' || password === '') return showPage(ctx, await page(ctx, visit, email, 'missing'), 400);
    const network = addressPrefix(addressOf(ctx));
    const attempt = { email, password, network, knownBrowser: knownBrowsers.read(ctx) };
    const result = await signIn(db, limits, attempt, (tried) => audit.note(signInTried(tried, traceOf(ctx))));
    switch (result.outcome) {
      case 'wrong':
        return showPage(ctx, await page(ctx, visit, email, 'wrong'), 400);
      case 'too_many_tries':
        return showWaitPage(ctx, await page(ctx, visit, email, 'too_many_tries'), result.retryAfterSeconds);
      case 'signed_in':
        return await enterAs(ctx, visit, result.user.id, result.amr);
    }
  }

  async function leave(ctx: Context): Promise<void> {
    const { visit } = await reception.receiveForm(ctx);
    await reception.dismiss(ctx, visit);
    seeOther(ctx, `${base}/signed-out`);
  }

  async function showSignedOut(ctx: Context): Promise<void> {
    const visit = await reception.receive(ctx);
    if (visit.session) return seeOther(ctx, `${base}/account`);
    showPage(ctx, signedOutPage(reception.frame(visit)));
  }

  return {
    '/sign-in': { answers: 'html', GET: show, POST: enter },
    '/sign-out': { answers: 'html', POST: leave },
    '/signed-out': { answers: 'html', GET: showSignedOut },
  };
}
