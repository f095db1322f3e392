import type { Provider } from 'oidc-provider';
import { type Instance, modelOf } from './model.ts';

/**
 * When and how the person authenticated who approved a grant: claims of its access tokens (RFC 9068 section 2.2.1) and
 * members of their introspection (RFC 9470 section 6.2).
 */
export type Authentication = { auth_time: number; acr: string; amr: readonly string[] };

/** Lets an engine's grants keep the authentication that they were approved with. */
export function keepAuthentication(provider: Provider): void {
  const kept = [...modelOf(provider.Grant).IN_PAYLOAD, 'authentication'];
  Object.defineProperty(provider.Grant, 'IN_PAYLOAD', { value: kept });
}

/**
 * The authentication behind a token: that of its grant, or the one that it has kept from what it was exchanged for. Empty
 * for machines, and for what was approved before it was remembered.
 */
export function authenticationOf(token: Instance, grant: Instance | undefined): Partial<Authentication> {
  if (grant) return { ...grant.authentication };
  const { auth_time, acr, amr } = token.extra ?? {};
  return auth_time === undefined ? {} : { auth_time, acr, amr };
}
