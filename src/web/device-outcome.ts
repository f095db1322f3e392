import type { Context } from 'koa';
import { type Outcome, outcomePage } from '../../views/outcome.ts';
import type { AuditLog } from '../audit/audit-log.ts';
import { AppError } from '../errors.ts';
import { fieldOf } from '../http/form.ts';
import type { Routes } from '../http/router.ts';
import { traceOf } from '../http/trace.ts';
import type { Notices } from '../notices/notices.ts';
import { reportGrant } from '../oauth/device-report.ts';
import { revokeGrants } from '../oauth/grant.ts';
import type { Database } from '../postgres/pool.ts';
import type { Session } from '../users/session.ts';
import type { DeviceSteps } from './device-step.ts';
import { grantUndone, tellReport } from './events.ts';
import { seeOther, showPage } from './page.ts';
import type { Reception } from './reception.ts';

/** What became of a request, for who decided on it; what they allowed they can undo there. */
export function createOutcomeRoutes(options: {
  db: Database;
  base: string;
  reception: Reception;
  steps: DeviceSteps;
  audit: AuditLog;
  notices: Notices;
}): Routes {
  const { db, base, reception, steps, audit, notices } = options;

  async function show(ctx: Context): Promise<void> {
    const visit = await reception.receive(ctx);
    const step = steps.read(ctx, visit);
    if (step?.step !== 'done' || step.userId !== visit.session?.userId)
      return seeOther(ctx, `${base}/device`);
    const { outcome, clientName } = step;
    showPage(ctx, outcomePage({ ...reception.frame(visit), outcome, clientName }));
  }

  async function takeBack(ctx: Context): Promise<void> {
    const { visit, form } = await reception.receiveForm(ctx);
    const { session } = visit;
    const decision = fieldOf(form, 'decision');
    if (decision !== 'undo' && decision !== 'report') throw new AppError('bad_request');
    const step = steps.read(ctx, visit);
    if (!session || step?.step !== 'done' || step.userId !== session.userId || !step.grantId)
      return seeOther(ctx, `${base}/device`);
    const outcome = await endGrant(ctx, session, step.grantId, decision);
    const { clientName } = step;
    steps.write(ctx, visit, {
      step: 'done',
      userId: session.userId,
      outcome,
      ...(clientName && { clientName }),
    });
    seeOther(ctx, `${base}/device/done`);
  }

  /** A grant that is gone already is as good as taken back. */
  async function endGrant(
    ctx: Context,
    session: Session,
    id: string,
    decision: 'undo' | 'report',
  ): Promise<Outcome> {
    const selection = { accountId: session.userId, id };
    await db.transaction(async (tx) => {
      if (decision === 'undo') {
        const ended = await revokeGrants(tx, selection);
        if (ended > 0) await audit.record(tx, grantUndone(session, id, traceOf(ctx)));
      } else {
        const reported = await reportGrant(tx, selection);
        if (reported) await tellReport({ audit, notices }, tx, { session, reported, trace: traceOf(ctx) });
      }
    });
    return decision === 'undo' ? 'undone' : 'reported';
  }

  return {
    '/device/done': { answers: 'html', GET: show },
    '/device/undo': { answers: 'html', POST: takeBack },
  };
}
