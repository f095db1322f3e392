import { parseLifetime } from './lifetime.ts';

/** What `postern client add` was given. */
export type AddClientOptions = {
  id?: string;
  name?: string;
  publisher?: string;
  auth?: string;
  grant?: string[];
  allow?: string[];
  defaultResource?: string;
  audience?: string[];
  accessTokenLifetime?: string;
  refreshTokenLifetime?: string;
  deviceCodeLifetime?: string;
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
  access_token_lifetime: '--access-token-lifetime',
  refresh_token_lifetime: '--refresh-token-lifetime',
  device_code_lifetime: '--device-code-lifetime',
  dpop_bound_access_tokens: '--dpop',
  require_dpop_nonce: '--dpop-nonce',
};

const deviceCode = 'urn:ietf:params:oauth:grant-type:device_code';

/** A registration as a file would have it. What cannot be read stays as it was typed, for the check to name. */
export function clientFromFlags(options: AddClientOptions): Record<string, unknown> {
  return {
    client_id: options.id,
    client_name: options.name,
    publisher: options.publisher,
    token_endpoint_auth_method: options.auth,
    grant_types: options.grant?.map((grant) => (grant === 'device_code' ? deviceCode : grant)),
    default_resource: options.defaultResource,
    resources: options.allow && allowList(options.allow),
    audiences: options.audience,
    access_token_lifetime: lifetime(options.accessTokenLifetime),
    refresh_token_lifetime: lifetime(options.refreshTokenLifetime),
    device_code_lifetime: lifetime(options.deviceCodeLifetime),
    dpop_bound_access_tokens: options.dpop,
    require_dpop_nonce: options.dpopNonce,
  };
}

// The last equals sign: a URI may have some of its own.
function allowList(pairs: readonly string[]): Record<string, string[]> {
  const allowed = new Map<string, string[]>();
  for (const pair of pairs) {
    const end = pair.includes('=') ? pair.lastIndexOf('=') : pair.length;
    const uri = pair.slice(0, end);
    const scopes = pair.slice(end + 1).split(/\s+/);
    allowed.set(uri, [...(allowed.get(uri) ?? []), ...scopes.filter(Boolean)]);
  }
  return Object.fromEntries(allowed);
}

function lifetime(text: string | undefined): number | string | undefined {
  return text === undefined ? undefined : (parseLifetime(text) ?? text);
}
