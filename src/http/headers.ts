import type { Middleware } from 'koa';

/** What a page may do (CSP level 3): `runsScripts` of our own, which `fetches` from here; otherwise neither. */
export function contentPolicy({ runsScripts = false, fetches = false } = {}): string {
  return [
    "default-src 'none'",
    ...(runsScripts ? ["script-src 'self'"] : []),
    "style-src 'self'",
    "img-src 'self' data:",
    ...(fetches ? ["connect-src 'self'"] : []),
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}

const always = {
  'Content-Security-Policy': contentPolicy(),
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
  // Not `no-referrer`: with it browsers send `Origin: null` with our own forms (Fetch standard, "Origin" header).
  'Referrer-Policy': 'same-origin',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Permissions-Policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=()',
  'Cache-Control': 'no-store',
};

/** Headers that protect every answer; handlers replace `Cache-Control` where something may be kept. */
export function securityHeaders(options: { isHttps: boolean }): Middleware {
  const headers = {
    ...always,
    // Two years, as browsers' preload lists ask. Not for subdomains: an issuer speaks for its own host alone.
    ...(options.isHttps && { 'Strict-Transport-Security': 'max-age=63072000' }),
  };
  return (ctx, next) => {
    ctx.set(headers);
    return next();
  };
}
