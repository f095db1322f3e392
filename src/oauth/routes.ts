import type { Routes } from '../http/router.ts';
import {
  deviceAuthorizationEndpoint,
  type EndpointOptions,
  introspectionEndpoint,
  revocationEndpoint,
  tokenEndpoint,
} from './endpoint.ts';
import { jwksEndpoint, metadataEndpoint } from './metadata.ts';
import { paths } from './settings.ts';

/** The protocol's paths below the issuer. */
export function oauthRoutes(options: EndpointOptions): Routes {
  const metadata = metadataEndpoint(options);
  return {
    [paths.token]: { answers: 'json', POST: tokenEndpoint(options) },
    [paths.deviceAuthorization]: { answers: 'json', POST: deviceAuthorizationEndpoint(options) },
    [paths.introspection]: { answers: 'json', POST: introspectionEndpoint(options) },
    [paths.revocation]: { answers: 'json', POST: revocationEndpoint(options) },
    [paths.jwks]: { answers: 'json', GET: jwksEndpoint(options.host) },
    [paths.authorizationServer]: { answers: 'json', GET: metadata },
    [paths.openidConfiguration]: { answers: 'json', GET: metadata },
  };
}

/** The place of the metadata of an issuer with a path (RFC 8414 section 3.1), which is not below that path. */
export function rootMetadataRoutes(options: EndpointOptions, base: string): Routes {
  if (base === '') return {};
  return {
    [`${paths.authorizationServer}${base}`]: { answers: 'json', GET: metadataEndpoint(options) },
  };
}
