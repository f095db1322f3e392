import { hash } from 'node:crypto';
import type { Context } from 'koa';
import { namesTag } from '../http/condition.ts';
import type { Handler } from '../http/router.ts';
import { publishedKeysLifetime } from '../keys/life.ts';
import type { Host } from './host.ts';
import { type MutualTls, offeredMethods } from './mutual-tls.ts';
import { paths } from './settings.ts';

/** What the engine tells of itself and we do not offer: no authorization endpoint, no OpenID Connect. */
const absent = [
  'authorization_endpoint',
  'authorization_response_iss_parameter_supported',
  'claims_parameter_supported',
  'claim_types_supported',
  'claims_supported',
  'code_challenge_methods_supported',
  'id_token_signing_alg_values_supported',
  'request_uri_parameter_supported',
  'response_modes_supported',
  'subject_types_supported',
];

/** What the metadata is made of, besides what the engine tells. */
export type MetadataOptions = {
  issuer: string;
  host: Host;
  mutualTls: MutualTls;
  offersRegistration: boolean;
  /** The resources that everybody may know of (RFC 9728 section 4). */
  listResources: () => Promise<string[]>;
};

/** Authorization server metadata (RFC 8414), the same at both well-known places. */
export function metadataEndpoint(options: MetadataOptions): Handler {
  const { issuer, host, mutualTls, offersRegistration, listResources } = options;
  return async (ctx) => {
    const resources = await listResources();
    await host.handle(ctx, paths.authorizationServer);
    const document = ctx.body as Record<string, unknown>;
    for (const name of absent) delete document[name];
    const methods = withoutUnoffered(document.token_endpoint_auth_methods_supported as string[], mutualTls);
    const algorithms = document.token_endpoint_auth_signing_alg_values_supported;
    Object.assign(document, {
      scopes_supported: ['offline_access'],
      token_endpoint_auth_methods_supported: methods,
      revocation_endpoint_auth_methods_supported: methods,
      introspection_endpoint_auth_methods_supported: methods,
      revocation_endpoint_auth_signing_alg_values_supported: algorithms,
      introspection_endpoint_auth_signing_alg_values_supported: algorithms,
      ...(offersRegistration && { registration_endpoint: issuer + paths.registration }),
      // RFC 8414 section 3.2: a list without elements is left out.
      ...(resources.length > 0 && { protected_resources: resources }),
    });
    if (!mutualTls.isOffered) delete document.tls_client_certificate_bound_access_tokens;
    else if (mutualTls.origin) document.mtls_endpoint_aliases = aliases(document, mutualTls.origin);
    mayBeKept(ctx, JSON.stringify(document));
    ctx.type = 'application/json';
  };
}

function withoutUnoffered(methods: readonly string[], mutualTls: MutualTls): string[] {
  const offered = offeredMethods(mutualTls);
  return methods.filter((method) => !method.includes('tls_client_auth') || offered.includes(method));
}

/** The same paths at another origin (RFC 8705 section 5). */
function aliases(document: Record<string, unknown>, origin: string): Record<string, string> {
  const endpoints = Object.entries(document).flatMap(([name, url]): [string, string][] =>
    name.endsWith('_endpoint') && typeof url === 'string' ? [[name, origin + new URL(url).pathname]] : [],
  );
  return Object.fromEntries(endpoints);
}

/** The public signing keys (RFC 7517), with an ETag. */
export function jwksEndpoint(host: Host): Handler {
  return async (ctx) => {
    await host.handle(ctx, paths.jwks);
    mayBeKept(ctx, JSON.stringify(ctx.body));
    ctx.type = 'application/jwk-set+json';
  };
}

/** Answers with a document for everybody: with an ETag, to be kept for as long as the published keys. */
export function mayBeKept(ctx: Context, text: string): void {
  ctx.body = text;
  ctx.set('Cache-Control', `public, max-age=${publishedKeysLifetime}`);
  // Anybody's page may read these.
  ctx.set('Access-Control-Allow-Origin', '*');
  ctx.set('Cross-Origin-Resource-Policy', 'cross-origin');
  const tag = `"${hash('sha256', text, 'base64url').slice(0, 27)}"`;
  ctx.etag = tag;
  if (namesTag(ctx.get('If-None-Match'), tag)) ctx.status = 304;
}
