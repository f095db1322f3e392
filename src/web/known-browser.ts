import type { Context } from 'koa';
import type { Envelope } from '../envelope.ts';
import { randomText } from '../secret.ts';
import type { Cookies } from './cookies.ts';

/** A browser in which these users have signed in; at an identity provider, as `<user> at <provider>`. */
export type KnownBrowser = { id: string; userIds: string[] };

// Who shares a browser with more people than this is judged as in a new one now and then.
const mostUsers = 5;

/** Seconds for which a browser stays known after a sign-in. */
export const knownBrowserSeconds = 365 * 86_400;

/** Remembers, in the browser alone, who has signed in there. It lets nobody in: it only tells its guesses from strangers'. */
export function createKnownBrowsers(cookies: Cookies, envelope: Envelope<KnownBrowser>) {
  const read = (ctx: Context) => envelope.open(cookies.get(ctx, 'browser') ?? '');
  return {
    read,
    remember(ctx: Context, userId: string): void {
      const known = read(ctx) ?? { id: randomText(), userIds: [] };
      const userIds = [userId, ...known.userIds.filter((other) => other !== userId)].slice(0, mostUsers);
      cookies.set(ctx, 'browser', envelope.seal({ id: known.id, userIds }), envelope.seconds);
    },
  };
}

/** What `createKnownBrowsers` makes. */
export type KnownBrowsers = ReturnType<typeof createKnownBrowsers>;
