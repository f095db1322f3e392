import type { Context } from 'koa';
import type { Envelope } from '../envelope.ts';
import type { Cookies } from './cookies.ts';
import type { Visit } from './reception.ts';

/** Seconds for which a page waits for a sign-in. */
export const waitingPageSeconds = 600;

/** The page of ours that somebody asked for before they were signed in: a path below the issuer's, with its query. */
export type WaitingPages = {
  remember(ctx: Context, visit: Visit, path: string): void;
  /** The page that waits; from now on none does. */
  take(ctx: Context, visit: Visit): string | undefined;
};

/** Keeps it in a sealed cookie: nothing in a request can say where a sign-in leads. */
export function createWaitingPages(cookies: Cookies, envelope: Envelope<string>): WaitingPages {
  return {
    remember: (ctx, visit, path) => cookies.set(ctx, 'page', envelope.seal(path, visit.id), envelope.seconds),
    take(ctx, visit) {
      const sealed = cookies.get(ctx, 'page');
      if (sealed === undefined) return undefined;
      cookies.clear(ctx, 'page');
      return envelope.open(sealed, visit.id);
    },
  };
}
