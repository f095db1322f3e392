import type { Context } from 'koa';
import type { AuditLog } from '../audit/audit-log.ts';
import type { Clock } from '../clock.ts';
import type { Routes } from '../http/router.ts';
import type { Limits } from '../limits/limits.ts';
import type { DeviceRequests } from '../oauth/device.ts';
import type { Database } from '../postgres/pool.ts';
import type { MasterSecrets, TokenFormat } from '../secret.ts';
import { type ApiSession, createApiSessions } from './api-session.ts';
import { createAssetRoutes } from './assets.ts';
import { createCodeEntry } from './code-entry.ts';
import { createCookies } from './cookies.ts';
import { createCsrf } from './csrf.ts';
import { createDevicePages } from './device.ts';
import { createConfirmRoutes, type Ticket, ticketSeconds } from './device-confirm.ts';
import { createDeviceSteps, type DeviceStep, deviceStepSeconds } from './device-step.ts';
import { createEnvelope } from './envelope.ts';
import { createJoinRoutes } from './join.ts';
import { createJoinSteps, type JoinStep, joinStepSeconds } from './join-step.ts';
import { createKnownBrowsers, type KnownBrowser, knownBrowserSeconds } from './known-browser.ts';
import { createOrganizationRoutes } from './organization.ts';
import { createReception } from './reception.ts';
import { createReferenceRoutes } from './reference.ts';
import { createSignInRoutes } from './sign-in.ts';
import { createWelcomeRoutes } from './welcome.ts';

/** What the pages are made of. `demo` is a sign-in that the page gives away; it must be absent in production. */
export type WebOptions = {
  db: Database;
  issuer: string;
  secrets: MasterSecrets;
  limits: Limits;
  deviceRequests: DeviceRequests;
  format: TokenFormat;
  audit: AuditLog;
  clock: Clock;
  demo?: { email: string; password: string } | undefined;
  /** Where the OpenAPI document is, below the issuer. */
  documentPath: string;
};

/** What people meet: every page, as routes below the issuer, and what tells the management API who sits in the browser. */
export type Web = { routes: Routes; findApiSession(ctx: Context): Promise<ApiSession | undefined> };

/** The pages, with everything that they need of each other. */
export function createWeb(options: WebOptions): Web {
  const { db, issuer, secrets, limits, deviceRequests, format, audit, clock, demo, documentPath } = options;
  const { protocol, pathname } = new URL(issuer);
  const base = pathname === '/' ? '' : pathname;
  const cookies = createCookies({ isHttps: protocol === 'https:' });
  const envelope = <Content>(purpose: string, seconds: number) =>
    createEnvelope<Content>({ secrets, purpose, seconds, clock });

  const csrf = createCsrf({ secrets, issuer });
  const reception = createReception({ db, base, cookies, csrf, audit });
  const steps = createDeviceSteps(cookies, envelope<DeviceStep>('device step', deviceStepSeconds));
  const joinSteps = createJoinSteps(cookies, envelope<JoinStep>('join step', joinStepSeconds));
  const knownBrowsers = createKnownBrowsers(cookies, envelope<KnownBrowser>('browser', knownBrowserSeconds));
  const tickets = envelope<Ticket>('ticket', ticketSeconds);
  const codeEntry = createCodeEntry(limits, deviceRequests);
  const devicePages = createDevicePages({ base, reception, steps, codeEntry, audit });
  const routes = {
    ...createWelcomeRoutes(reception),
    ...devicePages.routes,
    ...createConfirmRoutes({ base, reception, steps, tickets, devicePages, deviceRequests, audit, clock }),
    ...createSignInRoutes({
      db,
      base,
      limits,
      reception,
      steps,
      joinSteps,
      devicePages,
      knownBrowsers,
      audit,
      demo,
    }),
    ...createJoinRoutes({ db, base, limits, format, reception, steps: joinSteps, audit }),
    ...createOrganizationRoutes({ db, base, reception, audit }),
    ...createReferenceRoutes(reception, documentPath),
    ...createAssetRoutes(),
  };
  return { routes, findApiSession: createApiSessions(reception, csrf) };
}
