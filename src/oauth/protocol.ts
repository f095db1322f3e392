import type { Provider } from 'oidc-provider';
import type { AuditLog } from '../audit/audit-log.ts';
import type { ClientUseRecorder } from '../clients/use.ts';
import type { Clock } from '../clock.ts';
import type { Config } from '../config.ts';
import type { Routes } from '../http/router.ts';
import type { KeyRing } from '../keys/key-ring.ts';
import type { Limits } from '../limits/limits.ts';
import type { Log } from '../log.ts';
import type { Pool } from '../postgres/pool.ts';
import { deriveKeys, type MasterSecrets, type TokenFormat } from '../secret.ts';
import type { UseRecorder } from '../tokens/use.ts';
import { type AccessTokenFinder, createAccessTokenFinder } from './access-token.ts';
import { createAccounts } from './accounts.ts';
import { createAdapter } from './adapter.ts';
import { createClientSource, createClientStore } from './client-store.ts';
import { createDeviceRequests, type DeviceRequests } from './device.ts';
import { createStoreEvents } from './events.ts';
import type { GrantUseRecorder } from './grant-use.ts';
import { createHost } from './host.ts';
import { createJwtReader } from './jwt.ts';
import { createLineageJudge } from './lineage.ts';
import type { MutualTls } from './mutual-tls.ts';
import { createOwnTokens, type OwnTokens } from './own-token.ts';
import { createJwtLoader } from './presented-jwt.ts';
import { createProvider, currentRedemption } from './provider.ts';
import { createListedResources, createResourceSource } from './resource-source.ts';
import { oauthRoutes, wellKnownRoutes } from './routes.ts';
import { createSettings } from './settings.ts';
import { createVerificationNumbers } from './verification-number.ts';

/** What OAuth stands on. */
export type ProtocolOptions = {
  db: Pool;
  config: Config;
  /** The issuer's own path, `''` where it has none. */
  base: string;
  secrets: MasterSecrets;
  format: TokenFormat;
  keyRing: KeyRing;
  mutualTls: MutualTls;
  audit: AuditLog;
  limits: Limits;
  clock: Clock;
  log: Log;
  /** What remembers when API tokens, clients and grants were used. */
  uses: UseRecorder;
  clientUses: ClientUseRecorder;
  grantUses: GrantUseRecorder;
  /** The management API of this server, as a resource. */
  resource: string;
};

/** OAuth as the rest of the server meets it. */
export type Protocol = {
  /** Below the issuer's own path. */
  routes: Routes;
  /** At the root, whatever that path is. */
  wellKnownRoutes: Routes;
  deviceRequests: DeviceRequests;
  /** Finds access tokens for the management API. */
  findAccessToken: AccessTokenFinder;
  issueOwnToken: OwnTokens;
};

/** The endpoints over the engine, which is made anew whenever the signing keys change. */
export function createProtocol(options: ProtocolOptions): Protocol {
  const { db, config, base, keyRing, mutualTls, audit, limits, format, clock, resource } = options;
  const { issuer, offersRegistration } = config;
  const parts = createParts(options);
  const { findClient, findResource, loadJwt, dpopSecret, life } = parts;
  const host = createHost(createEngine(options, parts), base);
  keyRing.onChange(() => host.replace(createEngine(options, parts)));
  const endpoints = {
    issuer,
    db,
    host,
    limits,
    format,
    clock,
    mutualTls,
    audit,
    findResource,
    offersRegistration,
    deviceRequestsOfNetwork: config.deviceRequests,
    listResources: createListedResources(db),
    noteUse: (clientId: string) => options.clientUses.record(clientId, clock.now()),
    noteGrantUse: (grantId: string, address: string) =>
      options.grantUses.record(grantId, { at: clock.now(), address }),
  };
  return {
    routes: oauthRoutes(endpoints),
    wellKnownRoutes: wellKnownRoutes(endpoints, base),
    deviceRequests: createDeviceRequests({ db, ...parts }),
    findAccessToken: createAccessTokenFinder({ db, host, issuer, resource, dpopSecret, loadJwt, life }),
    issueOwnToken: createOwnTokens({
      db,
      provider: host.provider,
      signingKeys: keyRing.keys,
      findClient,
      findResource,
    }),
  };
}

type Parts = ReturnType<typeof createParts>;

/** What every engine has in common. */
function createParts({ db, config, secrets, format, keyRing, audit }: ProtocolOptions) {
  const userCodeKeys = deriveKeys(secrets, 'user codes');
  // One of an earlier secret is answered with a new one, which is how nonces end anyway.
  const [dpopSecret] = deriveKeys(secrets, 'DPoP nonces');
  const findClient = createClientSource(db);
  const events = createStoreEvents(audit);
  return {
    userCodeKeys,
    dpopSecret,
    findClient,
    findResource: createResourceSource(db),
    events,
    adapter: createAdapter(db, { format, userCodeKeys, redemption: currentRedemption, events }),
    loadJwt: createJwtLoader(db, createJwtReader(config.issuer, keyRing.publicKeys, keyRing.refresh)),
    verificationNumbers: createVerificationNumbers(deriveKeys(secrets, 'verification numbers')),
    life: { findClient, accounts: createAccounts(db), isLineageAlive: createLineageJudge(db) },
  };
}

/** An engine for the signing keys of the moment. */
function createEngine(options: ProtocolOptions, parts: Parts): Provider {
  const { db, config, secrets, format, log, clock, uses, mutualTls } = options;
  const { adapter, findClient, findResource, loadJwt, events, dpopSecret, verificationNumbers, life } = parts;
  const signingKeys = options.keyRing.keys();
  const settings = createSettings({
    ...life,
    adapter: (name) => (name === 'Client' ? createClientStore(findClient) : adapter(name)),
    signingKeys,
    cookieKeys: deriveKeys(secrets, 'engine cookies'),
    dpopSecret,
    findResource,
    uses,
    clock,
    allowsPrivateNetworks: config.allowsPrivateNetworks,
    mutualTls,
  });
  return createProvider({
    issuer: config.issuer,
    settings,
    db,
    format,
    loadJwt,
    events,
    exchange: { ...life, findResource, signingKeys, format, log },
    uses,
    clock,
    dpopSecret,
    verificationNumbers,
  });
}
