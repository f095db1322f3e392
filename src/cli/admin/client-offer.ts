import type { Registration } from '../../clients/registration.ts';
import type { Config } from '../../config.ts';

/** What a server with these settings would not offer to a client: one line each, with what to set. */
export function listUnoffered(registration: Registration, { mutualTls }: Config): string[] {
  const { authentication, certificateBoundAccessTokens } = registration;
  const reach =
    'set POSTERN_TLS_CLIENT_CERT_HEADER or POSTERN_TLS_ASK_CLIENT_CERT first: no certificate reaches the server';
  const problems: string[] = [];
  if (authentication === 'tls_client_auth' && !mutualTls?.authorities)
    problems.push(
      'token_endpoint_auth_method: set POSTERN_TLS_CLIENT_CA first: tls_client_auth is not offered',
    );
  if (authentication === 'self_signed_tls_client_auth' && !mutualTls)
    problems.push(`token_endpoint_auth_method: ${reach}`);
  if (certificateBoundAccessTokens && !mutualTls)
    problems.push(`tls_client_certificate_bound_access_tokens: ${reach}`);
  return problems;
}
