import type { Context } from 'koa';
import type { Frame } from '../../views/layout.ts';
import type { Place } from '../../views/navigation.ts';
import { AppError } from '../errors.ts';
import type { Form } from '../http/form.ts';
import type { Handler } from '../http/router.ts';
import { findStanding } from '../organizations/acting.ts';
import type { Database } from '../postgres/pool.ts';
import type { FoundSession } from '../verify/session.ts';
import { sessionIn } from './api-session.ts';
import { seeOther } from './page.ts';
import { placesOf } from './places.ts';
import type { Reception, Visit } from './reception.ts';
import type { WaitingPages } from './waiting-page.ts';

/** Who is signed in, at one of their pages; `permissions` are those at the management API. */
export type Guest = { visit: Visit; session: FoundSession; frame: Frame; permissions: readonly string[] };

/** Serves those who are signed in. */
export type Desk = {
  /** A page; who is not signed in, or must choose where to act, does so first, and comes back to it. */
  page(place: Place, show: (ctx: Context, guest: Guest) => Promise<void>): Handler;
  /** A form of a page; AppError `form_expired` unless it came from one of our pages in this browser. */
  form(place: Place, take: (ctx: Context, guest: Guest, form: Form) => Promise<void>): Handler;
  /** The same guest, whose session has got this id, if it has one. */
  keep(ctx: Context, guest: Guest, renewed: string | undefined): Guest;
};

/** Places that are the same wherever a person acts. */
const personal: readonly Place[] = ['/account', '/account/devices', '/account/security'];

/** Characters. A browser drops a cookie of more than 4096 bytes. */
const mostSearch = 1000;

/** A desk for an issuer whose own path is `base`; `resource` is the URI of the management API. */
export function createDesk(options: {
  db: Database;
  base: string;
  resource: string;
  reception: Reception;
  waitingPages: WaitingPages;
}): Desk {
  const { db, base, resource, reception, waitingPages } = options;

  async function welcome(visit: Visit, place: Place): Promise<Guest | undefined> {
    const session = sessionIn(visit);
    if (!session) return undefined;
    const standing = await findStanding(db, session.userId, session.organizationId, session);
    const member = standing.standing === 'member' ? standing : undefined;
    const permissions = member?.permissions[resource] ?? [];
    const organization = member && { name: member.organizationName, isOneOfSeveral: member.isOneOfSeveral };
    const isUndecided = standing.standing === 'undecided';
    return {
      visit,
      session,
      permissions,
      frame: {
        ...reception.frame(visit),
        standpoint: { current: place, places: placesOf(permissions), organization, isUndecided },
      },
    };
  }

  return {
    page: (place, show) => async (ctx) => {
      const visit = await reception.receive(ctx);
      const guest = await welcome(visit, place);
      const mustChoose = guest?.frame.standpoint?.isUndecided === true && !personal.includes(place);
      if (guest && !mustChoose) return await show(ctx, guest);
      waitingPages.remember(ctx, visit, askedPage(ctx).slice(base.length));
      seeOther(ctx, `${base}/${guest ? 'organization' : 'sign-in'}`);
    },
    form: (place, take) => async (ctx) => {
      const { visit, form } = await reception.receiveForm(ctx);
      const guest = await welcome(visit, place);
      if (!guest) throw new AppError('form_expired');
      await take(ctx, guest, form);
    },
    keep(ctx, guest, renewed) {
      if (renewed === undefined) return guest;
      const { visit, session, frame } = guest;
      return {
        ...guest,
        visit: { ...visit, sessionId: renewed },
        session: { ...session, id: renewed },
        frame: { ...frame, csrf: reception.keep(ctx, renewed) },
      };
    },
  };
}

/** With what was searched for there, as far as a cookie holds it. */
function askedPage({ path, search }: Context): string {
  return search.length > mostSearch ? path : path + search;
}
