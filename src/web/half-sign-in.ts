import type { Context } from 'koa';
import type { Envelope } from '../envelope.ts';
import type { Cookies } from './cookies.ts';
import type { Visit } from './reception.ts';

/** Somebody whose password was right, and whose second factor is still to come. */
export type HalfSignIn = {
  userId: string;
  amr: readonly string[];
  /** When the password that was right was chosen; another one ends this. */
  passwordChangedAt: string | undefined;
};

/** Seconds in which the second factor must follow the password. */
export const halfSignInSeconds = 300;

/** Where a browser keeps how far a sign-in has come; it is no session, and opens nothing but the next page. */
export type HalfSignIns = {
  read(ctx: Context, visit: Visit): HalfSignIn | undefined;
  write(ctx: Context, visit: Visit, half: HalfSignIn): void;
  clear(ctx: Context): void;
};

/** Keeps it in a sealed cookie that is worth nothing outside its visit. */
export function createHalfSignIns(cookies: Cookies, envelope: Envelope<HalfSignIn>): HalfSignIns {
  return {
    read: (ctx, visit) => envelope.open(cookies.get(ctx, 'half') ?? '', visit.id),
    write: (ctx, visit, half) => cookies.set(ctx, 'half', envelope.seal(half, visit.id), envelope.seconds),
    clear: (ctx) => cookies.clear(ctx, 'half'),
  };
}
