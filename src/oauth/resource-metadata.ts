import type { Context } from 'koa';
import { AppError } from '../errors.ts';
import { type Handler, type Routes, restOf } from '../http/router.ts';
import type { Resource } from '../resources/resource.ts';
import { proofAlgorithms } from './dpop.ts';
import { mayBeKept } from './metadata.ts';
import type { MutualTls } from './mutual-tls.ts';
import type { ResourceSource } from './resource-source.ts';

/** What the endpoints stand on. */
export type ResourceMetadataOptions = {
  issuer: string;
  mutualTls: Pick<MutualTls, 'isOffered'>;
  findResource: ResourceSource;
};

/** What clients may know of a resource (RFC 9728 section 2): the document that its own origin should serve. */
export function resourceMetadata(
  resource: Resource,
  { issuer, mutualTls }: Pick<ResourceMetadataOptions, 'issuer' | 'mutualTls'>,
): Record<string, unknown> {
  const scopes = Object.keys(resource.scopes);
  return {
    resource: resource.uri,
    authorization_servers: [issuer],
    ...(scopes.length > 0 && { scopes_supported: scopes }),
    bearer_methods_supported: ['header'],
    resource_name: resource.name,
    dpop_signing_alg_values_supported: proofAlgorithms,
    ...(mutualTls.isOffered && { tls_client_certificate_bound_access_tokens: true }),
  };
}

/**
 * GET /oauth/resource-metadata?resource=URI: the document of any resource, for who knows its URI. An API that cannot
 * serve the document itself has its proxy ask here. It says nothing of who may use the resource.
 */
export function resourceMetadataEndpoint(options: ResourceMetadataOptions): Handler {
  return async (ctx) => {
    const [uri, ...others] = new URLSearchParams(ctx.querystring).getAll('resource');
    if (uri === undefined || others.length > 0) throw new AppError('bad_request', 'Give one resource');
    await answer(ctx, options, [uri]);
  };
}

const wellKnown = '/.well-known/oauth-protected-resource';

/** The documents of the resources at the issuer's own origin, where RFC 9728 section 3.1 has clients look for them. */
export function wellKnownResourceRoutes(options: ResourceMetadataOptions): Routes {
  const { origin } = new URL(options.issuer);
  return {
    [wellKnown]: {
      answers: 'json',
      // The slash behind a host is not in this address, so the resource may have it or not.
      GET: (ctx) => answer(ctx, options, [`${origin}${ctx.search}`, `${origin}/${ctx.search}`]),
    },
    [`${wellKnown}/*`]: {
      answers: 'json',
      GET: (ctx) => answer(ctx, options, [`${origin}/${restOf(ctx)}${ctx.search}`]),
    },
  };
}

/** Answers for the first of these URIs that is registered. */
async function answer(
  ctx: Context,
  { findResource, ...options }: ResourceMetadataOptions,
  uris: readonly string[],
): Promise<void> {
  const found = await Promise.all(uris.map((uri) => findResource(uri)));
  const resource = found.find((each) => each !== undefined);
  if (!resource) throw new AppError('not_found', 'There is no such resource');
  mayBeKept(ctx, JSON.stringify(resourceMetadata(resource, options)));
  ctx.type = 'application/json';
}
