import { errors, type KoaContextWithOIDC } from 'oidc-provider';
import type { Client } from '../clients/client.ts';

/**
 * Checks the requested scope against the client's allow-list for the resource, where a scope is asked for: at the
 * token endpoint by client_credentials, and at the device authorization endpoint. A scope that is not allowed is
 * `invalid_scope`, never left out in silence (RFC 6749 section 3.3). A request that names no scope of the resource
 * gets the client's whole allow-list, and is told so in the answer.
 */
export function applyRequestedScope(
  ctx: KoaContextWithOIDC,
  client: Client,
  allowed: readonly string[],
): void {
  const isDeviceAuthorization = ctx.oidc.route === 'device_authorization';
  if (!isDeviceAuthorization && ctx.oidc.params?.grant_type !== 'client_credentials') return;

  // The engine has dropped an offline_access that the client may not have; the form still shows it.
  const requested = new Set(readScope(ctx.state.form?.scope));
  const wantsOffline = requested.delete('offline_access');
  if (wantsOffline && !(isDeviceAuthorization && client.grantTypes.includes('refresh_token'))) {
    throw new errors.InvalidScope('requested scope is not allowed', 'offline_access');
  }
  for (const scope of requested) {
    if (!allowed.includes(scope)) throw new errors.InvalidScope('requested scope is not allowed', scope);
  }
  const granted = requested.size > 0 ? [...requested] : [...allowed];
  if (wantsOffline) granted.push('offline_access');
  if (ctx.oidc.params) ctx.oidc.params.scope = granted.join(' ');
}

/** The scopes in a request's parameter, each once. */
export function readScope(parameter: unknown): string[] {
  return typeof parameter === 'string' ? [...new Set(parameter.split(' ').filter(Boolean))] : [];
}
