import {
  type AdapterFactory,
  type Configuration,
  type Client as EngineClient,
  errors,
  type KoaContextWithOIDC,
  type UnknownObject,
} from 'oidc-provider';
import { authenticationMethods } from '../clients/registration.ts';
import type { Clock } from '../clock.ts';
import type { SigningKey } from '../keys/key-ring.ts';
import type { KeyChain } from '../secret.ts';
import type { UseRecorder } from '../tokens/use.ts';
import { contextClasses } from '../users/authentication-context.ts';
import type { Accounts } from './accounts.ts';
import { authenticationOf } from './authentication.ts';
import { checkAssertion, fetchKeys } from './client-assertion.ts';
import type { ClientSource } from './client-store.ts';
import { registrationOf, registrationProperty } from './client-store.ts';
import { isNonceRequired, proofAlgorithms } from './dpop.ts';
import { isIntrospectionAllowed } from './introspection.ts';
import { deviceCodeLifetime, refreshTokenLifetime } from './lifetimes.ts';
import type { Lineage } from './lineage.ts';
import type { Instance } from './model.ts';
import { type MutualTls, mutualTlsFeature } from './mutual-tls.ts';
import { resourceServerInfo } from './resource-server.ts';
import type { ResourceSource } from './resource-source.ts';
import { applyRequestedScope } from './scope.ts';
import { Signer } from './signer.ts';

/** What the engine's configuration is made of. */
export type SettingsOptions = {
  adapter: AdapterFactory;
  /** The first one that fits signs. */
  signingKeys: readonly SigningKey[];
  cookieKeys: KeyChain;
  dpopSecret: Buffer;
  findClient: ClientSource;
  findResource: ResourceSource;
  accounts: Accounts;
  /** Whether everything is alive that a token got by exchange stands on. */
  isLineageAlive: (lineage: Lineage) => Promise<boolean>;
  /** Remembers when API tokens were asked for. */
  uses: UseRecorder;
  clock: Clock;
  /** Whether clients' `jwks_uri` may lie in networks that are not public. */
  allowsPrivateNetworks: boolean;
  mutualTls: MutualTls;
};

/** The paths of the protocol, below the issuer's own path. */
export const paths = {
  token: '/oauth/token',
  deviceAuthorization: '/oauth/device_authorization',
  introspection: '/oauth/introspect',
  revocation: '/oauth/revoke',
  jwks: '/.well-known/jwks.json',
  authorizationServer: '/.well-known/oauth-authorization-server',
  openidConfiguration: '/.well-known/openid-configuration',
  registration: '/oauth/register',
  resourceMetadata: '/oauth/resource-metadata',
  verification: '/device',
} as const;

/** The engine's configuration. What it offers by default and we do not is switched off by name. */
export function createSettings(options: SettingsOptions): Configuration {
  return {
    adapter: options.adapter,
    jwks: { keys: options.signingKeys.map((key) => new Signer(key)) },
    clientAuthMethods: [...authenticationMethods],
    assertJwtClientAuthClaimsAndHeader: (ctx, claims) => checkAssertion(ctx, claims),
    fetch: (url, init) => fetchKeys(url as string | URL, init, options.allowsPrivateNetworks),
    fetchResponseBodyLimits: { jwks_uri: 65_536 },
    responseTypes: [],
    scopes: ['offline_access'],
    claims: {},
    acrValues: [...contextClasses],
    extraClientMetadata: { properties: [registrationProperty] },
    enabledJWA: {
      idTokenSigningAlgValues: ['ES256'],
      introspectionSigningAlgValues: ['ES256'],
      clientAuthSigningAlgValues: ['ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519', 'PS256', 'RS256'],
      dPoPSigningAlgValues: proofAlgorithms,
    },
    // The engine's own browser sessions are not used; without a key it would warn of unsigned cookies.
    cookies: { keys: [...options.cookieKeys] },
    routes: {
      token: paths.token,
      device_authorization: paths.deviceAuthorization,
      introspection: paths.introspection,
      revocation: paths.revocation,
      jwks: paths.jwks,
      code_verification: paths.verification,
    },
    // What a grant handler has put there is kept with the token.
    extraTokenClaims: async (_ctx, token) => (token as { extra?: UnknownObject }).extra,
    formats: { customizers: { jwt: (ctx, token, parts) => addClaims(ctx, token, parts) } },
    features: {
      clientCredentials: { enabled: true },
      deviceFlow: { enabled: true, charset: 'base-20', mask: '****-****', deviceInfo: describeAsking },
      introspection: {
        enabled: true,
        allowedPolicy: (ctx, client, token) => isIntrospectionAllowed(options, ctx, client, token),
      },
      jwtIntrospection: { enabled: true },
      revocation: { enabled: true, allowedPolicy: isRevocationAllowed },
      resourceIndicators: {
        enabled: true,
        defaultResource: async (_ctx, client) => {
          const uri = registrationOf(client).defaultResource;
          if (!uri) throw new errors.InvalidTarget('this client has no default resource; ask for one');
          return uri;
        },
        useGrantedResource: async () => true,
        getResourceServerInfo: async (ctx, uri, client) => {
          // RFC 8707 section 2 leaves it to us: one request, one resource, so that every scope has one meaning.
          if (Array.isArray(ctx.oidc.params?.resource))
            throw new errors.InvalidTarget('ask for one resource');
          const registration = registrationOf(client);
          const allowed = Object.hasOwn(registration.allowed, uri) ? registration.allowed[uri] : undefined;
          const resource = allowed && (await options.findResource(uri));
          if (!allowed || !resource)
            throw new errors.InvalidTarget('this client may not ask for this resource');
          applyRequestedScope(ctx, registration, allowed);
          return resourceServerInfo(registration, resource, options.signingKeys);
        },
      },
      devInteractions: { enabled: false },
      pushedAuthorizationRequests: { enabled: false },
      rpInitiatedLogout: { enabled: false },
      userinfo: { enabled: false },
      dPoP: {
        enabled: true,
        nonceSecret: options.dpopSecret,
        requireNonce: (ctx) => isNonceRequired(ctx.oidc.client as EngineClient),
      },
      mTLS: mutualTlsFeature(options.mutualTls),
      // Acknowledged by the name of the version that we know; another one makes the engine refuse to start.
      externalSigningSupport: { enabled: true, ack: 'experimental-01' },
    },
    ttl: {
      AccessToken: (_ctx, token) => token.resourceServer?.accessTokenTTL ?? 3_600,
      ClientCredentials: (_ctx, token) => token.resourceServer?.accessTokenTTL ?? 3_600,
      DeviceCode: (_ctx, _token, client) => deviceCodeLifetime(registrationOf(client)),
      RefreshToken: (_ctx, token, client) =>
        refreshTokenLifetime(registrationOf(client), token.totalLifetime()),
    },
    clientBasedCORS: () => false,
    expiresWithSession: async () => false,
    rotateRefreshToken: true,
    issueRefreshToken: async (_ctx, client, source) =>
      client.grantTypeAllowed('refresh_token') && source.scopes.has('offline_access'),
    revokeGrantPolicy: (ctx) => !isAccessTokenRevocation(ctx),
    async findAccount(ctx, id) {
      const account = await options.accounts.find(id);
      if (account) ctx.state.person = { id, email: account.email };
      return account;
    },
  };
}

/**
 * What a JWT stands on: its client's generation and, where a person is behind it, their grant; also when and how they
 * authenticated (RFC 9068 section 2.2.1).
 */
function addClaims(
  ctx: KoaContextWithOIDC | undefined,
  token: Instance,
  parts: { payload: Record<string, unknown> },
): void {
  // A token that nobody has asked the token endpoint for brings both along.
  const client: EngineClient | undefined = ctx?.oidc.client ?? token.client;
  if (client) parts.payload.client_generation = registrationOf(client).generation;
  if (!token.grantId) return;
  const grant = ctx?.oidc.entities.Grant ?? token.approval;
  Object.assign(parts.payload, { grant_id: token.grantId, ...authenticationOf(token, grant) });
}

/** Only who a token was issued to gives it back (RFC 7009 section 2.1); a public client is not told whose it is. */
async function isRevocationAllowed(
  _ctx: KoaContextWithOIDC,
  client: EngineClient,
  token: { clientId?: string | undefined },
): Promise<boolean> {
  if (token.clientId === client.clientId) return true;
  if (client.clientAuthMethod === 'none') return false;
  throw new errors.InvalidRequest('the token was issued to another client');
}

/** A revocation of an access token ends that token alone; every other revocation ends its grant. */
export function isAccessTokenRevocation(ctx: KoaContextWithOIDC | undefined): boolean {
  return ctx?.oidc?.route === 'revocation' && ctx.oidc.entities.AccessToken !== undefined;
}

function describeAsking(ctx: KoaContextWithOIDC): Record<string, string> {
  return { address: ctx.state.address ?? '', userAgent: ctx.get('user-agent').slice(0, 500) };
}
