import type { Clock } from '../clock.ts';
import type { Routes } from '../http/router.ts';
import type { Limits } from '../limits/limits.ts';
import type { DeviceRequests } from '../oauth/device.ts';
import type { Database } from '../postgres/pool.ts';
import type { MasterSecrets } from '../secret.ts';
import { createAssetRoutes } from './assets.ts';
import { createCodeEntry } from './code-entry.ts';
import { createCookies } from './cookies.ts';
import { createCsrf } from './csrf.ts';
import { createDevicePages } from './device.ts';
import { createConfirmRoutes, type Ticket, ticketSeconds } from './device-confirm.ts';
import { createDeviceSteps, type DeviceStep, deviceStepSeconds } from './device-step.ts';
import { createEnvelope } from './envelope.ts';
import { createKnownBrowsers, type KnownBrowser, knownBrowserSeconds } from './known-browser.ts';
import { createReception } from './reception.ts';
import { createSignInRoutes } from './sign-in.ts';
import { createWelcomeRoutes } from './welcome.ts';

/** What the pages are made of. `demo` is a sign-in that the page gives away; it must be absent in production. */
export type WebOptions = {
  db: Database;
  issuer: string;
  secrets: MasterSecrets;
  limits: Limits;
  deviceRequests: DeviceRequests;
  clock: Clock;
  demo?: { email: string; password: string } | undefined;
};

/** Every page for people, as routes below the issuer. */
export function createWeb(options: WebOptions): Routes {
  const { db, issuer, secrets, limits, deviceRequests, clock, demo } = options;
  const { protocol, pathname } = new URL(issuer);
  const base = pathname === '/' ? '' : pathname;
  const cookies = createCookies({ isHttps: protocol === 'https:' });
  const envelope = <Content>(purpose: string, seconds: number) =>
    createEnvelope<Content>({ secrets, purpose, seconds, clock });

  const reception = createReception({ db, base, cookies, csrf: createCsrf({ secrets, issuer }) });
  const steps = createDeviceSteps(cookies, envelope<DeviceStep>('device step', deviceStepSeconds));
  const knownBrowsers = createKnownBrowsers(cookies, envelope<KnownBrowser>('browser', knownBrowserSeconds));
  const tickets = envelope<Ticket>('ticket', ticketSeconds);
  const codeEntry = createCodeEntry(limits, deviceRequests);
  const devicePages = createDevicePages({ base, reception, steps, codeEntry });
  return {
    ...createWelcomeRoutes(reception),
    ...devicePages.routes,
    ...createConfirmRoutes({ base, reception, steps, tickets, devicePages, deviceRequests, clock }),
    ...createSignInRoutes({ db, base, limits, reception, steps, devicePages, knownBrowsers, demo }),
    ...createAssetRoutes(),
  };
}
