import { readFileSync } from 'node:fs';
import { createServer as createHttpServer, type RequestListener, type Server } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { AppError } from '../errors.ts';

const hardening = {
  // Four times the largest header that a browser with our cookies sends.
  maxHeaderSize: 16_384,
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  // Longer than the 60 s for which common load balancers keep an idle connection: they, not we, must be the first to close.
  keepAliveTimeout: 65_000,
  // How often the two time limits are looked at; Node's 30 s would triple the first.
  connectionsCheckingInterval: 2_000,
};

/**
 * A server that does not wait long for anybody, with TLS when it is given the paths of a certificate and its key. Then it
 * may ask callers for a certificate of theirs; it takes any or none, and leaves the judgement to `clientCertificate`.
 */
export function createServer(
  listener: RequestListener,
  tls?: { cert: string; key: string; asksClients?: boolean },
): Server {
  if (tls === undefined) return createHttpServer(hardening, listener);
  const options = {
    ...hardening,
    cert: read(tls.cert),
    key: read(tls.key),
    minVersion: 'TLSv1.2' as const,
    requestCert: tls.asksClients === true,
    rejectUnauthorized: false,
  };
  try {
    return createHttpsServer(options, listener);
  } catch (cause) {
    throw new AppError('configuration', `The certificate ${tls.cert} and the key ${tls.key} do not work`, {
      cause,
    });
  }
}

/** Listens, and tells on which port: the given one, or a free one for 0. Throws `configuration` when that cannot be. */
export function listen(server: Server, { host, port }: { host: string; port: number }): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const onError = (cause: NodeJS.ErrnoException) => {
    reject(new AppError('configuration', `Cannot listen on ${host} port ${port} (${cause.code})`, { cause }));
  };
  server.once('error', onError).listen({ host, port }, () => {
    server.off('error', onError);
    resolve((server.address() as AddressInfo).port);
  });
  return promise;
}

function read(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (cause) {
    throw new AppError('configuration', `Cannot read ${path} (${(cause as NodeJS.ErrnoException).code})`, {
      cause,
    });
  }
}
