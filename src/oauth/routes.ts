import type { Routes } from '../http/router.ts';
import { type RegistrationOptions, registrationRoutes } from './client-registration.ts';
import {
  deviceAuthorizationEndpoint,
  type EndpointOptions,
  introspectionEndpoint,
  revocationEndpoint,
  tokenEndpoint,
} from './endpoint.ts';
import { jwksEndpoint, type MetadataOptions, metadataEndpoint } from './metadata.ts';
import { resourceMetadataEndpoint, wellKnownResourceRoutes } from './resource-metadata.ts';
import type { ResourceSource } from './resource-source.ts';
import { paths } from './settings.ts';

/** What all paths of the protocol stand on. */
export type RouteOptions = EndpointOptions &
  MetadataOptions &
  RegistrationOptions & { findResource: ResourceSource };

/** The protocol's paths below the issuer. */
export function oauthRoutes(options: RouteOptions): Routes {
  const metadata = metadataEndpoint(options);
  return {
    [paths.token]: { answers: 'json', POST: tokenEndpoint(options) },
    [paths.deviceAuthorization]: { answers: 'json', POST: deviceAuthorizationEndpoint(options) },
    [paths.introspection]: { answers: 'json', POST: introspectionEndpoint(options) },
    [paths.revocation]: { answers: 'json', POST: revocationEndpoint(options) },
    [paths.jwks]: { answers: 'json', GET: jwksEndpoint(options.host) },
    [paths.authorizationServer]: { answers: 'json', GET: metadata },
    [paths.openidConfiguration]: { answers: 'json', GET: metadata },
    ...(options.offersRegistration && registrationRoutes(options)),
    [paths.resourceMetadata]: { answers: 'json', GET: resourceMetadataEndpoint(options) },
  };
}

/**
 * What has its place at the root, whatever the issuer's path is: the metadata of the issuer itself where it has a path
 * (RFC 8414 section 3.1), and of the resources at its origin (RFC 9728 section 3.1).
 */
export function wellKnownRoutes(options: RouteOptions, base: string): Routes {
  const metadata = metadataEndpoint(options);
  return {
    ...(base !== '' && { [`${paths.authorizationServer}${base}`]: { answers: 'json', GET: metadata } }),
    ...wellKnownResourceRoutes(options),
  };
}
