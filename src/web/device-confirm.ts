import type { Context } from 'koa';
import { type ConfirmModel, confirmPage, type Hindrance, type NumberModel } from '../../views/confirm.ts';
import type { Outcome } from '../../views/outcome.ts';
import type { AuditLog } from '../audit/audit-log.ts';
import type { Envelope } from '../envelope.ts';
import { AppError } from '../errors.ts';
import { addressOf } from '../http/client-address.ts';
import { type Form, fieldOf } from '../http/form.ts';
import type { Routes } from '../http/router.ts';
import { traceOf } from '../http/trace.ts';
import type { Notices } from '../notices/notices.ts';
import type { Approval, ApprovalRefusal } from '../oauth/approval.ts';
import type { DeviceRequest, DeviceRequests } from '../oauth/device.ts';
import { type Agreed, type ApprovalOutcome, numberTries } from '../oauth/device-decision.ts';
import { findUnmetDemand } from '../oauth/device-demands.ts';
import type { Session } from '../users/session.ts';
import type { DevicePages } from './device.ts';
import type { DeviceStep, DeviceSteps } from './device-step.ts';
import { deviceDecided, deviceRefused, tellReport } from './events.ts';
import { requestInWords } from './own-api.ts';
import { seeOther, showPage } from './page.ts';
import type { Reception, Visit } from './reception.ts';
import type { Sightings } from './sighting.ts';
import { hasRecentSecondFactor, type StepUp } from './step-up.ts';

/** Ties a decision to the request that its page showed, to whom, and to what it said that the device would get, and where. */
export type Ticket = { id: string; userId: string; clientId: string; clientName: string; agreed: Agreed };

/** Seconds for which a page may be decided on. */
export const ticketSeconds = 600;

/** Where a decision leads: to the last page, or back to this one, which tells what is in the way. */
const outcomes = {
  approved: 'allowed',
  denied: 'denied',
  reported: 'reported',
  expired: 'expired',
  used: 'already_used',
  foreign: 'refused',
  powerless: 'powerless',
  numbers_spent: 'numbers_spent',
  no_number: undefined,
  wrong_number: undefined,
  other_network: undefined,
  second_factor: undefined,
} as const satisfies Record<string, Outcome | undefined>;

/** Compare and decide. Only who opened the request sees the page. */
export function createConfirmRoutes(options: {
  base: string;
  reception: Reception;
  steps: DeviceSteps;
  tickets: Envelope<Ticket>;
  devicePages: DevicePages;
  deviceRequests: DeviceRequests;
  sightings: Sightings;
  stepUp: StepUp;
  audit: AuditLog;
  notices: Notices;
  /** The URI of the management API, which speaks as the reader does. */
  ownApi: string;
}): Routes {
  const { base, reception, steps, tickets, devicePages, deviceRequests, sightings, stepUp, audit, notices } =
    options;

  async function show(ctx: Context): Promise<void> {
    const visit = await reception.receive(ctx);
    const step = steps.read(ctx, visit);
    const isOpen = step?.step === 'opened' || step?.step === 'waiting';
    if (!isOpen) return seeOther(ctx, `${base}/device`);
    if (!visit.session) {
      steps.write(ctx, visit, {
        step: 'waiting',
        userCode: step.userCode,
        isLinked: step.step === 'waiting' && step.isLinked,
      });
      return seeOther(ctx, `${base}/sign-in`);
    }
    if (step.step !== 'opened' || step.userId !== visit.session.userId)
      return seeOther(ctx, `${base}/device`);
    await showRequest(ctx, visit, visit.session, step);
  }

  async function showRequest(
    ctx: Context,
    visit: Visit,
    session: Session,
    { userCode, missesNumber }: Extract<DeviceStep, { step: 'opened' }>,
  ): Promise<void> {
    const found = await deviceRequests.find(userCode);
    if (!found) return devicePages.showRefusal(ctx, visit, { step: 'refused', userCode });
    const request = requestInWords(found, options.ownApi, visit.locale);
    const approval = await deviceRequests.weigh(request, session);
    if ('refusal' in approval && approval.refusal === 'undecided')
      return seeOther(ctx, `${base}/organization`);
    const { id, clientId, clientName } = request;
    const isKnown = await deviceRequests.isKnown(clientId, session.userId);
    const agreed = toAgreed(approval);
    const ticket = tickets.seal({ id, userId: session.userId, clientId, clientName, agreed });
    const seen = describeApproval(request, approval);
    const model = {
      ...describe(request, { isFirstTime: !isKnown }),
      ...seen,
      hindrance: seen.hindrance ?? unmetDemand(ctx, session, request, seen.scopes),
      number: request.demands.number ? toNumber(request, missesNumber === true) : undefined,
      device: sightings.device(request),
      you: sightings.approver(ctx),
    };
    showPage(ctx, confirmPage({ ...reception.frame(visit), ticket, ...model }));
  }

  async function decide(ctx: Context): Promise<void> {
    const { visit, form } = await reception.receiveForm(ctx);
    const { session } = visit;
    if (!session) return devicePages.showRefusal(ctx, visit, 'sign_in_first');
    const decision = fieldOf(form, 'decision') ?? '';
    if (decision === 'step_up') return stepUp.ask(ctx, visit, '/device/confirm');
    if (!isDecision(decision)) throw new AppError('bad_request');
    const ticket = tickets.open(fieldOf(form, 'ticket') ?? '');
    const finish = (outcome: Outcome, done: { clientName?: string; grantId?: string } = {}) => {
      steps.write(ctx, visit, { step: 'done', userId: session.userId, outcome, ...done });
      seeOther(ctx, `${base}/device/done`);
    };
    if (!ticket) return finish('expired');
    if (ticket.userId !== session.userId) return finish('refused');
    const { clientName } = ticket;
    const result = await carryOut(ctx, visit, session, ticket, { decision, form });
    const outcome = outcomes[result.outcome];
    if (outcome === undefined) return goBack(ctx, visit, session, result.outcome === 'no_number');
    const isTheirs = outcome === 'allowed' || outcome === 'denied';
    finish(outcome, {
      ...(isTheirs && { clientName }),
      ...(result.outcome === 'approved' && { grantId: result.grantId }),
    });
  }

  async function carryOut(
    ctx: Context,
    { sessionId = '' }: Visit,
    session: Session,
    { id, clientId, clientName, agreed }: Ticket,
    { decision, form }: { decision: Decision; form: Form },
  ): Promise<ApprovalOutcome | { outcome: 'denied' | 'reported' }> {
    const { userId } = session;
    const trace = traceOf(ctx);
    const acting = { ...session, organizationId: agreed.organizationId ?? session.organizationId };
    switch (decision) {
      case 'allow': {
        const number = fieldOf(form, 'number');
        const hasSecondFactor = hasRecentSecondFactor(session);
        const approver = { ...session, sessionId, address: addressOf(ctx), hasSecondFactor, number };
        const { address, system } = sightings.approver(ctx);
        const result = await deviceRequests.approve(id, approver, agreed, async (tx, decided, ending) => {
          if (ending === 'approved')
            await notices.deviceApproved(tx, userId, { program: clientName, address, system });
          await audit.record(tx, deviceDecided(ending, acting, decided, trace));
        });
        const { outcome } = result;
        if (outcome !== 'approved' && outcome !== 'numbers_spent')
          audit.note(deviceRefused(outcome, acting, clientId, trace));
        return result;
      }
      case 'deny': {
        const outcome = await deviceRequests.deny(id, userId, (tx, decided) =>
          audit.record(tx, deviceDecided('denied', acting, decided, trace)),
        );
        return { outcome };
      }
      case 'report': {
        const outcome = await deviceRequests.report(id, userId, (tx, reported) =>
          tellReport({ audit, notices }, tx, { session: acting, reported, trace }),
        );
        return { outcome };
      }
    }
  }

  function goBack(ctx: Context, visit: Visit, { userId }: Session, missesNumber: boolean): void {
    const step = steps.read(ctx, visit);
    if (step?.step === 'opened')
      steps.write(ctx, visit, { step: 'opened', userCode: step.userCode, userId, missesNumber });
    seeOther(ctx, `${base}/device/confirm`);
  }

  return { '/device/confirm': { answers: 'html', GET: show, POST: decide } };
}

const decisions = ['allow', 'deny', 'report'] as const;
type Decision = (typeof decisions)[number];

function isDecision(text: string): text is Decision {
  return decisions.some((each) => each === text);
}

function describe(request: DeviceRequest, { isFirstTime }: { isFirstTime: boolean }) {
  const { lastsSeconds, registeredItself, publisher } = request;
  return {
    userCode: request.userCode,
    client: { name: request.clientName, publisher, registeredItself, isFirstTime },
    api: request.resource,
    accessSeconds: lastsSeconds,
    stayingSignedInSeconds: request.offlineAccess ? lastsSeconds : undefined,
  };
}

function toNumber({ wrongNumbers }: DeviceRequest, isMissing: boolean): NumberModel {
  const mistake = isMissing ? 'missing' : wrongNumbers > 0 ? 'wrong' : undefined;
  return { mistake, triesLeft: numberTries - wrongNumbers };
}

function unmetDemand(
  ctx: Context,
  session: Session,
  { demands, askedFrom }: DeviceRequest,
  scopes: readonly { name: string }[],
): Hindrance | undefined {
  const names = scopes.map(({ name }) => name);
  return findUnmetDemand(
    demands,
    { address: addressOf(ctx), hasSecondFactor: hasRecentSecondFactor(session) },
    { askedFrom: askedFrom.address, scopes: names },
  );
}

type Weighed = Approval | { refusal: ApprovalRefusal };

function toAgreed(approval: Weighed): Agreed {
  if ('refusal' in approval) return { organizationId: undefined, scopes: [] };
  return { organizationId: approval.organization?.id, scopes: approval.given };
}

function describeApproval(
  { scopes, offlineAccess }: DeviceRequest,
  approval: Weighed,
): Pick<ConfirmModel, 'organization' | 'scopes' | 'lacking' | 'hindrance'> {
  if ('refusal' in approval) {
    const hindrance = approval.refusal === 'undecided' ? 'stranger' : approval.refusal;
    return { scopes, lacking: [], hindrance };
  }
  const { organization, given, lacking } = approval;
  const named = (names: readonly string[]) => scopes.filter(({ name }) => names.includes(name));
  return {
    organization,
    scopes: [...named(given), ...(offlineAccess ? [{ name: 'offline_access' }] : [])],
    lacking: named(lacking),
    hindrance: given.length === 0 ? 'powerless' : undefined,
  };
}
