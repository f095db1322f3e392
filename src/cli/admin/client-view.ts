import type { CertificateSubject } from '../../clients/certificate.ts';
import type { Client } from '../../clients/client.ts';
import { lifetimeText } from './lifetime.ts';
import { card, table } from './table.ts';

/** A client in the words of a registration file, with its instants and without any secret. */
export function clientJson(client: Client): Record<string, unknown> {
  return {
    client_id: client.id,
    client_name: client.name,
    publisher: client.publisher,
    token_endpoint_auth_method: client.authentication,
    grant_types: client.grantTypes,
    default_resource: client.defaultResource,
    resources: client.allowed,
    audiences: client.audiences,
    exchanges: client.exchanges,
    access_token_lifetime: client.accessTokenSeconds,
    refresh_token_lifetime: client.refreshTokenSeconds,
    device_code_lifetime: client.deviceCodeSeconds,
    jwks: client.jwks,
    jwks_uri: client.jwksUri,
    dpop_bound_access_tokens: client.dpopBoundAccessTokens,
    require_dpop_nonce: client.requireDpopNonce,
    ...(client.certificateSubject && { [client.certificateSubject.field]: client.certificateSubject.value }),
    tls_client_certificate_bound_access_tokens: client.certificateBoundAccessTokens,
    secrets: client.secrets.map(({ createdAt, expiresAt }) => ({
      created_at: createdAt.toISOString(),
      expires_at: expiresAt?.toISOString(),
    })),
    created_at: client.createdAt.toISOString(),
    disabled_at: client.disabledAt?.toISOString(),
  };
}

/** A client for people. */
export function clientCard(client: Client): string {
  const secrets = client.secrets.map(({ createdAt, expiresAt }) => {
    const end = expiresAt ? `until ${expiresAt.toISOString()}` : 'without an end';
    return `made ${createdAt.toISOString()}, works ${end}`;
  });
  return card([
    ['client_id', client.id],
    ['name', client.name],
    ['publisher', client.publisher],
    ['authentication', client.authentication],
    ['grants', client.grantTypes.map(shortGrant).join(', ')],
    ...Object.entries(client.allowed).map(
      ([uri, scopes]) => ['may ask for', `${uri}  ${scopes.join(' ')}`] as const,
    ),
    ['default resource', client.defaultResource],
    ...client.audiences.map((uri) => ['introspects', uri] as const),
    ...Object.entries(client.exchanges ?? {}).map(
      ([subject, targets]) => ['exchanges', `${subject} for ${targets.join(' ')}`] as const,
    ),
    ['access tokens live', lifetimeText(client.accessTokenSeconds)],
    ['refresh tokens live', lifetimeText(client.refreshTokenSeconds)],
    ['device codes live', lifetimeText(client.deviceCodeSeconds)],
    ['keys', client.jwksUri ?? (client.jwks && `${client.jwks.keys.length} registered`)],
    ['certificate', client.certificateSubject && subjectText(client.certificateSubject)],
    ['tokens', client.dpopBoundAccessTokens ? 'bound to a key (DPoP)' : undefined],
    ['tokens', client.certificateBoundAccessTokens ? 'bound to a certificate' : undefined],
    ['proofs', client.requireDpopNonce ? 'with a nonce of this server' : undefined],
    ...secrets.map((text) => ['secret', text] as const),
    ['created', client.createdAt.toISOString()],
    ['disabled', client.disabledAt?.toISOString()],
  ]);
}

/** Clients for people, a line each. */
export function clientTable(clients: readonly Client[]): string {
  return table([
    ['CLIENT', 'NAME', 'AUTHENTICATION', 'GRANTS', 'STATE'],
    ...clients.map((client) => [
      client.id,
      client.name,
      client.authentication,
      client.grantTypes.map(shortGrant).join(' ') || '-',
      client.disabledAt ? 'disabled' : 'enabled',
    ]),
  ]);
}

function subjectText({ field, value }: CertificateSubject): string {
  return `${field.replace('tls_client_auth_', '').replace('_', ' ')} ${value}`;
}

function shortGrant(grant: string): string {
  return grant.replace(/^urn:ietf:params:oauth:grant-type:/, '');
}
