import type { Context } from 'koa';
import { type ConfirmModel, confirmPage } from '../../views/confirm.ts';
import { type Outcome, outcomePage } from '../../views/outcome.ts';
import type { AuditLog } from '../audit/audit-log.ts';
import type { Clock } from '../clock.ts';
import type { Envelope } from '../envelope.ts';
import { AppError } from '../errors.ts';
import { addressOf } from '../http/client-address.ts';
import { fieldOf } from '../http/form.ts';
import type { Routes } from '../http/router.ts';
import { traceOf } from '../http/trace.ts';
import type { Notices } from '../notices/notices.ts';
import type { Approval, ApprovalRefusal } from '../oauth/approval.ts';
import type { Agreed, Decided, DeviceRequest, DeviceRequests } from '../oauth/device.ts';
import type { Database } from '../postgres/pool.ts';
import type { DevicePages } from './device.ts';
import type { DeviceSteps } from './device-step.ts';
import { deviceDecided } from './events.ts';
import { seeOther, showPage } from './page.ts';
import type { Reception } from './reception.ts';
import { claimedSystem } from './user-agent.ts';

/** Ties a decision to the request that its page showed, to whom, and to what it said that the device would get, and where. */
export type Ticket = { id: string; userId: string; clientName: string; agreed: Agreed };

/** Seconds for which a page may be decided on. */
export const ticketSeconds = 600;

const outcomes = {
  approved: 'allowed',
  denied: 'denied',
  expired: 'expired',
  used: 'already_used',
  foreign: 'refused',
  powerless: 'powerless',
} as const satisfies Record<string, Outcome>;

/** Compare and decide, then the outcome. Only who opened the request sees the first, only who decided the second. */
export function createConfirmRoutes(options: {
  base: string;
  reception: Reception;
  steps: DeviceSteps;
  tickets: Envelope<Ticket>;
  devicePages: DevicePages;
  deviceRequests: DeviceRequests;
  audit: AuditLog;
  notices: Notices;
  clock: Clock;
}): Routes {
  const { base, reception, steps, tickets, devicePages, deviceRequests, audit, notices, clock } = options;

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
    const { userId } = visit.session;
    if (step.step !== 'opened' || step.userId !== userId) return seeOther(ctx, `${base}/device`);
    const request = await deviceRequests.find(step.userCode);
    if (!request) return devicePages.showRefusal(ctx, visit, { step: 'refused', userCode: step.userCode });
    const approval = await deviceRequests.weigh(request, visit.session);
    if ('refusal' in approval && approval.refusal === 'undecided')
      return seeOther(ctx, `${base}/organization`);
    const agreed = toAgreed(approval);
    const ticket = tickets.seal({ id: request.id, userId, clientName: request.clientName, agreed });
    const model = { ...describe(request), ...describeApproval(request, approval), you: sight(ctx) };
    showPage(ctx, confirmPage({ ...reception.frame(visit), ticket, ...model }));
  }

  async function decide(ctx: Context): Promise<void> {
    const { visit, form } = await reception.receiveForm(ctx);
    const { session } = visit;
    if (!session) return devicePages.showRefusal(ctx, visit, 'sign_in_first');
    const decision = fieldOf(form, 'decision');
    if (decision !== 'allow' && decision !== 'deny') throw new AppError('bad_request');
    const ticket = tickets.open(fieldOf(form, 'ticket') ?? '');
    const finish = (outcome: Outcome, clientName?: string) => {
      const { userId } = session;
      steps.write(ctx, visit, { step: 'done', userId, outcome, ...(clientName && { clientName }) });
      seeOther(ctx, `${base}/device/done`);
    };
    if (!ticket) return finish('expired');
    if (ticket.userId !== session.userId) return finish('refused');
    const { organizationId = session.organizationId } = ticket.agreed;
    const tell = (action: 'device.approved' | 'device.denied') => (tx: Database, decided: Decided) =>
      audit.record(tx, deviceDecided(action, { ...session, organizationId }, decided, traceOf(ctx)));
    const { address, system } = sight(ctx);
    const result =
      decision === 'allow'
        ? await deviceRequests.approve(
            ticket.id,
            session.userId,
            session,
            ticket.agreed,
            async (tx, decided) => {
              const device = { program: ticket.clientName, address, system };
              await notices.deviceApproved(tx, session.userId, device);
              await tell('device.approved')(tx, decided);
            },
          )
        : await deviceRequests.deny(ticket.id, session.userId, tell('device.denied'));
    finish(outcomes[result], result === 'approved' || result === 'denied' ? ticket.clientName : undefined);
  }

  async function showOutcome(ctx: Context): Promise<void> {
    const visit = await reception.receive(ctx);
    const step = steps.read(ctx, visit);
    if (step?.step !== 'done' || step.userId !== visit.session?.userId)
      return seeOther(ctx, `${base}/device`);
    const { outcome, clientName } = step;
    showPage(ctx, outcomePage({ ...reception.frame(visit), outcome, clientName }));
  }

  function sight(ctx: Context): ConfirmModel['you'] {
    return {
      address: addressOf(ctx),
      system: claimedSystem(ctx.get('User-Agent')),
      at: clock.now(),
    };
  }

  return {
    '/device/confirm': { answers: 'html', GET: show, POST: decide },
    '/device/done': { answers: 'html', GET: showOutcome },
  };
}

function describe(request: DeviceRequest) {
  const { lastsSeconds, askedFrom } = request;
  return {
    userCode: request.userCode,
    client: {
      name: request.clientName,
      publisher: request.publisher,
      registeredItself: request.registeredItself,
    },
    api: request.resource,
    accessSeconds: lastsSeconds,
    stayingSignedInSeconds: request.offlineAccess ? lastsSeconds : undefined,
    device: {
      address: askedFrom.address,
      system: claimedSystem(askedFrom.userAgent),
      at: request.askedAt,
    },
  };
}

type Weighed = Approval | { refusal: ApprovalRefusal };

function toAgreed(approval: Weighed): Agreed {
  if ('refusal' in approval) return { organizationId: undefined, scopes: [] };
  return { organizationId: approval.organization?.id, scopes: approval.given };
}

function describeApproval({ scopes, offlineAccess }: DeviceRequest, approval: Weighed) {
  if ('refusal' in approval) {
    return {
      scopes,
      lacking: [],
      hindrance: approval.refusal === 'undecided' ? 'stranger' : approval.refusal,
    } as const;
  }
  const { organization, given, lacking } = approval;
  const named = (names: readonly string[]) => scopes.filter(({ name }) => names.includes(name));
  return {
    organization,
    scopes: [...named(given), ...(offlineAccess ? [{ name: 'offline_access' }] : [])],
    lacking: named(lacking),
    hindrance: given.length === 0 ? ('powerless' as const) : undefined,
  };
}
