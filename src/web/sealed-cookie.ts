import type { Context } from 'koa';
import type { Envelope } from '../envelope.ts';
import type { CookieName, Cookies } from './cookies.ts';
import type { Visit } from './reception.ts';

/** What a browser keeps for us: it can neither read nor change it, and it is worth nothing outside its visit. */
export type SealedCookie<Content> = {
  read(ctx: Context, visit: Visit): Content | undefined;
  write(ctx: Context, visit: Visit, content: Content): void;
  clear(ctx: Context): void;
};

/** Keeps it under this name for as long as the envelope lasts. */
export function createSealedCookie<Content>(
  cookies: Cookies,
  name: CookieName,
  envelope: Envelope<Content>,
): SealedCookie<Content> {
  return {
    read: (ctx, visit) => envelope.open(cookies.get(ctx, name) ?? '', visit.id),
    write: (ctx, visit, content) =>
      cookies.set(ctx, name, envelope.seal(content, visit.id), envelope.seconds),
    clear: (ctx) => cookies.clear(ctx, name),
  };
}
