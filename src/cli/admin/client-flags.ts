import { readFileSync } from 'node:fs';
import { certificateKey } from '../../clients/certificate.ts';
import { AppError } from '../../errors.ts';
import { grantTypePrefix } from '../../urn.ts';
import { type DemandFlags, demandFields, demandsFromFlags } from './demand-flags.ts';
import { parseLifetime } from './lifetime.ts';

/** What `postern client add` was given, or `update`, which takes some of it. */
export type AddClientOptions = DemandFlags & {
  id?: string;
  name?: string;
  publisher?: string;
  auth?: string;
  grant?: string[];
  allow?: string[];
  defaultResource?: string;
  audience?: string[];
  exchange?: string[];
  accessTokenLifetime?: string;
  refreshTokenLifetime?: string;
  deviceCodeLifetime?: string;
  jwks?: string;
  jwksUri?: string;
  certificate?: string[];
  subjectDn?: string;
  sanDns?: string;
  sanUri?: string;
  sanIp?: string;
  sanEmail?: string;
  certificateBound?: boolean;
  dpop?: boolean;
  dpopNonce?: boolean;
  file?: string;
  json?: boolean;
};

/** The flag of `postern client add` for each field of a registration. */
export const clientFlags: Readonly<Record<string, string>> = {
  client_id: '--id',
  client_name: '--name',
  publisher: '--publisher',
  token_endpoint_auth_method: '--auth',
  grant_types: '--grant',
  default_resource: '--default-resource',
  resources: '--allow',
  audiences: '--audience',
  exchanges: '--exchange',
  access_token_lifetime: '--access-token-lifetime',
  refresh_token_lifetime: '--refresh-token-lifetime',
  device_code_lifetime: '--device-code-lifetime',
  jwks: '--jwks',
  jwks_uri: '--jwks-uri',
  dpop_bound_access_tokens: '--dpop',
  require_dpop_nonce: '--dpop-nonce',
  ...demandFields,
  tls_client_auth_subject_dn: '--subject-dn',
  tls_client_auth_san_dns: '--san-dns',
  tls_client_auth_san_uri: '--san-uri',
  tls_client_auth_san_ip: '--san-ip',
  tls_client_auth_san_email: '--san-email',
  tls_client_certificate_bound_access_tokens: '--certificate-bound',
};

const shortGrants = ['device_code', 'token-exchange'];

/** A registration as a file would have it. What cannot be read stays as it was typed, for the check to name. */
export function clientFromFlags(options: AddClientOptions): Record<string, unknown> {
  return {
    client_id: options.id,
    client_name: options.name,
    publisher: options.publisher,
    token_endpoint_auth_method: options.auth,
    grant_types: options.grant?.map(longGrant),
    default_resource: options.defaultResource,
    resources: options.allow && listByResource(options.allow),
    audiences: options.audience,
    exchanges: options.exchange && listByResource(options.exchange),
    access_token_lifetime: lifetime(options.accessTokenLifetime),
    refresh_token_lifetime: lifetime(options.refreshTokenLifetime),
    device_code_lifetime: lifetime(options.deviceCodeLifetime),
    jwks: readJwks(options),
    jwks_uri: options.jwksUri,
    dpop_bound_access_tokens: options.dpop,
    require_dpop_nonce: options.dpopNonce,
    ...demandsFromFlags(options),
    tls_client_auth_subject_dn: options.subjectDn,
    tls_client_auth_san_dns: options.sanDns,
    tls_client_auth_san_uri: options.sanUri,
    tls_client_auth_san_ip: options.sanIp,
    tls_client_auth_san_email: options.sanEmail,
    tls_client_certificate_bound_access_tokens: options.certificateBound,
  };
}

/** The name of a grant type on the wire, of its short one too. */
export function longGrant(grant: string): string {
  return shortGrants.includes(grant) ? `${grantTypePrefix}${grant}` : grant;
}

/** What stands behind the last equals sign of each pair (a URI may have some of its own), by what stands before it. */
export function listByResource(pairs: readonly string[]): Record<string, string[]> {
  const allowed = new Map<string, string[]>();
  for (const pair of pairs) {
    const end = pair.includes('=') ? pair.lastIndexOf('=') : pair.length;
    const uri = pair.slice(0, end);
    const scopes = pair.slice(end + 1).split(/\s+/);
    allowed.set(uri, [...(allowed.get(uri) ?? []), ...scopes.filter(Boolean)]);
  }
  return Object.fromEntries(allowed);
}

/** What is no JSON stays text, for the check to name. */
function readJwks({ jwks, certificate }: AddClientOptions): unknown {
  if (jwks !== undefined && certificate !== undefined)
    throw new AppError('usage', 'Give either --jwks or --certificate, not both');
  if (certificate !== undefined) return { keys: certificate.map(readCertificate) };
  if (jwks === undefined) return undefined;
  const text = readFileSync(jwks, 'utf8');
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function readCertificate(path: string): Record<string, unknown> {
  try {
    return certificateKey(readFileSync(path, 'utf8'));
  } catch (cause) {
    throw new AppError('usage', `--certificate: ${path} is no certificate in PEM that can be read`, {
      cause,
    });
  }
}

function lifetime(text: string | undefined): number | string | undefined {
  return text === undefined ? undefined : (parseLifetime(text) ?? text);
}
