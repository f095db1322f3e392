import type { Context } from 'koa';
import { type KoaContextWithOIDC, Provider } from 'oidc-provider';
import type { Act, Happening } from '../audit/action.ts';
import type { AuditLog } from '../audit/audit-log.ts';
import type { Actor, AuditEvent, Details } from '../audit/event.ts';
import type { Client } from '../clients/client.ts';
import { traceOf } from '../http/trace.ts';
import type { Database } from '../postgres/pool.ts';
import { removeValue } from '../tokens/value.ts';
import { deviceGrant } from '../urn.ts';
import { registrationOf } from './client-store.ts';
import { findGrantOrganization } from './grant.ts';
import type { Instance } from './model.ts';
import { readScope } from './scope.ts';
import type { StoreEvents } from './store.ts';

/** Tells the audit log what happens inside of the engine. */
export function createStoreEvents(audit: AuditLog): StoreEvents {
  return {
    async grantEnded(tx, { id, accountId, organizationId }) {
      const ctx = Provider.ctx;
      if (!ctx) return;
      const action = grantEndedBy(ctx);
      await audit.record(tx, {
        action,
        actor: programOf(ctx as unknown as Context),
        target: { kind: 'grant', id, name: accountId },
        organizationId,
        origin: traceOf(ctx as unknown as Context),
        ...(action !== 'grant.revoked' && { reason: 'was used before' }),
      });
    },
    async accessTokenEnded(tx, grantId) {
      const ctx = Provider.ctx as unknown as Context | undefined;
      if (!ctx) return;
      const client = clientOf(ctx);
      await audit.record(tx, {
        action: 'access_token.revoked',
        actor: programOf(ctx),
        target: client && { kind: 'client', id: client.id, name: client.name },
        organizationId: grantId ? await findGrantOrganization(tx, grantId) : client?.organizationId,
        origin: traceOf(ctx),
      });
    },
    grantFound(organizationId) {
      const ctx = Provider.ctx;
      if (ctx) ctx.state.grantOrganizationId = organizationId;
    },
  };
}

/** Ends the value of an API token that was presented for that, if it is there. */
export async function endApiTokenValue(
  db: Database,
  audit: AuditLog,
  ctx: Context,
  digest: Buffer,
): Promise<void> {
  await db.transaction(async (tx) => {
    const removed = await removeValue(tx, digest);
    if (!removed) return;
    await audit.record(tx, {
      action: 'token.value_revoked',
      actor: programOf(ctx),
      target: { kind: 'token', id: removed.tokenId },
      organizationId: removed.organizationId,
      origin: traceOf(ctx),
    });
  });
}

/** Notes the token that the engine has just issued, if it has; tells the grant that it was issued under, if there is one. */
export function noteIssuedToken(audit: AuditLog, ctx: Context): string | undefined {
  if (ctx.status !== 200 || ctx.state.isRepeated) return undefined;
  const { AccessToken, ClientCredentials } = entitiesOf(ctx);
  const token: Instance = AccessToken ?? ClientCredentials;
  if (!token) return undefined;
  const resource = String(token.aud);
  const { accountId } = token;
  const { person } = ctx.state;
  const email = person?.id === accountId ? person?.email : undefined;
  note(audit, ctx, 'access_token.issued', {
    target: accountId ? { kind: 'user', id: accountId, name: email } : { kind: 'resource', id: resource },
    ...(token.grantId && { organizationId: ctx.state.grantOrganizationId }),
    ...(ctx.state.exchangedIn && { organizationId: ctx.state.exchangedIn }),
    details: { grant_type: ctx.state.form?.grant_type, resource, scopes: readScope(token.scope) },
  });
  return token.grantId;
}

/** Notes that a device has asked to be let in. */
export function noteDeviceRequest(audit: AuditLog, ctx: Context): void {
  const code: Instance = entitiesOf(ctx).DeviceCode;
  if (ctx.status !== 200 || !code) return;
  const { resource, scope } = code.params ?? {};
  note(audit, ctx, 'device.requested', { details: { resource, scopes: readScope(scope) } });
}

/** Notes a client that could not authenticate. What it called itself is kept only if there is such a client. */
export function noteUnknownClient(audit: AuditLog, ctx: Context): void {
  const client = clientOf(ctx);
  audit.note({
    action: 'client.authentication_failed',
    actor: { kind: 'nobody' },
    target: client && { kind: 'client', id: client.id, name: client.name },
    organizationId: client?.organizationId,
    origin: traceOf(ctx),
    reason: client ? 'wrong credentials' : 'no such client',
  });
}

function note(
  audit: AuditLog,
  ctx: Context,
  action: Happening,
  event: Pick<AuditEvent, 'target' | 'organizationId'> & { details: Details },
): void {
  const organizationId = event.organizationId ?? clientOf(ctx)?.organizationId;
  audit.note({ ...event, action, actor: programOf(ctx), organizationId, origin: traceOf(ctx) });
}

/** At the token endpoint a grant ends because something under it came a second time. */
function grantEndedBy({ oidc }: KoaContextWithOIDC): Act {
  if (oidc.route !== 'token') return 'grant.revoked';
  return oidc.params?.grant_type === deviceGrant ? 'device_code.reused' : 'refresh_token.reused';
}

function programOf(ctx: Context): Actor {
  const client = clientOf(ctx);
  return client ? { kind: 'program', id: client.id, name: client.name } : { kind: 'nobody' };
}

function clientOf(ctx: Context): Client | undefined {
  const { client } = (ctx as unknown as { oidc?: KoaContextWithOIDC['oidc'] }).oidc ?? {};
  return client && registrationOf(client);
}

function entitiesOf(ctx: Context): Record<string, Instance> {
  return (ctx as unknown as { oidc?: { entities: Record<string, Instance> } }).oidc?.entities ?? {};
}
