import type { Context } from 'koa';
import type { ShownBrand } from '../../views/brand.ts';
import type { Frame } from '../../views/layout.ts';
import type { Locale } from '../../views/locale.ts';
import type { AuditLog } from '../audit/audit-log.ts';
import { claimedSystem } from '../claimed-system.ts';
import { AppError } from '../errors.ts';
import { addressOf } from '../http/client-address.ts';
import { type Form, fieldOf, mostTicks, readForm } from '../http/form.ts';
import { isLocalVisitor } from '../http/local-visitor.ts';
import { traceOf } from '../http/trace.ts';
import type { Notices } from '../notices/notices.ts';
import type { Database } from '../postgres/pool.ts';
import { randomText } from '../secret.ts';
import {
  createSession,
  endSession,
  type FederatedSignIn,
  findSession,
  type ProvenAgain,
  renewSession,
  type Session,
} from '../users/session.ts';
import { lockPassword } from '../users/user.ts';
import type { Cookies } from './cookies.ts';
import type { Csrf } from './csrf.ts';
import { sessionEnded } from './events.ts';
import type { KnownBrowsers } from './known-browser.ts';
import type { Locales } from './locales.ts';

/** One browser at our door. `sessionId` is what its cookie says, `session` what the database says to that. */
export type Visit = {
  id: string;
  sessionId: string | undefined;
  session: Session | undefined;
  locale: Locale;
};

/**
 * Who is let in, and how they have proven who they are: at an identity provider, or by the password of this hash, as long
 * as that is theirs.
 */
export type Entrant = {
  userId: string;
  amr: readonly string[];
  federated?: FederatedSignIn | undefined;
  passwordHash?: string | undefined;
};

/** Finds out who is there, and keeps strangers from sending forms in their name. */
export type Reception = {
  /** Who has been here before, without letting anybody new in. */
  find(ctx: Context): Promise<Visit | undefined>;
  receive(ctx: Context): Promise<Visit>;
  /** Reads a form that was posted; AppError `form_expired` unless it came from one of our pages in this browser. */
  receiveForm(ctx: Context): Promise<{ visit: Visit; form: Form }>;
  /**
   * Begins a session. It and the visit get new ids, so that nobody can have planted them before. Its person is told of it
   * where this browser was not theirs so far; from now on it is. AppError `conflict` where the password was changed.
   */
  admit(ctx: Context, visit: Visit, entrant: Entrant): Promise<Visit>;
  /**
   * Writes down what its person has proven anew. The session gets another id, the visit stays, and is returned as it is now;
   * `tell` is called at the end of the transaction. Does nothing where the session has ended.
   */
  renew(
    ctx: Context,
    visit: Visit,
    proven: ProvenAgain,
    tell: (tx: Database) => Promise<void>,
  ): Promise<Visit>;
  /** Hands the browser the new id of its session; returns what its forms carry from now on. */
  keep(ctx: Context, sessionId: string): string;
  /** Ends the session and the visit. */
  dismiss(ctx: Context, visit: Visit): Promise<void>;
  /** What every page shows. */
  frame(visit: Visit): Frame;
  /** What a page shows that knows nobody, since something has failed; asks nothing of the database. */
  strangersFrame(ctx: Context): Frame;
};

/** A browser before somebody is let in there: it may never have been here. */
type Before = Partial<Visit>;

const wellFormed = /^[0-9A-Za-z]{43}$/;

/** A reception for an issuer whose own path is `base`. */
export function createReception(options: {
  db: Database;
  base: string;
  cookies: Cookies;
  csrf: Csrf;
  audit: AuditLog;
  /** Who everybody on this machine is, where there is no sign-in. */
  singleUserId: string | undefined;
  locales: Locales;
  brand: ShownBrand;
  knownBrowsers: KnownBrowsers;
  notices: Notices;
}): Reception {
  const { db, base, cookies, csrf, audit, singleUserId, locales, brand, knownBrowsers, notices } = options;

  async function find(ctx: Context): Promise<Visit | undefined> {
    const id = visitIdOf(ctx);
    if (id === undefined) return undefined;
    const sessionId = cookies.get(ctx, 'session');
    const session = sessionId === undefined ? undefined : await findSession(db, sessionId);
    return { id, sessionId, session, locale: locales.find(ctx, session?.language) };
  }

  function visitIdOf(ctx: Context): string | undefined {
    const id = cookies.get(ctx, 'visit');
    return id !== undefined && wellFormed.test(id) ? id : undefined;
  }

  function begin(ctx: Context): string {
    const id = randomText();
    cookies.set(ctx, 'visit', id);
    return id;
  }

  function keep(ctx: Context, sessionId: string): string {
    cookies.set(ctx, 'session', sessionId);
    const id = visitIdOf(ctx);
    return id === undefined ? '' : csrf.token({ id, sessionId });
  }

  async function leave(ctx: Context, { sessionId, session }: Before): Promise<void> {
    if (sessionId !== undefined) {
      await db.transaction(async (tx) => {
        await endSession(tx, sessionId);
        if (session) await audit.record(tx, sessionEnded(session, traceOf(ctx)));
      });
    }
    cookies.clear(ctx, 'device');
    for (const name of ['join', 'half'] as const)
      if (cookies.get(ctx, name) !== undefined) cookies.clear(ctx, name);
  }

  async function admit(
    ctx: Context,
    visit: Before,
    { userId, amr, federated, passwordHash }: Entrant,
  ): Promise<Visit> {
    await leave(ctx, visit);
    const browser = { address: addressOf(ctx), agent: ctx.get('User-Agent') };
    // A provider's word for somebody earns its browser no tries at their password.
    const knownAs = federated ? `${userId} at ${federated.identityProvider}` : userId;
    const isKnown = userId === singleUserId || knownBrowsers.read(ctx)?.userIds.includes(knownAs) === true;
    const sessionId = await db.transaction(async (tx) => {
      if (passwordHash !== undefined && !(await lockPassword(tx, userId, passwordHash)))
        throw new AppError('conflict', 'Your password was changed meanwhile');
      const id = await createSession(tx, userId, amr, browser, federated);
      const whereabouts = { address: browser.address, system: claimedSystem(browser.agent) };
      if (!isKnown) await notices.signedIn(tx, userId, whereabouts);
      return id;
    });
    knownBrowsers.remember(ctx, knownAs);
    const session = await findSession(db, sessionId);
    cookies.set(ctx, 'session', sessionId);
    return { id: begin(ctx), sessionId, session, locale: locales.find(ctx, session?.language) };
  }

  return {
    find,
    async receive(ctx) {
      const visit = await find(ctx);
      if (singleUserId !== undefined && !visit?.session && isLocalVisitor(ctx)) {
        return await admit(ctx, visit ?? {}, { userId: singleUserId, amr: [] });
      }
      if (visit !== undefined) return visit;
      // A session without the visit that it began with is nobody's: both cookies are set together.
      return { id: begin(ctx), sessionId: undefined, session: undefined, locale: locales.find(ctx) };
    },
    async receiveForm(ctx) {
      if (!csrf.isOwnOrigin(ctx)) throw new AppError('form_expired');
      const form = await readForm(ctx.req, { most: mostTicks });
      const visit = await find(ctx);
      const token = fieldOf(form, 'csrf') ?? '';
      if (visit === undefined || !csrf.isRight(visit, token)) throw new AppError('form_expired');
      if (form.pairs.some(([, value]) => value.includes('\0'))) throw new AppError('bad_request');
      return { visit, form };
    },
    admit,
    async renew(ctx, visit, proven, tell) {
      const { sessionId } = visit;
      if (sessionId === undefined) return visit;
      const renewed = await db.transaction(async (tx) => {
        const next = await renewSession(tx, sessionId, proven);
        if (next !== undefined) await tell(tx);
        return next;
      });
      if (renewed === undefined) return { ...visit, session: undefined };
      keep(ctx, renewed);
      return { ...visit, sessionId: renewed, session: await findSession(db, renewed) };
    },
    keep,
    async dismiss(ctx, visit) {
      await leave(ctx, visit);
      cookies.clear(ctx, 'session');
      begin(ctx);
    },
    strangersFrame(ctx) {
      const id = visitIdOf(ctx);
      const token = id && csrf.token({ id, sessionId: cookies.get(ctx, 'session') });
      return { base, csrf: token ?? '', locale: locales.find(ctx), brand };
    },
    frame: (visit) => ({
      base,
      csrf: csrf.token(visit),
      locale: visit.locale,
      brand,
      account: visit.session && {
        email: visit.session.email,
        isSingleUser: visit.session.userId === singleUserId,
      },
    }),
  };
}
