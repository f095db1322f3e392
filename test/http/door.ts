import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import type { TestContext } from 'node:test';
import Koa from 'koa';
import { accessLog } from '../../src/http/access-log.ts';
import { addressOf, clientAddress, createTrust } from '../../src/http/client-address.ts';
import { errors } from '../../src/http/errors.ts';
import { readForm } from '../../src/http/form.ts';
import { securityHeaders } from '../../src/http/headers.ts';
import { pinOrigin } from '../../src/http/origin.ts';
import { requestId } from '../../src/http/request-id.ts';
import { type Routes, router } from '../../src/http/router.ts';
import { createServer, listen } from '../../src/http/server.ts';
import { createLog } from '../../src/log.ts';

/** A server on a free port with everything of `src/http` in front of a few routes, and the lines that it logged. */
export async function openDoor(
  t: TestContext,
  options: { trustedProxies?: string[]; issuer?: string; bodyTimeoutMs?: number; routes?: Routes } = {},
) {
  const lines: Record<string, unknown>[] = [];
  const log = createLog({ level: 'info', destination: { write: (line) => lines.push(JSON.parse(line)) } });
  const issuer = options.issuer ?? 'https://login.example.com';
  const trust = createTrust(options.trustedProxies ?? []);
  const app = new Koa({ proxy: true });
  // Koa reports a caller who left in the middle, on the console.
  app.silent = true;
  app.use(clientAddress(trust));
  app.use(requestId(trust));
  app.use(accessLog(log));
  app.use(securityHeaders({ isHttps: issuer.startsWith('https:'), style: 'p { margin: 0; }' }));
  app.use(
    errors({
      log,
      errorPage: (_, { status, requestId }) =>
        `<!doctype html><title>${status}</title><code>${requestId}</code>`,
    }),
  );
  app.use(pinOrigin(issuer));
  app.use(router({ ...standardRoutes(options.bodyTimeoutMs), ...options.routes }));
  const server = createServer(app.callback());
  const port = await listen(server, { host: '127.0.0.1', port: 0 });
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return { server, port, origin: `http://127.0.0.1:${port}`, lines, exchange: exchangeWith(port) };
}

function standardRoutes(timeoutMs = 10_000): Routes {
  return {
    '/form': {
      answers: 'json',
      POST: async (ctx) => {
        const { raw, pairs } = await readForm(ctx.req, { timeoutMs });
        ctx.body = { bytes: raw.length, pairs };
      },
    },
    '/where': {
      answers: 'json',
      GET: (ctx) => {
        ctx.body = { href: ctx.href, host: ctx.host, address: addressOf(ctx) };
      },
    },
    '/page': {
      answers: 'html',
      GET: (ctx) => {
        ctx.body = '<!doctype html><title>page</title>';
      },
    },
  };
}

/** Sends bytes as they are and collects what comes back until the server closes the connection. */
function exchangeWith(port: number) {
  return async (bytes: string): Promise<string> => {
    const socket = connect(port, '127.0.0.1');
    socket.write(bytes);
    return text(socket);
  };
}
