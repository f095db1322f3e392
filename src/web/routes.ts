import type { Context } from 'koa';
import type { Frame } from '../../views/layout.ts';
import type { OwnCalls } from '../api/own-calls.ts';
import type { AuditLog } from '../audit/audit-log.ts';
import type { Brand } from '../brand.ts';
import type { Clock } from '../clock.ts';
import { createEnvelope } from '../envelope.ts';
import { ceremonySeconds } from '../factors/challenge.ts';
import type { Expectation, RelyingParty } from '../federation/relying-party.ts';
import type { Routes } from '../http/router.ts';
import type { Limits } from '../limits/limits.ts';
import type { Log } from '../log.ts';
import type { Networks } from '../networks/networks.ts';
import type { Notices } from '../notices/notices.ts';
import type { DeviceRequests } from '../oauth/device.ts';
import type { Database } from '../postgres/pool.ts';
import type { MasterSecrets, TokenFormat } from '../secret.ts';
import type { FoundSession } from '../verify/session.ts';
import { createAccountRoutes } from './account/routes.ts';
import { createAdminRoutes } from './admin/routes.ts';
import { createApiSessions, createSessionKeeper } from './api-session.ts';
import { createAssetRoutes } from './assets.ts';
import { createBrand } from './brand.ts';
import { createCodeDesk } from './code-desk.ts';
import { createCodeEntry } from './code-entry.ts';
import { type CookieName, createCookies } from './cookies.ts';
import { createCsrf } from './csrf.ts';
import { createDeparture, expectationSeconds } from './departure.ts';
import { createDesk } from './desk.ts';
import { createDevicePages } from './device.ts';
import { createConfirmRoutes, type Ticket, ticketSeconds } from './device-confirm.ts';
import { createOutcomeRoutes } from './device-outcome.ts';
import { type DeviceStep, deviceStepSeconds } from './device-step.ts';
import { createEntry } from './entry.ts';
import { type HalfSignIn, halfSignInSeconds } from './half-sign-in.ts';
import { createJoinRoutes } from './join.ts';
import { type JoinStep, joinStepSeconds } from './join-step.ts';
import { createKnownBrowsers, type KnownBrowser, knownBrowserSeconds } from './known-browser.ts';
import { createLanguageRoutes } from './language.ts';
import { createLocales } from './locales.ts';
import { createNoSignInRoutes } from './no-sign-in.ts';
import { createOrganizationRoutes } from './organization.ts';
import { createPasskeyDesk } from './passkey-desk.ts';
import { createPasskeySignInRoutes } from './passkey-sign-in.ts';
import { createProviderRoutes } from './provider-sign-in.ts';
import { createProviderStepUp } from './provider-step-up.ts';
import { createReception } from './reception.ts';
import { createReferenceRoutes } from './reference.ts';
import { createSealedCookie } from './sealed-cookie.ts';
import { createSecondFactors } from './second-factor.ts';
import { createSightings } from './sighting.ts';
import { createSignInPages } from './sign-in.ts';
import { createStepUp } from './step-up.ts';
import { createWaitingPages, waitingPageSeconds } from './waiting-page.ts';
import { createWelcomeRoutes } from './welcome.ts';

/** What the pages are made of. `demo` is a sign-in that the page gives away; it must be absent in production. */
export type WebOptions = {
  db: Database;
  issuer: string;
  secrets: MasterSecrets;
  limits: Limits;
  deviceRequests: DeviceRequests;
  networks: Networks;
  format: TokenFormat;
  audit: AuditLog;
  notices: Notices;
  clock: Clock;
  demo?: { email: string; password: string } | undefined;
  /** Where the OpenAPI document is, below the issuer. */
  documentPath: string;
  /** The URI of the management API, and its operations for our own pages. */
  resource: string;
  calls: OwnCalls;
  relyingParty: RelyingParty;
  log: Log;
  /** Who everybody is, where there is no sign-in. */
  singleUserId: string | undefined;
  brand: Brand;
};

/**
 * What people meet: every page, as routes below the issuer, the text of the style that each has, what tells the management
 * API who sits in the browser, what keeps them there under another id, and what stands around a page about a failure.
 */
export type Web = {
  routes: Routes;
  style: string;
  findApiSession(ctx: Context): Promise<FoundSession | undefined>;
  keepApiSession(ctx: Context, id: string): void;
  strangersFrame(ctx: Context): Frame;
};

/** The pages, with everything that they need of each other. */
export function createWeb(options: WebOptions): Web {
  const { db, issuer, secrets, limits, deviceRequests, format, audit, clock, demo, documentPath } = options;
  const { resource, calls, networks, notices, relyingParty, log, singleUserId } = options;
  const { protocol, pathname } = new URL(issuer);
  const base = pathname === '/' ? '' : pathname;
  const cookies = createCookies({ isHttps: protocol === 'https:' });
  const envelope = <Content>(purpose: string, seconds: number) =>
    createEnvelope<Content>({ secrets, purpose, seconds, clock });

  const csrf = createCsrf({ secrets, issuer });
  const locales = createLocales(cookies);
  const knownBrowsers = createKnownBrowsers(cookies, envelope<KnownBrowser>('browser', knownBrowserSeconds));
  const brand = createBrand(options.brand);
  const reception = createReception({
    db,
    base,
    cookies,
    csrf,
    audit,
    singleUserId,
    locales,
    brand: brand.shown,
    knownBrowsers,
    notices,
  });
  const kept = <Content>(name: CookieName, purpose: string, seconds: number) =>
    createSealedCookie(cookies, name, envelope<Content>(purpose, seconds));
  const steps = kept<DeviceStep>('device', 'device step', deviceStepSeconds);
  const joinSteps = kept<JoinStep>('join', 'join step', joinStepSeconds);
  const waitingPages = createWaitingPages(cookies, envelope<string>('waiting page', waitingPageSeconds));
  const desk = createDesk({ db, base, resource, reception, waitingPages });
  const tickets = envelope<Ticket>('ticket', ticketSeconds);
  const codeEntry = createCodeEntry(limits, deviceRequests);
  const devicePages = createDevicePages({ base, reception, steps, codeEntry, audit });
  const enterAs = createEntry({ base, reception, steps, joinSteps, devicePages, waitingPages });
  const challenges = envelope<string>('challenge', ceremonySeconds);
  const passkeys = createPasskeyDesk({ db, issuer, name: options.brand.name, limits, audit, challenges });
  const codes = createCodeDesk({ db, limits, secrets, audit, knownBrowsers });
  const halfSignIns = kept<HalfSignIn>('half', 'half sign-in', halfSignInSeconds);
  const expectations = kept<Expectation>('provider', 'identity provider', expectationSeconds);
  const factors = { db, base, reception, passkeys, codes, audit };
  const secondFactors = createSecondFactors({ ...factors, halfSignIns, enterAs });
  const stepUp = createStepUp({ ...factors, limits, waitingPages });
  const depart = createDeparture({ limits, reception, expectations, relyingParty });
  const providerStepUp = createProviderStepUp({ db, base, reception, depart, stepUp, audit, log });
  const entering = { db, base, limits, reception, knownBrowsers, audit };
  const signInPages = createSignInPages({ ...entering, steps, joinSteps, passkeys, secondFactors, demo });
  const signInRoutes =
    singleUserId === undefined
      ? {
          ...signInPages.routes,
          ...createPasskeySignInRoutes({ reception, passkeys, signInPages, enterAs, audit }),
          ...secondFactors.routes,
          ...createProviderRoutes({
            ...entering,
            expectations,
            relyingParty,
            depart,
            stepUp: providerStepUp,
            joinSteps,
            enterAs,
            log,
          }),
          ...providerStepUp.routes,
        }
      : createNoSignInRoutes(reception, { base, issuer });
  const account = { base, issuer, desk, stepUp, calls, clock, resource };
  const pages: Routes = {
    ...createWelcomeRoutes(reception),
    ...devicePages.routes,
    ...createConfirmRoutes({
      base,
      reception,
      steps,
      tickets,
      devicePages,
      deviceRequests,
      sightings: createSightings(networks, clock),
      stepUp,
      audit,
      notices,
      ownApi: resource,
    }),
    ...createOutcomeRoutes({ db, base, reception, steps, audit, notices }),
    ...signInRoutes,
    ...stepUp.routes,
    ...createJoinRoutes({ db, base, limits, format, reception, steps: joinSteps, audit }),
    ...createOrganizationRoutes({ db, base, reception, steps, waitingPages, audit }),
    ...createAccountRoutes(account),
    ...createAdminRoutes(account),
    ...createReferenceRoutes({ base, desk, reception, documentPath }),
  };
  const routes = {
    ...pages,
    ...createLanguageRoutes({ db, issuer, base, reception, locales, pages }),
    ...createAssetRoutes(),
    ...brand.routes,
  };
  return {
    routes,
    style: brand.style,
    findApiSession: createApiSessions(reception, csrf),
    keepApiSession: createSessionKeeper(reception),
    strangersFrame: reception.strangersFrame,
  };
}
