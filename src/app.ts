import Koa from 'koa';
import { errorPage } from '../views/error.ts';
import { oauthReference } from './api/oauth-reference.ts';
import { documentPath } from './api/openapi.ts';
import { createOperations } from './api/operations.ts';
import { createOwnCalls, type OwnCalls } from './api/own-calls.ts';
import { createApiRoutes } from './api/routes.ts';
import { apiResource } from './api/scope.ts';
import { type AuditLog, openAuditLog } from './audit/audit-log.ts';
import { type ClientUseRecorder, createClientUseRecorder } from './clients/use.ts';
import { type Clock, systemClock } from './clock.ts';
import type { Config } from './config.ts';
import { demoUser } from './development.ts';
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
import { prepareData } from './initial-data.ts';
import { recordSteps } from './keys/events.ts';
import { type KeyRing, loadKeyRing } from './keys/key-ring.ts';
import { signingKeysChannel } from './keys/signing-key.ts';
import { createLimits, type Limits } from './limits/limits.ts';
import type { Log } from './log.ts';
import { loadMasterSecrets } from './master-secret.ts';
import { loadNetworks, type Networks } from './networks/networks.ts';
import type { Notices } from './notices/notices.ts';
import { createPost } from './notices/post.ts';
import { proofAlgorithms } from './oauth/dpop.ts';
import { createGrantUseRecorder, type GrantUseRecorder } from './oauth/grant-use.ts';
import { loadMutualTls, type MutualTls } from './oauth/mutual-tls.ts';
import { createProtocol, type Protocol } from './oauth/protocol.ts';
import { startEmbeddedPostgres } from './postgres/embedded.ts';
import { startListening } from './postgres/listen.ts';
import { migrate, migrationStatus } from './postgres/migrate.ts';
import { createPool, type Pool } from './postgres/pool.ts';
import { createTokenFormat, type MasterSecrets, type TokenFormat } from './secret.ts';
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
    const keyRing = await loadKeyRing(db, { secrets, tell: (tx, steps) => recordSteps(audit, tx, steps) });

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

/** The whole surface: the protocol, the management API, the pages, and the probes. */
function createSurface(parts: Parts): Surface {
  const { db, config, secrets, clock, keyRing, uses, audit, limits, notices, state } = parts;
  const { issuer, tokenHeader } = config;
  const base = basePath(issuer);
  const resource = apiResource(issuer);
  const format = createTokenFormat(config.tokenPrefix);
  const protocol = createProtocol({ ...parts, base, format, resource });
  const operations = createOperations({
    secrets,
    format,
    clock,
    issuer,
    notices,
    limits,
    brandName: config.brand.name,
    issueOwnToken: protocol.issueOwnToken,
  });
  const ground = { db, audit, resource };
  const web = createPages(parts, { protocol, calls: createOwnCalls(ground, operations), format, resource });
  const authenticate = createAuthenticator({
    db,
    format,
    clock,
    resource,
    metadataUrl: `${new URL(issuer).origin}/.well-known/oauth-protected-resource${base}/api`,
    tokenHeader,
    proofAlgorithms,
    findAccessToken: protocol.findAccessToken,
    findSession: web.findApiSession,
    uses,
  });
  const api = {
    ...ground,
    limits,
    quotas: config.apiRequests,
    authenticate,
    keepSession: web.keepApiSession,
  };
  const reference = { issuer, tokenHeader, otherPaths: oauthReference(config) };
  const routes = {
    ...mountRoutes(base, {
      ...protocol.routes,
      ...web.routes,
      ...createApiRoutes(api, operations, reference),
    }),
    ...protocol.wellKnownRoutes,
    ...healthRoutes({
      serving: async () => !state.isStopping(),
      database: async () => (await migrationStatus(db)).pending.length === 0,
      signing_key: async () => keyRing.isSound(),
    }),
  };
  return { routes, style: web.style, strangersFrame: web.strangersFrame };
}

/** The pages, on OAuth and on what the management API does for them. */
function createPages(
  parts: Parts,
  on: { protocol: Protocol; calls: OwnCalls; format: TokenFormat; resource: string },
): Web {
  const { db, config, secrets, log, clock, limits, networks, audit, notices, singleUserId } = parts;
  const { issuer, brand, allowsPrivateNetworks } = config;
  const isDevelopment = config.mode === 'development';
  const allowsLoopback = isDevelopment;
  const outbound = createOutbound({ allowsPrivateNetworks, allowsLoopback });
  return createWeb({
    db,
    log,
    relyingParty: createRelyingParty({ issuer, secrets, outbound, clock, allowsLoopback }),
    singleUserId,
    issuer,
    secrets,
    limits,
    deviceRequests: on.protocol.deviceRequests,
    networks,
    format: on.format,
    audit,
    notices,
    clock,
    demo: isDevelopment ? demoUser : undefined,
    documentPath,
    resource: on.resource,
    calls: on.calls,
    brand,
  });
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
