import type { Client } from '../clients/client.ts';
import { databaseUnavailable } from '../errors.ts';
import type { SigningKey } from '../keys/key-ring.ts';
import type { Resource } from '../resources/resource.ts';
import { accessTokenLifetime } from './lifetimes.ts';

/** What the engine must know of a resource to issue a token of one client for it; 503 while there is no key for it. */
export function resourceServerInfo(client: Client, resource: Resource, signingKeys: readonly SigningKey[]) {
  if (resource.accessTokenFormat === 'jwt') demandKey(signingKeys, resource.accessTokenAlgorithm);
  return {
    scope: (client.allowed[resource.uri] ?? []).join(' '),
    audience: resource.uri,
    accessTokenFormat: resource.accessTokenFormat,
    accessTokenTTL: accessTokenLifetime(client, resource),
    jwt: { sign: { alg: resource.accessTokenAlgorithm } },
  };
}

/** In the moment between the first registration for an algorithm and its first key, no token can be had. */
function demandKey(keys: readonly SigningKey[], algorithm: string): void {
  if (keys.some((key) => key.algorithm === algorithm && key.state === 'active')) return;
  throw databaseUnavailable(new Error(`There is no key for ${algorithm} yet`));
}
