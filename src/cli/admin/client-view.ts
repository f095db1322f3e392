import type { CertificateSubject } from '../../clients/certificate.ts';
import type { Client } from '../../clients/client.ts';
import { registrationWords } from '../../clients/registration.ts';
import { grantTypePrefix } from '../../urn.ts';
import { demandRows } from './demand-flags.ts';
import { lifetimeText } from './lifetime.ts';
import { card, table } from './table.ts';

/** A client in the words of a registration file, with its instants and without any secret. */
export function clientJson(client: Client): Record<string, unknown> {
  return {
    ...registrationWords(client),
    registered_with: client.registeredWith,
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
    ...demandRows(registrationWords(client)),
    ...secrets.map((text) => ['secret', text] as const),
    ['registered with', client.registeredWith],
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

/** A grant type as people write it. */
export function shortGrant(grant: string): string {
  return grant.startsWith(grantTypePrefix) ? grant.slice(grantTypePrefix.length) : grant;
}
