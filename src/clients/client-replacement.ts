import type { Database } from '../postgres/pool.ts';
import { scopeRows } from '../postgres/scopes.ts';
import { sql } from '../postgres/sql.ts';
import { sha256 } from '../secret.ts';
import { hasNoSecret, type Registration } from './registration.ts';

/**
 * Puts what a client can say of itself in the place of what was registered before; what only an operator says of it
 * stays. `secret` is added to those it has; a client that authenticates by something else loses them all. The scopes
 * must exist.
 */
export async function replaceRegistration(
  db: Database,
  registration: Registration,
  secret: string | undefined,
): Promise<void> {
  await db.query(sql`
    with wanted as (
      select * from ${scopeRows(registration.allowed)}
    ), scopes_gone as (
      delete from client_scopes
      where client_id = ${registration.id} and (resource, scope) not in (select resource, scope from wanted)
    ), scopes as (
      insert into client_scopes (client_id, resource, scope) select ${registration.id}, resource, scope from wanted
      on conflict do nothing
    ), secrets_gone as (
      delete from client_secrets where client_id = ${registration.id} and ${hasNoSecret(registration)}
    ), secret as (
      insert into client_secrets (client_id, digest)
      select ${registration.id}, digest from (values (${secret === undefined ? null : sha256(secret)}::bytea)) as given (digest)
      where digest is not null
    )
    update clients set name = ${registration.name}, authentication = ${registration.authentication},
      grant_types = ${registration.grantTypes}::text[], default_resource = ${registration.defaultResource},
      jwks = ${registration.jwks && JSON.stringify(registration.jwks)}::json, jwks_uri = ${registration.jwksUri},
      dpop_bound_access_tokens = ${registration.dpopBoundAccessTokens ?? false}::boolean,
      certificate_field = ${registration.certificateSubject?.field},
      certificate_subject = ${registration.certificateSubject?.value},
      certificate_bound_access_tokens = ${registration.certificateBoundAccessTokens ?? false}::boolean
    where id = ${registration.id}`);
}
