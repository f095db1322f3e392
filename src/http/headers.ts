import type { Middleware } from 'koa';
import { sha256 } from '../secret.ts';

/** What a page may do (CSP level 3): have this `style`, run scripts of our own, and fetch from here. */
export type Permission = { style?: string; runsScripts?: boolean; fetches?: boolean };

/** The policy for a page that may do this; without a `style`, its stylesheets come from here. */
export function contentPolicy({ style, runsScripts = false, fetches = false }: Permission): string {
  return [
    "default-src 'none'",
    ...(runsScripts ? ["script-src 'self'"] : []),
    `style-src ${style === undefined ? "'self'" : `'sha256-${sha256(style).toString('base64')}'`}`,
    "img-src 'self' data:",
    ...(fetches ? ["connect-src 'self'"] : []),
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}

const always = {
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
export function securityHeaders(options: { isHttps: boolean; style: string }): Middleware {
  const { style } = options;
  const headers = {
    ...always,
    'Content-Security-Policy': contentPolicy({ style }),
    // Two years, as browsers' preload lists ask. Not for subdomains: an issuer speaks for its own host alone.
    ...(options.isHttps && { 'Strict-Transport-Security': 'max-age=63072000' }),
  };
  return (ctx, next) => {
    ctx.set(headers);
    return next();
  };
}
