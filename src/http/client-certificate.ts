import { X509Certificate } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { TLSSocket } from 'node:tls';
import type { Context, Middleware } from 'koa';
import { epochSeconds } from '../clock.ts';
import type { Trust } from './client-address.ts';

/**
 * Puts the certificate whose key the caller has proven to hold (RFC 8705) into `ctx.state.certificate`, for
 * `certificateOf`: that of the connection itself, or what a trusted proxy says in `header`, where one is named. One that
 * is not valid now counts as none. Says nothing about who issued it.
 */
export function clientCertificate({
  trust,
  header,
}: {
  trust: Trust;
  header?: string | undefined;
}): Middleware {
  const name = header?.toLowerCase();
  return (ctx, next) => {
    const { req } = ctx;
    // On a connection from a proxy the certificate is the proxy's own, never the caller's.
    const found = trust(req.socket.remoteAddress ?? '') ? name && forwarded(req, name) : presented(req);
    if (name) delete req.headers[name];
    if (found && isValidNow(found)) ctx.state.certificate = found;
    return next();
  };
}

/** The certificate that `clientCertificate` found, if it found one. */
export function certificateOf(ctx: Pick<Context, 'state'>): X509Certificate | undefined {
  return ctx.state.certificate;
}

/** Whether now, by this machine's clock, is within the time that a certificate is for. */
export function isValidNow({ validFromDate, validToDate }: X509Certificate): boolean {
  const now = epochSeconds() * 1000;
  return validFromDate.getTime() <= now && now <= validToDate.getTime();
}

function presented({ socket }: IncomingMessage): X509Certificate | undefined {
  return socket instanceof TLSSocket ? socket.getPeerX509Certificate() : undefined;
}

/** Only the one value of the header: of two, one may be the caller's own. */
function forwarded(req: IncomingMessage, name: string): X509Certificate | undefined {
  const [value, ...others] = req.headersDistinct[name] ?? [];
  return value === undefined || others.length > 0 ? undefined : readCertificate(value);
}

/** A certificate as RFC 9440 section 2.1 writes it, or as PEM in percent-encoding. */
function readCertificate(text: string): X509Certificate | undefined {
  const encoded = /^:([A-Za-z0-9+/]+={0,2}):$/.exec(text)?.[1] ?? readPem(text);
  if (encoded === undefined) return undefined;
  const der = Buffer.from(encoded, 'base64');
  try {
    const certificate = new X509Certificate(der);
    // What follows the certificate, or is spelled otherwise than DER, would be lost in silence.
    return certificate.raw.equals(der) ? certificate : undefined;
  } catch {
    return undefined;
  }
}

function readPem(text: string): string | undefined {
  try {
    const pem = decodeURIComponent(text);
    return /^-----BEGIN CERTIFICATE-----\s([A-Za-z0-9+/\s]+={0,2})\s-----END CERTIFICATE-----\s*$/.exec(
      pem,
    )?.[1];
  } catch {
    return undefined;
  }
}
