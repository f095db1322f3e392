import type { Context } from 'koa';
import { type ProviderProblem, providerProblemPage } from '../../views/provider.ts';
import type { AuditLog } from '../audit/audit-log.ts';
import { AppError } from '../errors.ts';
import { type Admission, arrive } from '../federation/arrival.ts';
import type { Assertion } from '../federation/assertion.ts';
import type { Fault } from '../federation/fault.ts';
import type { Expectation, RelyingParty } from '../federation/relying-party.ts';
import { fieldOf } from '../http/form.ts';
import { paramsOf, type Routes } from '../http/router.ts';
import { traceOf } from '../http/trace.ts';
import { findIdentityProvider, type IdentityProvider } from '../identity-providers/identity-provider.ts';
import { spendState } from '../identity-providers/state.ts';
import type { Log } from '../log.ts';
import type { Database } from '../postgres/pool.ts';
import { chooseOrganization } from '../users/session.ts';
import { type Departure, expectationSeconds } from './departure.ts';
import type { Entry } from './entry.ts';
import type { JoinSteps } from './join-step.ts';
import { seeOther, showPage, showWaitPage } from './page.ts';
import { admitted, providerRefused, providerSignIn } from './provider-events.ts';
import type { ProviderStepUp } from './provider-step-up.ts';
import type { Reception, Visit } from './reception.ts';
import type { SealedCookie } from './sealed-cookie.ts';

/** Signing in at an identity provider: away with a form, back with an answer that must fit what this browser keeps. */
export function createProviderRoutes(options: {
  db: Database;
  base: string;
  reception: Reception;
  /** What the answer that a browser was sent away for must fit. */
  expectations: SealedCookie<Expectation>;
  relyingParty: RelyingParty;
  depart: Departure;
  stepUp: ProviderStepUp;
  joinSteps: JoinSteps;
  enterAs: Entry;
  audit: AuditLog;
  log: Log;
}): Routes {
  const { db, base, reception, expectations, relyingParty, depart, stepUp, joinSteps, audit, log } = options;

  function refuse(ctx: Context, visit: Visit, problem: ProviderProblem, status = 400): void {
    showPage(ctx, providerProblemPage({ ...reception.frame(visit), problem }), status);
  }

  function showFault(ctx: Context, visit: Visit, provider: IdentityProvider, { fault, cause }: Fault): void {
    const { name } = provider;
    if (fault === 'stopped') {
      refuse(ctx, visit, { problem: fault, provider: name });
      return;
    }
    log.warn({ err: cause, provider: provider.id }, 'a sign-in at an identity provider has failed');
    audit.note(providerRefused(provider, fault, undefined, traceOf(ctx)));
    refuse(ctx, visit, { problem: fault, provider: name }, fault === 'unavailable' ? 503 : 400);
  }

  async function begin(ctx: Context): Promise<void> {
    const { visit, form } = await reception.receiveForm(ctx);
    const provider = await findEnabled(fieldOf(form, 'provider') ?? '');
    if (!provider) return refuse(ctx, visit, { problem: 'gone' }, 404);
    const departed = await depart(ctx, visit, provider);
    if ('fault' in departed) return showFault(ctx, visit, provider, departed);
    if ('retryAfterSeconds' in departed) {
      const page = providerProblemPage({ ...reception.frame(visit), problem: { problem: 'too_many_tries' } });
      showWaitPage(ctx, page, departed.retryAfterSeconds);
    }
  }

  async function findEnabled(id: string): Promise<IdentityProvider | undefined> {
    const provider = await findIdentityProvider(db, id);
    return provider?.disabledAt ? undefined : provider;
  }

  async function finish(ctx: Context): Promise<void> {
    const visit = await reception.receive(ctx);
    const expectation = expectations.read(ctx, visit);
    const provider = await findEnabled(paramsOf(ctx).provider ?? '');
    // Whoever was not sent away from here is not told which providers there are.
    if (!expectation || expectation.providerId !== paramsOf(ctx).provider)
      return refuse(ctx, visit, { problem: 'lost' });
    if (!provider) return refuse(ctx, visit, { problem: 'gone' }, 404);
    if (
      ctx.query.state !== expectation.state ||
      !(await spendState(db, expectation.state, expectationSeconds))
    )
      return refuse(ctx, visit, { problem: 'lost' });
    expectations.clear(ctx);
    const finished = await relyingParty.finish(provider, ctx.querystring, expectation);
    if (expectation.maxAge !== undefined) return await stepUp.finish(ctx, visit, provider, finished);
    if ('fault' in finished) return showFault(ctx, visit, provider, finished);
    await receive(ctx, visit, provider, finished.assertion);
  }

  async function receive(
    ctx: Context,
    visit: Visit,
    provider: IdentityProvider,
    assertion: Assertion,
  ): Promise<void> {
    const trace = traceOf(ctx);
    const joining = joinSteps.read(ctx, visit);
    const invitation = joining?.step === 'invited' ? joining.text : undefined;
    const arrival = await arrive(db, provider, assertion, invitation, (tx, admission) =>
      audit.record(tx, ...admitted(provider, admission, trace)),
    );
    if ('refusal' in arrival) {
      audit.note(providerRefused(provider, arrival.refusal, arrival.user, trace));
      const { refusal } = arrival;
      const { name, organizationName: organization } = provider;
      return refuse(ctx, visit, { problem: refusal, provider: name, organization, email: assertion.email });
    }
    audit.note(providerSignIn(provider, arrival.admission.user, assertion, trace));
    await enter(ctx, visit, provider, assertion, arrival.admission);
  }

  async function enter(
    ctx: Context,
    visit: Visit,
    provider: IdentityProvider,
    { amr, acr, authenticatedAt }: Assertion,
    { user, accepted }: Admission,
  ): Promise<void> {
    const federated = { identityProvider: provider.id, acr, authenticatedAt };
    const entrant = { userId: user.id, amr, federated };
    if (!accepted) return await options.enterAs(ctx, visit, entrant);
    const present = await reception.admit(ctx, visit, entrant);
    if (present.sessionId === undefined) throw new AppError('internal');
    await chooseOrganization(db, present.sessionId, accepted.organizationId);
    joinSteps.write(ctx, present, {
      step: 'joined',
      userId: user.id,
      organization: accepted.organizationName,
    });
    seeOther(ctx, `${base}/join/done`);
  }

  return {
    '/sign-in/provider': { answers: 'html', POST: begin },
    '/sign-in/callback/{provider}': { answers: 'html', GET: finish },
  };
}
