import type { Context } from 'koa';
import { type SignInError, signInPage } from '../../views/sign-in.ts';
import { signedOutPage } from '../../views/signed-out.ts';
import type { AuditLog } from '../audit/audit-log.ts';
import { addressOf, addressPrefix } from '../http/client-address.ts';
import { fieldOf } from '../http/form.ts';
import type { Routes } from '../http/router.ts';
import { traceOf } from '../http/trace.ts';
import type { Limits } from '../limits/limits.ts';
import { formatUserCode, normalizeUserCode } from '../oauth/user-code.ts';
import type { Database } from '../postgres/pool.ts';
import { signIn } from '../users/sign-in.ts';
import type { DeviceSteps } from './device-step.ts';
import { waitingCode } from './entry.ts';
import { signInFailed } from './events.ts';
import type { JoinSteps } from './join-step.ts';
import type { KnownBrowsers } from './known-browser.ts';
import { allowScript, seeOther, showPage, showWaitPage } from './page.ts';
import type { PasskeyDesk } from './passkey-desk.ts';
import { createProviderOffers, type Named } from './provider-offer.ts';
import type { Reception, Visit } from './reception.ts';
import type { SecondFactors } from './second-factor.ts';

/** Why nobody was signed in, and when the next try may be. */
export type SignInRefusal = { error: SignInError; retryAfterSeconds?: number };

/** The page to sign in with, and to sign out. */
export type SignInPages = {
  routes: Routes;
  show(ctx: Context, visit: Visit, refusal: SignInRefusal): Promise<void>;
};

/** Signing in and out. Nothing in a request can say where to go afterwards. */
export function createSignInPages(options: {
  db: Database;
  base: string;
  limits: Limits;
  reception: Reception;
  steps: DeviceSteps;
  joinSteps: JoinSteps;
  knownBrowsers: KnownBrowsers;
  passkeys: PasskeyDesk;
  secondFactors: SecondFactors;
  audit: AuditLog;
  demo: { email: string; password: string } | undefined;
}): SignInPages {
  const { db, base, limits, reception, steps, knownBrowsers, passkeys, secondFactors, audit, demo } = options;

  const offerProviders = createProviderOffers(options);

  async function page(
    ctx: Context,
    visit: Visit,
    { email, error, named = {} }: { email?: string; error?: SignInError | undefined; named?: Named } = {},
  ) {
    allowScript(ctx);
    const code = normalizeUserCode(waitingCode(steps.read(ctx, visit))?.userCode ?? '');
    const userCode = code && formatUserCode(code);
    const passkey = await passkeys.offer(visit, { purpose: 'sign_in' });
    const { providers, canAskByEmail } = await offerProviders(ctx, visit, named);
    const organization = named.organizationId;
    const offered = { passkey, providers, canAskByEmail, organization };
    return signInPage({ ...reception.frame(visit), userCode, email, error, demo, ...offered });
  }

  async function show(ctx: Context): Promise<void> {
    const visit = await reception.receive(ctx);
    if (visit.session) return seeOther(ctx, `${base}/account`);
    showPage(ctx, await page(ctx, visit, { named: { organizationId: organizationIn(ctx.query) } }));
  }

  async function enter(ctx: Context): Promise<void> {
    const { visit, form } = await reception.receiveForm(ctx);
    const email = fieldOf(form, 'email')?.trim() ?? '';
    const password = fieldOf(form, 'password') ?? '';
    const network = addressPrefix(addressOf(ctx));
    if (fieldOf(form, 'way') === 'organization') return await leadOn(ctx, visit, email, network);
    const entered = { email, named: { organizationId: fieldOf(form, 'organization') } };
    const refusing = (error: SignInError) => page(ctx, visit, { ...entered, error });
    if (email === '' || password === '') return showPage(ctx, await refusing('missing'), 400);
    const attempt = { email, password, network, knownBrowser: knownBrowsers.read(ctx) };
    const result = await signIn(db, limits, attempt, (tried) => {
      if (tried.outcome !== 'signed_in') audit.note(signInFailed(tried, traceOf(ctx)));
    });
    switch (result.outcome) {
      case 'wrong':
        return showPage(ctx, await refusing('wrong'), 400);
      case 'too_many_tries':
        return showWaitPage(ctx, await refusing('too_many_tries'), result.retryAfterSeconds);
      case 'signed_in':
        return await secondFactors.enter(ctx, visit, result.user, result.amr);
    }
  }

  /** To an organization's own providers by the domain of an address; whether anybody has it plays no part. */
  async function leadOn(ctx: Context, visit: Visit, email: string, network: string): Promise<void> {
    const allowance = await limits.take('provider_by_address', network);
    if (!allowance.allowed) {
      const waiting = await page(ctx, visit, { email, error: 'too_many_tries' });
      return showWaitPage(ctx, waiting, allowance.retryAfterSeconds);
    }
    const { hasOwn } = await offerProviders(ctx, visit, { email });
    const error = hasOwn ? undefined : ('no_provider' as const);
    showPage(ctx, await page(ctx, visit, { email, error, named: { email } }), hasOwn ? 200 : 400);
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
    async show(ctx, visit, { error, retryAfterSeconds }) {
      const refusing = await page(ctx, visit, { error });
      if (retryAfterSeconds === undefined) showPage(ctx, refusing, 400);
      else showWaitPage(ctx, refusing, retryAfterSeconds);
    },
    routes: {
      '/sign-in': { answers: 'html', GET: show, POST: enter },
      '/sign-out': { answers: 'html', POST: leave },
      '/signed-out': { answers: 'html', GET: showSignedOut },
    },
  };
}

/** The organization that an address names (`?organization=`), if it names one. */
function organizationIn({ organization }: Context['query']): string | undefined {
  return typeof organization === 'string' ? organization : undefined;
}
