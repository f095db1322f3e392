import type { Context } from 'koa';
import type { StepUpError } from '../../views/step-up.ts';
import type { AuditLog } from '../audit/audit-log.ts';
import type { Assertion } from '../federation/assertion.ts';
import type { Fault } from '../federation/fault.ts';
import type { Routes } from '../http/router.ts';
import { traceOf } from '../http/trace.ts';
import { findIdentityUser } from '../identity-providers/identity.ts';
import { findIdentityProvider, type IdentityProvider } from '../identity-providers/identity-provider.ts';
import type { Log } from '../log.ts';
import type { Database } from '../postgres/pool.ts';
import { recentSeconds } from '../users/authentication-context.ts';
import type { Departure } from './departure.ts';
import { seeOther } from './page.ts';
import { providerRefused } from './provider-events.ts';
import type { Reception, Visit } from './reception.ts';
import type { StepUp } from './step-up.ts';

/** Proving again who one is at the identity provider where one has signed in. */
export type ProviderStepUp = {
  routes: Routes;
  /** Takes what the provider has answered: from the person of the session, and from nobody else. */
  finish(
    ctx: Context,
    visit: Visit,
    provider: IdentityProvider,
    finished: { assertion: Assertion } | Fault,
  ): Promise<void>;
};

const errors = {
  stopped: 'provider_stopped',
  unavailable: 'provider_unavailable',
  untrustworthy: 'provider_not_anew',
} as const satisfies Record<Fault['fault'], StepUpError>;

/** Sends who is signed in to their provider once more, which must say when and as whom they have signed in there. */
export function createProviderStepUp(options: {
  db: Database;
  base: string;
  reception: Reception;
  depart: Departure;
  stepUp: StepUp;
  audit: AuditLog;
  log: Log;
}): ProviderStepUp {
  const { db, base, reception, depart, stepUp, audit, log } = options;

  async function showFault(ctx: Context, visit: Visit, provider: IdentityProvider, { fault, cause }: Fault) {
    if (fault !== 'stopped') {
      log.warn({ err: cause, provider: provider.id }, 'a sign-in at an identity provider has failed');
      audit.note(providerRefused(provider, fault, undefined, traceOf(ctx)));
    }
    await stepUp.refuse(ctx, visit, errors[fault], { status: fault === 'unavailable' ? 503 : 400 });
  }

  async function begin(ctx: Context): Promise<void> {
    const { visit } = await reception.receiveForm(ctx);
    const { session } = visit;
    if (!session) return seeOther(ctx, `${base}/sign-in`);
    const provider = await findIdentityProvider(db, session.identityProvider ?? '');
    if (!provider) return seeOther(ctx, `${base}/step-up`);
    const departed = await depart(ctx, visit, provider, recentSeconds);
    if ('fault' in departed) return await showFault(ctx, visit, provider, departed);
    if ('retryAfterSeconds' in departed) await stepUp.refuse(ctx, visit, 'too_many_tries', departed);
  }

  return {
    routes: { '/step-up/provider': { answers: 'html', POST: begin } },
    async finish(ctx, visit, provider, finished) {
      const { session } = visit;
      if (session?.identityProvider !== provider.id) return seeOther(ctx, `${base}/sign-in`);
      if ('fault' in finished) return await showFault(ctx, visit, provider, finished);
      const { subject, amr, authenticatedAt: at } = finished.assertion;
      if ((await findIdentityUser(db, { providerId: provider.id, subject })) !== session.userId) {
        audit.note(providerRefused(provider, 'another_person', undefined, traceOf(ctx)));
        return await stepUp.refuse(ctx, visit, 'provider_other_person');
      }
      await stepUp.accept(ctx, visit, session, { password: true, amr, at });
    },
  };
}
