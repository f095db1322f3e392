import type { Context } from 'koa';

/**
 * `session`: who is signed in · `visit`: what forms are tied to · `device`: the step of a device login · `browser`: who
 * has signed in here before · `join`: the step of an invitation · `half`: a sign-in that waits for its second factor ·
 * `provider`: what an identity provider's answer must fit · `page`: the page that waits for a sign-in · `language`: how
 * pages speak.
 */
export type CookieName =
  | 'session'
  | 'visit'
  | 'device'
  | 'browser'
  | 'join'
  | 'half'
  | 'provider'
  | 'page'
  | 'language';

/** Our cookies: for this host and every path, out of reach of scripts and of other sites' forms. */
export type Cookies = {
  get(ctx: Context, name: CookieName): string | undefined;
  /** Without `maxAgeSeconds` it ends with the browser. */
  set(ctx: Context, name: CookieName, value: string, maxAgeSeconds?: number): void;
  clear(ctx: Context, name: CookieName): void;
};

/** Cookies named `__Host-postern-…` (RFC 6265bis section 4.1.3.2), or `postern-…` where the issuer is plain http on loopback. */
export function createCookies({ isHttps }: { isHttps: boolean }): Cookies {
  const nameOf = (name: CookieName) => `${isHttps ? '__Host-' : ''}postern-${name}`;
  function write(ctx: Context, name: CookieName, value: string | null, maxAgeSeconds?: number) {
    // Whether TLS ends here or at a proxy: the issuer says what the browser sees.
    ctx.cookies.secure = isHttps;
    ctx.cookies.set(nameOf(name), value, {
      httpOnly: true,
      sameSite: 'lax',
      path: '/',
      secure: isHttps,
      overwrite: true,
      ...(maxAgeSeconds !== undefined && { maxAge: maxAgeSeconds * 1000 }),
    });
  }
  return {
    get: (ctx, name) => ctx.cookies.get(nameOf(name)),
    set: write,
    clear: (ctx, name) => write(ctx, name, null),
  };
}
