import type { Context } from 'koa';
import { organizationPage } from '../../views/organization.ts';
import type { AuditLog } from '../audit/audit-log.ts';
import { fieldOf } from '../http/form.ts';
import type { Routes } from '../http/router.ts';
import { traceOf } from '../http/trace.ts';
import { listOrganizationsOfUser } from '../organizations/organization.ts';
import type { Database } from '../postgres/pool.ts';
import { chooseOrganization } from '../users/session.ts';
import { isUuid } from '../users/user.ts';
import type { DeviceSteps } from './device-step.ts';
import { organizationChosen } from './events.ts';
import { seeOther, showPage } from './page.ts';
import type { Reception, Visit } from './reception.ts';
import type { WaitingPages } from './waiting-page.ts';

/** Where a person of several organizations chooses one; then back to the device, or the page, that waits. */
export function createOrganizationRoutes(options: {
  db: Database;
  base: string;
  reception: Reception;
  steps: DeviceSteps;
  waitingPages: WaitingPages;
  audit: AuditLog;
}): Routes {
  const { db, base, reception, steps, waitingPages, audit } = options;

  async function show(ctx: Context): Promise<void> {
    const visit = await reception.receive(ctx);
    if (!visit.session) return seeOther(ctx, `${base}/sign-in`);
    const { userId, organizationId: current, chosenOrganizationId, confinedTo } = visit.session;
    const organizations = await listOrganizationsOfUser(db, userId, confinedTo);
    const [only, another] = organizations;
    const isElsewhere = chosenOrganizationId !== undefined && chosenOrganizationId !== only?.id;
    if (!only || (!another && !isElsewhere)) return seeOther(ctx, `${base}/account`);
    showPage(ctx, organizationPage({ ...reception.frame(visit), organizations, current }));
  }

  async function choose(ctx: Context): Promise<void> {
    const { visit, form } = await reception.receiveForm(ctx);
    const { session, sessionId } = visit;
    if (!session || sessionId === undefined) return seeOther(ctx, `${base}/sign-in`);
    const id = fieldOf(form, 'organization_id') ?? '';
    const isChosen = await db.transaction(async (tx) => {
      if (!isUuid(id) || !(await chooseOrganization(tx, sessionId, id))) return false;
      await audit.record(tx, organizationChosen(session, id, traceOf(ctx)));
      return true;
    });
    seeOther(ctx, base + (isChosen ? next(ctx, visit) : '/organization'));
  }

  /** The device or the page that waits for the choice. */
  function next(ctx: Context, visit: Visit): string {
    if (steps.read(ctx, visit)?.step === 'opened') return '/device/confirm';
    return waitingPages.take(ctx, visit) ?? '/account';
  }

  return { '/organization': { answers: 'html', GET: show, POST: choose } };
}
