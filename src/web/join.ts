import type { Context } from 'koa';
import {
  type InvitationModel,
  invitationPage,
  type JoinError,
  joinedPage,
  joinPage,
} from '../../views/join.ts';
import type { AuditLog } from '../audit/audit-log.ts';
import { addressOf, addressPrefix } from '../http/client-address.ts';
import { fieldOf } from '../http/form.ts';
import type { Routes } from '../http/router.ts';
import { traceOf } from '../http/trace.ts';
import type { Limits } from '../limits/limits.ts';
import { findInvitation, type Invitation } from '../organizations/invitation.ts';
import type { Database } from '../postgres/pool.ts';
import type { TokenFormat } from '../secret.ts';
import { type PasswordRefusal, passwordLength } from '../users/password.ts';
import { chooseOrganization } from '../users/session.ts';
import { findUserByEmail } from '../users/user.ts';
import { type Acceptance, acceptAs, registerAndAccept, type TellAccepted } from './admission.ts';
import { invitationAccepted } from './events.ts';
import type { JoinSteps } from './join-step.ts';
import { allowScript, seeOther, showPage, showWaitPage } from './page.ts';
import type { Reception, Visit } from './reception.ts';

/**
 * Accepting invitations. The text of one comes in a form, never in an address, and waits in a sealed cookie; GET changes
 * nothing.
 */
export function createJoinRoutes(options: {
  db: Database;
  base: string;
  limits: Limits;
  format: TokenFormat;
  reception: Reception;
  steps: JoinSteps;
  audit: AuditLog;
}): Routes {
  const { db, base, limits, format, reception, steps, audit } = options;

  function page(ctx: Context, visit: Visit, error?: JoinError) {
    // It hands on what stands behind the `#` of the link.
    allowScript(ctx);
    return joinPage({ ...reception.frame(visit), error });
  }

  async function show(ctx: Context): Promise<void> {
    showPage(ctx, page(ctx, await reception.receive(ctx)));
  }

  async function take(ctx: Context): Promise<void> {
    const { visit, form } = await reception.receiveForm(ctx);
    const text = textOf(fieldOf(form, 'invitation') ?? '');
    if (text === '') return showPage(ctx, page(ctx, visit, 'missing'), 400);
    const network = addressPrefix(addressOf(ctx));
    const allowance = await limits.take('invitation_by_address', network);
    if (!allowance.allowed) {
      return showWaitPage(ctx, page(ctx, visit, 'too_many_tries'), allowance.retryAfterSeconds);
    }
    const isWellFormed = format.parse(text)?.kind === 'in';
    const invitation = isWellFormed ? await findInvitation(db, text) : undefined;
    if (!invitation) return showPage(ctx, page(ctx, visit, 'unknown'), 400);
    await limits.giveBack('invitation_by_address', network);
    steps.write(ctx, visit, { step: 'invited', text });
    seeOther(ctx, `${base}/join/confirm`);
  }

  /** The text that waits in this browser, and its invitation if that is open still. */
  async function waiting(ctx: Context, visit: Visit) {
    const step = steps.read(ctx, visit);
    if (step?.step !== 'invited') return undefined;
    return { text: step.text, invitation: await findInvitation(db, step.text) };
  }

  async function showInvitation(ctx: Context): Promise<void> {
    const visit = await reception.receive(ctx);
    const found = await waiting(ctx, visit);
    if (!found) return seeOther(ctx, `${base}/join`);
    if (!found.invitation) return forget(ctx, visit);
    showPage(ctx, await describe(visit, found.invitation));
  }

  async function describe(visit: Visit, invitation: Invitation, refusal?: PasswordRefusal | 'different') {
    const { email, role, organizationName: organization } = invitation;
    return invitationPage({
      ...reception.frame(visit),
      organization,
      role,
      email,
      step: await stepOf(visit, email),
      least: passwordLength.least,
      error: refusal && describeRefusal(refusal),
    });
  }

  async function stepOf({ session }: Visit, email: string): Promise<InvitationModel['step']> {
    if (session) return session.email === email ? 'accept' : 'foreign';
    return (await findUserByEmail(db, email)) ? 'sign_in' : 'register';
  }

  async function accept(ctx: Context): Promise<void> {
    const { visit, form } = await reception.receiveForm(ctx);
    const found = await waiting(ctx, visit);
    if (!found) return seeOther(ctx, `${base}/join`);
    const { text, invitation } = found;
    if (!invitation) return forget(ctx, visit);
    const { session } = visit;
    const tell: TellAccepted = (tx, accepted) =>
      audit.record(tx, ...invitationAccepted(accepted, traceOf(ctx)));
    if (session) return await finish(ctx, visit, invitation, await acceptAs(db, text, session, tell));
    const password = fieldOf(form, 'password') ?? '';
    if (password !== fieldOf(form, 'password_again'))
      return showPage(ctx, await describe(visit, invitation, 'different'), 400);
    await finish(ctx, visit, invitation, await registerAndAccept(db, text, password, tell));
  }

  async function finish(
    ctx: Context,
    visit: Visit,
    invitation: Invitation,
    acceptance: Acceptance,
  ): Promise<void> {
    if ('accepted' in acceptance) {
      const { userId } = acceptance;
      const { organizationId, organizationName: organization } = acceptance.accepted;
      const present = visit.session ? visit : await reception.admit(ctx, visit, { userId, amr: ['pwd'] });
      if (present.sessionId !== undefined) await chooseOrganization(db, present.sessionId, organizationId);
      steps.write(ctx, present, { step: 'joined', userId, organization });
      return seeOther(ctx, `${base}/join/done`);
    }
    switch (acceptance.refusal) {
      case 'password':
        return showPage(ctx, await describe(visit, invitation, acceptance.reason), 400);
      case 'unknown':
        return forget(ctx, visit);
      // The page says what there is to do instead.
      case 'exists':
        return showPage(ctx, await describe(visit, invitation), 400);
    }
  }

  function forget(ctx: Context, visit: Visit): void {
    steps.clear(ctx);
    showPage(ctx, page(ctx, visit, 'unknown'), 400);
  }

  async function showJoined(ctx: Context): Promise<void> {
    const visit = await reception.receive(ctx);
    const step = steps.read(ctx, visit);
    if (step?.step !== 'joined' || step.userId !== visit.session?.userId)
      return seeOther(ctx, `${base}/join`);
    showPage(ctx, joinedPage({ ...reception.frame(visit), organization: step.organization }));
  }

  return {
    '/join': { answers: 'html', GET: show, POST: take },
    '/join/confirm': { answers: 'html', GET: showInvitation, POST: accept },
    '/join/done': { answers: 'html', GET: showJoined },
  };
}

/** People paste the whole link; the script sends only what stands behind its `#`. */
function textOf(pasted: string): string {
  return pasted.trim().replace(/^.*#/, '').slice(0, 200);
}

function describeRefusal(refusal: PasswordRefusal | 'different'): InvitationModel['error'] {
  if (refusal === 'different') return { error: 'different' };
  const { refusal: error, ...limits } = refusal;
  return { error, ...limits } as InvitationModel['error'];
}
