import type { Client } from '../clients/client.ts';
import type { Resource } from '../resources/resource.ts';
import { accessTokenLifetime } from './lifetimes.ts';

/** What the engine must know of a resource to issue a token of one client for it. */
export function resourceServerInfo(client: Client, resource: Resource) {
  return {
    scope: (client.allowed[resource.uri] ?? []).join(' '),
    audience: resource.uri,
    accessTokenFormat: resource.accessTokenFormat,
    accessTokenTTL: accessTokenLifetime(client, resource),
    jwt: { sign: { alg: resource.accessTokenAlgorithm } },
  };
}
