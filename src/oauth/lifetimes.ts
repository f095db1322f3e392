import type { Client } from '../clients/client.ts';
import type { Resource } from '../resources/resource.ts';

/**
 * How long access tokens live unless the client or the resource says otherwise, in seconds. A JWT that an API checks
 * offline outlives its revocation there until it expires, so it lives shorter.
 */
const accessTokenSeconds = { opaque: 3_600, jwt: 900 };

/** A person has this long to enter and approve a code (RFC 8628 section 5.1 asks for a short time). */
const deviceCodeSeconds = 600;

/** A refresh token that is not used for this long is dead (RFC 9700 section 4.14.2). */
const refreshIdleSeconds = 14 * 86_400;

/** After this long a person signs the device in again, however often it refreshed. */
const refreshAbsoluteSeconds = 365 * 86_400;

/** Seconds between two polls, unless told otherwise (the default of RFC 8628 section 3.2, said aloud). */
export const pollIntervalSeconds = 5;

/** Seconds that an access token lives: the client's own setting, else the resource's, else what its format allows. */
export function accessTokenLifetime(client: Client, resource: Resource): number {
  return (
    client.accessTokenSeconds ?? resource.accessTokenSeconds ?? accessTokenSeconds[resource.accessTokenFormat]
  );
}

/** Seconds that a device code lives. */
export function deviceCodeLifetime(client: Client): number {
  return client.deviceCodeSeconds ?? deviceCodeSeconds;
}

/** Seconds that a sign-in of a device lasts at most, whatever it refreshes. */
export function signInLifetime(client: Client): number {
  return client.refreshTokenSeconds ?? refreshAbsoluteSeconds;
}

/**
 * Seconds that what a person let in can act at most: as long as the sign-in, where it is `offline` and can renew its tokens;
 * else as long as the one token that it gets while its code lives.
 */
export function grantLifetime(client: Client, resource: Resource, isOffline: boolean): number {
  return isOffline
    ? signInLifetime(client)
    : deviceCodeLifetime(client) + accessTokenLifetime(client, resource);
}

/** Seconds that a new refresh token lives, `elapsed` seconds after the sign-in: never beyond the sign-in's own end. */
export function refreshTokenLifetime(client: Client, elapsed: number): number {
  return Math.max(1, Math.min(refreshIdleSeconds, signInLifetime(client) - elapsed));
}
