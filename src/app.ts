import Koa from 'koa';
import { errorPage } from '../views/error.ts';
import { ownApi } from '../views/words/en/own-api.ts';
import { oauthReference } from './api/oauth-reference.ts';
import { documentPath } from './api/openapi.ts';
import { createOperations } from './api/operations.ts';
import { createOwnCalls } from './api/own-calls.ts';
import { createApiRoutes } from './api/routes.ts';
import { apiResource, apiRoleScopes } from './api/scope.ts';
import { type AuditLog, openAuditLog } from './audit/audit-log.ts';
import { ensureOwnClient, ownClient } from './clients/own-client.ts';
import { type ClientUseRecorder, createClientUseRecorder } from './clients/use.ts';
import { type Clock, systemClock } from './clock.ts';
import { type Config, configurationError } from './config.ts';
import { addDevelopmentData, demoUser, hasDevelopmentData } from './development.ts';
import { createOutbound } from './federation/outbound.ts';
import { createRelyingParty } from './federation/relying-party.ts';
import { accessLog } from './http/access-log.ts';
import { clientAddress, createTrust } from './http/client-address.ts';
import { clientCertificate } from './http/client-certificate.ts';
import { encoding } from './http/encoding.ts';
import { errors } from './http/errors.ts';
import { securityHeaders } from './http/headers.ts';
import { healthRoutes } from './http/health.ts';
import { localVisitor } from './http/local-visitor.ts';
import { pinOrigin } from './http/origin.ts';
import { requestId } from './http/request-id.ts';
import { mountRoutes, router } from './http/router.ts';
import { createServer, listen } from './http/server.ts';
import { createShutdown } from './http/shutdown.ts';
import { type KeyRing, loadKeyRing } from './keys/key-ring.ts';
import type { TakenStep } from './keys/rotation.ts';
import { signingKeysChannel } from './keys/signing-key.ts';
import { createLimits, type Limits } from './limits/limits.ts';
import type { Log } from './log.ts';
import { loadMasterSecrets } from './master-secret.ts';
import { loadNetworks, type Networks } from './networks/networks.ts';
import type { Notices } from './notices/notices.ts';
import { createPost } from './notices/post.ts';
import { createAccessTokenFinder } from './oauth/access-token.ts';
import { createAccounts } from './oauth/accounts.ts';
import { createAdapter } from './oauth/adapter.ts';
import { createClientSource, createClientStore } from './oauth/client-store.ts';
import { createDeviceRequests } from './oauth/device.ts';
import { proofAlgorithms } from './oauth/dpop.ts';
import { createStoreEvents } from './oauth/events.ts';
import { createGrantUseRecorder, type GrantUseRecorder } from './oauth/grant-use.ts';
import { createHost } from './oauth/host.ts';
import { createJwtReader } from './oauth/jwt.ts';
import { createLineageJudge } from './oauth/lineage.ts';
import { loadMutualTls, type MutualTls } from './oauth/mutual-tls.ts';
import { createOwnTokens } from './oauth/own-token.ts';
import { createJwtLoader } from './oauth/presented-jwt.ts';
import { createProvider, currentRedemption } from './oauth/provider.ts';
import { createListedResources, createResourceSource } from './oauth/resource-source.ts';
import { oauthRoutes, wellKnownRoutes } from './oauth/routes.ts';
import { createSettings } from './oauth/settings.ts';
import { addPartitionsAhead } from './oauth/sweep.ts';
import { createVerificationNumbers } from './oauth/verification-number.ts';
import { startEmbeddedPostgres } from './postgres/embedded.ts';
import { startListening } from './postgres/listen.ts';
import { migrate, migrationStatus } from './postgres/migrate.ts';
import { createPool, type Database, type Pool } from './postgres/pool.ts';
import { ensureResource } from './resources/resource.ts';
import { createTokenFormat, deriveKeys, type MasterSecrets } from './secret.ts';
import { dismissSingleUser, ensureSingleUser } from './single-user.ts';
import { createUseRecorder, type UseRecorder } from './tokens/use.ts';
import { startUpkeep } from './upkeep.ts';
import { createAuthenticator } from './verify/authenticator.ts';
import { createWeb, type Web } from './web/routes.ts';

/** A server that accepts requests. */
export type Running = {
  issuer: string;
  /** The port that it listens on; the one that the system chose where 0 was asked for. */
  port: number;
  /** Finishes what is in flight, writes what is left, and closes everything that `startApp` opened. */
  stop(): Promise<void>;
};

/** What a server may be given besides its settings; `showMail` is how development without a mail server shows mail. */
export type AppOptions = { clock?: Clock; showMail?: (text: string) => void };

/** Brings up everything that a server needs, in order; what fails halfway closes what was opened before. */
export async function startApp(config: Config, log: Log, options: AppOptions = {}): Promise<Running> {
  const { clock = systemClock, showMail } = options;
  const opened: (() => Promise<unknown>)[] = [];
  const close = async () => {
    for (const end of opened.splice(0).reverse()) await end();
  };
  try {
    const secrets = await loadMasterSecrets(config);
    const mutualTls = loadMutualTls(config.mutualTls);
    const url = config.databaseUrl ?? (await openEmbedded(config, log, opened));
    await migrate(url, log);
    const db = createPool({ url, log });
    opened.push(() => db.close());
    const singleUserId = await prepareData(db, config, clock);
    const recorders = {
      uses: createUseRecorder(db, log),
      clientUses: createClientUseRecorder(db, log),
      grantUses: createGrantUseRecorder(db, log),
    };
    for (const { flush } of Object.values(recorders)) opened.push(flush);
    const audit = await openAuditLog(db, secrets, log);
    opened.push(() => audit.flush());
    const keyRing = await loadKeyRing(db, { secrets, tell: (tx, steps) => recordKeys(audit, tx, steps) });

    const limits = createLimits({ db, secret: secrets[0] });
    const resource = apiResource(config.issuer);
    const post = createPost({ db, config, secrets, limits, log, clock, showMail, resource });

    const networks = await loadNetworks(config.networkDatabases, log);
    const state = { isStopping: () => false };
    const ground = { db, config, secrets, log, clock, keyRing, singleUserId, mutualTls, networks };
    const surface = createSurface({ ...ground, ...recorders, audit, limits, notices: post.notices, state });
    const koa = createKoa(config, log, surface);
    const server = createServer(koa.callback(), config.tls);
    const shutdown = createShutdown(server, stopTimes[config.mode]);
    state.isStopping = shutdown.isStopping;
    const port = await listen(server, config);

    const listening = startListening({
      url,
      log,
      subscriptions: [{ channel: signingKeysChannel, everyMs: 5_000, read: keyRing.refresh }],
    });
    opened.push(() => listening.stop());
    const upkeep = startUpkeep({ db, config, log, clock, audit, recorders, networks, post });
    opened.push(upkeep.stop);
    opened.push(post.stop);
    opened.push(() => shutdown.stop());
    return { issuer: config.issuer, port, stop: close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** In production a load balancer is given time to see that the server is not ready any more. */
const stopTimes = {
  development: { noticeMs: 0, deadlineMs: 3_000 },
  production: { noticeMs: 2_000, deadlineMs: 20_000 },
};

async function openEmbedded(config: Config, log: Log, opened: (() => Promise<unknown>)[]): Promise<string> {
  const postgres = await startEmbeddedPostgres({ directory: `${config.dataDirectory}/postgres`, log });
  opened.push(() => postgres.stop());
  return postgres.url;
}

/** Makes what must be there; the id of the single user, where there is no sign-in. */
async function prepareData(db: Pool, config: Config, clock: Clock): Promise<string | undefined> {
  await addPartitionsAhead(db, clock);
  const { issuer } = config;
  const resource = apiResource(issuer);
  const own = await ensureResource(db, { uri: resource, name: ownApi.name, scopes: apiRoleScopes });
  if ('refusal' in own) {
    throw configurationError([
      `POSTERN_ISSUER: write another one; ${resource}, which would be the management API, is registered as an API of yours`,
    ]);
  }
  if (!(await ensureOwnClient(db))) {
    throw configurationError([
      `DATABASE_URL: a client ${ownClient.id} is registered there; remove it, the server needs that id itself`,
    ]);
  }
  const scopes = apiRoleScopes.filter(({ role }) => role !== 'operator').map(({ scope }) => scope);
  if (config.mode === 'development') await addDevelopmentData(db, { resource, scopes });
  else if (await hasDevelopmentData(db)) {
    throw configurationError([
      'DATABASE_URL: use another database; this one holds the development data, whose passwords everybody knows',
    ]);
  }
  if (config.signIn === 'none') return await ensureSingleUser(db);
  await dismissSingleUser(db);
  return undefined;
}

/** What the signing keys do by themselves. */
async function recordKeys(audit: AuditLog, tx: Database, steps: readonly TakenStep[]): Promise<void> {
  const acts = steps.map(({ step, kid, algorithm }) => ({
    action: step === 'add' ? ('key.published' as const) : ('key.activated' as const),
    actor: { kind: 'server' as const },
    target: { kind: 'signing_key' as const, id: kid },
    origin: {},
    details: { algorithm },
  }));
  await audit.record(tx, ...acts);
}

type Parts = {
  db: Pool;
  config: Config;
  secrets: MasterSecrets;
  log: Log;
  clock: Clock;
  keyRing: KeyRing;
  singleUserId: string | undefined;
  uses: UseRecorder;
  clientUses: ClientUseRecorder;
  grantUses: GrantUseRecorder;
  mutualTls: MutualTls;
  networks: Networks;
  audit: AuditLog;
  limits: Limits;
  notices: Notices;
  state: { isStopping(): boolean };
};

/** Every route, the style of the pages, and what stands around the page about a failure. */
type Surface = Pick<Web, 'routes' | 'style' | 'strangersFrame'>;

/** The whole surface: the protocol, the pages, and the probes. */
function createSurface(all: Parts): Surface {
  const { db, config, secrets, log, clock, keyRing, mutualTls, uses, clientUses, audit, state } = all;
  const { grantUses, networks, limits, notices, singleUserId } = all;
  const { issuer } = config;
  const isDevelopment = config.mode === 'development';
  const base = basePath(issuer);
  const format = createTokenFormat(config.tokenPrefix);
  const userCodeKeys = deriveKeys(secrets, 'user codes');
  // One of an earlier secret is answered with a new one, which is how nonces end anyway.
  const [dpopSecret] = deriveKeys(secrets, 'DPoP nonces');
  const verificationNumbers = createVerificationNumbers(deriveKeys(secrets, 'verification numbers'));
  const findClient = createClientSource(db);
  const findResource = createResourceSource(db);
  const events = createStoreEvents(audit);
  const adapter = createAdapter(db, { format, userCodeKeys, redemption: currentRedemption, events });
  const isLineageAlive = createLineageJudge(db);
  const accounts = createAccounts(db);
  const loadJwt = createJwtLoader(db, createJwtReader(issuer, keyRing.publicKeys, keyRing.refresh));
  /** An engine for the signing keys of the moment. */
  const assemble = () => {
    const signingKeys = keyRing.keys();
    const settings = createSettings({
      adapter: (name) => (name === 'Client' ? createClientStore(findClient) : adapter(name)),
      signingKeys,
      cookieKeys: deriveKeys(secrets, 'engine cookies'),
      dpopSecret,
      findClient,
      findResource,
      accounts,
      isLineageAlive,
      uses,
      clock,
      allowsPrivateNetworks: config.allowsPrivateNetworks,
      mutualTls,
    });
    const exchange = { findClient, findResource, accounts, isLineageAlive, signingKeys, format, log };
    return createProvider({
      issuer,
      settings,
      db,
      format,
      loadJwt,
      events,
      exchange,
      uses,
      clock,
      dpopSecret,
      verificationNumbers,
    });
  };
  const host = createHost(assemble(), base);
  keyRing.onChange(() => host.replace(assemble()));
  const listResources = createListedResources(db);
  const { offersRegistration } = config;
  const parts = { issuer, db, host, limits, format, clock, mutualTls, audit };
  const noteUse = (clientId: string) => clientUses.record(clientId, clock.now());
  const noteGrantUse = (grantId: string, address: string) =>
    grantUses.record(grantId, { at: clock.now(), address });
  const endpoints = { ...parts, findResource, listResources, offersRegistration, noteUse, noteGrantUse };
  const found = { findClient, findResource };
  const deviceRequests = createDeviceRequests({ ...found, db, userCodeKeys, verificationNumbers });
  const demo = isDevelopment ? demoUser : undefined;
  const resource = apiResource(issuer);
  const operations = createOperations({
    secrets,
    format,
    clock,
    issuer,
    notices,
    limits,
    brandName: config.brand.name,
    issueOwnToken: createOwnTokens({
      db,
      provider: host.provider,
      signingKeys: keyRing.keys,
      findClient,
      findResource,
    }),
  });
  const ground = { db, audit, resource };
  const allowsLoopback = isDevelopment;
  const { allowsPrivateNetworks } = config;
  const outbound = createOutbound({ allowsPrivateNetworks, allowsLoopback });
  const relyingParty = createRelyingParty({ issuer, secrets, outbound, clock, allowsLoopback });
  const web = createWeb({
    db,
    log,
    relyingParty,
    singleUserId,
    issuer,
    secrets,
    limits,
    deviceRequests,
    networks,
    format,
    audit,
    notices,
    clock,
    demo,
    documentPath,
    resource,
    calls: createOwnCalls(ground, operations),
    brand: config.brand,
  });
  const authenticate = createAuthenticator({
    db,
    format,
    clock,
    resource,
    metadataUrl: `${new URL(issuer).origin}/.well-known/oauth-protected-resource${base}/api`,
    tokenHeader: config.tokenHeader,
    proofAlgorithms,
    findAccessToken: createAccessTokenFinder({
      db,
      host,
      issuer,
      resource,
      dpopSecret,
      loadJwt,
      life: { findClient, accounts, isLineageAlive },
    }),
    findSession: web.findApiSession,
    uses,
  });
  const otherPaths = oauthReference({ offersRegistration });
  const reference = { issuer, tokenHeader: config.tokenHeader, otherPaths };
  const api = {
    ...ground,
    limits,
    quotas: config.apiRequests,
    authenticate,
    keepSession: web.keepApiSession,
  };
  const routes = {
    ...mountRoutes(base, {
      ...oauthRoutes(endpoints),
      ...web.routes,
      ...createApiRoutes(api, operations, reference),
    }),
    ...wellKnownRoutes(endpoints, base),
    ...healthRoutes({
      serving: async () => !state.isStopping(),
      database: async () => (await migrationStatus(db)).pending.length === 0,
      signing_key: async () => keyRing.isSound(),
    }),
  };
  return { routes, style: web.style, strangersFrame: web.strangersFrame };
}

/** The way of every request. */
function createKoa(config: Config, log: Log, { routes, style, strangersFrame }: Surface): Koa {
  const trust = createTrust(config.trustedProxies);
  const koa = new Koa({ proxy: true });
  koa.on('error', (error) => log.error({ err: error }, 'unexpected error'));
  koa.use(clientAddress(trust)); // who asks
  koa.use(clientCertificate({ trust, header: config.mutualTls?.header })); // and with which certificate
  koa.use(requestId(trust)); // what the question is called
  koa.use(accessLog(log)); // one line when it is answered
  if (config.signIn === 'none') koa.use(localVisitor(config.issuer)); // whether it is the one at this machine
  koa.use(securityHeaders({ isHttps: config.issuer.startsWith('https:'), style }));
  koa.use(encoding(style)); // pages in one flight
  koa.use(
    errors({
      log,
      errorPage: (ctx, error) => errorPage({ ...strangersFrame(ctx), ...error }).toString(),
    }),
  );
  koa.use(pinOrigin(config.issuer)); // whatever Host says, this is the issuer
  koa.use(router(routes));
  return koa;
}

/** The issuer's own path, `''` when it has none. */
function basePath(issuer: string): string {
  return new URL(issuer).pathname.replace(/\/$/, '');
}
