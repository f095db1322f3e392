import type { Context } from 'koa';
import { organizationPage } from '../../views/organization.ts';
import type { AuditLog } from '../audit/audit-log.ts';
import { fieldOf } from '../http/form.ts';
import type { Routes } from '../http/router.ts';
import { traceOf } from '../http/trace.ts';
import { listOrganizationsOfUser } from '../organizations/organization.ts';
import type { Database } from '../postgres/pool.ts';
import { chooseOrganization } from '../users/session.ts';
import { organizationChosen } from './events.ts';
import { seeOther, showPage } from './page.ts';
import type { Reception } from './reception.ts';

/** Where a person of several organizations chooses one; then back to the device that waits. */
export function createOrganizationRoutes(options: {
  db: Database;
  base: string;
  reception: Reception;
  audit: AuditLog;
}): Routes {
  const { db, base, reception, audit } = options;

  async function show(ctx: Context): Promise<void> {
    const visit = await reception.receive(ctx);
    if (!visit.session) return seeOther(ctx, `${base}/sign-in`);
    const organizations = await listOrganizationsOfUser(db, visit.session.userId);
    if (organizations.length < 2) return seeOther(ctx, `${base}/device`);
    const current = visit.session.organizationId;
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
    seeOther(ctx, isChosen ? `${base}/device/confirm` : `${base}/organization`);
  }

  return { '/organization': { answers: 'html', GET: show, POST: choose } };
}

function isUuid(text: string): boolean {
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(text);
}
