import {
  allowInsecureRequests,
  authorizationCodeGrant,
  buildAuthorizationUrl,
  type ClientAuth,
  ClientSecretBasic,
  ClientSecretPost,
  type Configuration,
  calculatePKCECodeChallenge,
  customFetch,
  discovery,
  enableNonRepudiationChecks,
  fetchUserInfo,
  None,
  randomNonce,
  randomPKCECodeVerifier,
  randomState,
} from 'openid-client';
import type { Clock } from '../clock.ts';
import { openClientSecret } from '../identity-providers/client-secret.ts';
import type { IdentityProvider } from '../identity-providers/identity-provider.ts';
import type { MasterSecrets } from '../secret.ts';
import { type Assertion, readAssertion } from './assertion.ts';
import { type Fault, faultOf } from './fault.ts';
import type { Outbound } from './outbound.ts';

/**
 * What a browser must bring back with the answer of the provider that it was sent to. `maxAge`: how many seconds ago its
 * person may have signed in there, where they are to do so again.
 */
export type Expectation = {
  providerId: string;
  state: string;
  nonce: string;
  verifier: string;
  maxAge?: number | undefined;
};

/** This server as a client of identity providers (OpenID Connect Core 1.0, authorization code flow with PKCE). */
export type RelyingParty = {
  /** Where to send a browser; with `maxAge`, to sign in anew, which the provider must say then (`auth_time`). */
  begin(
    provider: IdentityProvider,
    maxAge?: number,
  ): Promise<{ url: string; expectation: Expectation } | Fault>;
  /** What the provider says of whoever comes back with this query. Checks all that it can; it knows nobody here. */
  finish(
    provider: IdentityProvider,
    query: string,
    expectation: Expectation,
  ): Promise<{ assertion: Assertion } | Fault>;
};

// As long as a provider may need to be heard of a new endpoint, and how long one that is down is not asked again.
const freshMs = 600_000;
const restMs = 5_000;
const timeoutSeconds = 5;

type Known = { configuration: Promise<Configuration>; until: number; last: Configuration | undefined };

/** A relying party whose own issuer is `issuer`. Metadata is fetched when it is first needed, by one request at a time. */
export function createRelyingParty(options: {
  issuer: string;
  secrets: MasterSecrets;
  outbound: Outbound;
  clock: Clock;
  /** Whether providers on loopback addresses may speak plain http. */
  allowsLoopback: boolean;
}): RelyingParty {
  const { issuer, secrets, outbound, clock } = options;
  const known = new Map<string, Known>();

  function findConfiguration(provider: IdentityProvider): Promise<Configuration> {
    const now = clock.now().getTime();
    // Another client or secret is another configuration; the old one is left to nobody.
    const version = `${provider.issuer} ${provider.clientId} ${provider.sealedSecret?.toString('base64')}`;
    const key = `${provider.id} ${version}`;
    const entry = known.get(key);
    if (entry && entry.until > now) return entry.configuration;
    for (const other of known.keys()) if (other.startsWith(`${provider.id} `)) known.delete(other);
    const next: Known = { configuration: discover(provider), until: now + freshMs, last: entry?.last };
    known.set(key, next);
    next.configuration = next.configuration.then(
      (found) => {
        next.last = found;
        return found;
      },
      (error: unknown) => {
        next.until = clock.now().getTime() + restMs;
        // What was right ten minutes ago is most likely right still.
        if (next.last) return next.last;
        throw error;
      },
    );
    return next.configuration;
  }

  async function discover(provider: IdentityProvider): Promise<Configuration> {
    const { sealedSecret } = provider;
    const secret = sealedSecret && openClientSecret(secrets, provider, sealedSecret);
    return await discovery(
      new URL(provider.issuer),
      provider.clientId,
      undefined,
      secret === undefined ? None() : authenticateWith(secret),
      {
        [customFetch]: outbound,
        timeout: timeoutSeconds,
        execute: [enableNonRepudiationChecks, ...(options.allowsLoopback ? [allowInsecureRequests] : [])],
      },
    );
  }

  return {
    async begin(provider, maxAge) {
      const expectation: Expectation = {
        providerId: provider.id,
        state: randomState(),
        nonce: randomNonce(),
        verifier: randomPKCECodeVerifier(),
        ...(maxAge !== undefined && { maxAge }),
      };
      try {
        const url = buildAuthorizationUrl(await findConfiguration(provider), {
          redirect_uri: redirectUri(issuer, provider.id),
          scope: provider.scopes.join(' '),
          state: expectation.state,
          nonce: expectation.nonce,
          code_challenge: await calculatePKCECodeChallenge(expectation.verifier),
          code_challenge_method: 'S256',
          // One that remembers its person would pass whoever sits there on: `max_age` alone forbids nothing lately.
          ...(maxAge !== undefined && { max_age: String(maxAge), prompt: 'login' }),
        });
        return { url: url.href, expectation };
      } catch (error) {
        return faultOf(error);
      }
    },
    async finish(provider, query, expectation) {
      try {
        const configuration = await findConfiguration(provider);
        const tokens = await authorizationCodeGrant(
          configuration,
          new URL(`${redirectUri(issuer, provider.id)}?${query}`),
          {
            expectedState: expectation.state,
            expectedNonce: expectation.nonce,
            pkceCodeVerifier: expectation.verifier,
            idTokenExpected: true,
            ...(expectation.maxAge !== undefined && { maxAge: expectation.maxAge }),
          },
        );
        const claims = tokens.claims();
        if (!claims) return { fault: 'untrustworthy', cause: undefined };
        const hasUserInfo = configuration.serverMetadata().userinfo_endpoint !== undefined;
        const more =
          claims.email === undefined && hasUserInfo
            ? await fetchUserInfo(configuration, tokens.access_token, claims.sub)
            : {};
        return { assertion: readAssertion({ ...more, ...claims }) };
      } catch (error) {
        return faultOf(error);
      }
    },
  };
}

/** Where a provider sends browsers back to; one address for each, so that no answer can be taken for another's. */
function redirectUri(issuer: string, providerId: string): string {
  return `${issuer}/sign-in/callback/${providerId}`;
}

/** In the header, as every provider must take it (RFC 6749 section 2.3.1), unless it says that it wants the body. */
function authenticateWith(secret: string): ClientAuth {
  const [basic, post] = [ClientSecretBasic(secret), ClientSecretPost(secret)];
  return (as, ...rest) => {
    const methods = as.token_endpoint_auth_methods_supported ?? ['client_secret_basic'];
    return (methods.includes('client_secret_basic') ? basic : post)(as, ...rest);
  };
}
