import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Identity, makeCertificate } from './certificate-authority.ts';
import { type Answer, post } from './client.ts';
import { startServer, type TestServer } from './server.ts';

/** The header in which the proxy of a test hands certificates on. */
export const certificateHeader = 'Client-Cert';

/** A server behind a proxy that it trusts: this process, which stands in for one. */
export type ProxiedServer = TestServer & {
  /** Vouches for clients. */
  authority: Identity;
  /** Sends a form to a path of the issuer, as the proxy hands it on from who has shown the certificate. */
  ask(path: string, form: Record<string, string>, shown?: Identity, basic?: string): Promise<Answer>;
  /** A certificate of the authority. */
  issue(options?: Parameters<typeof makeCertificate>[0]): Identity;
  /** A machine's request for a token. */
  requestToken(id: string, shown?: Identity, form?: Record<string, string>): Promise<Answer>;
};

/** Starts such a server; `settings` come on top, `authority` is its own unless another is given. */
export async function startProxiedServer(
  options: { settings?: Record<string, string>; databaseUrl?: string; authority?: Identity } = {},
): Promise<ProxiedServer> {
  const authority = options.authority ?? makeCertificate({ subject: 'Test authority', isAuthority: true });
  const files = await keepFiles({ 'authority.pem': authority.cert });
  const server = await startServer({
    ...(options.databaseUrl && { databaseUrl: options.databaseUrl }),
    settings: {
      POSTERN_TRUSTED_PROXIES: '127.0.0.1, ::1',
      POSTERN_TLS_CLIENT_CERT_HEADER: certificateHeader,
      POSTERN_TLS_CLIENT_CA: files.path('authority.pem'),
      ...options.settings,
    },
  });
  const ask: ProxiedServer['ask'] = (path, form, shown, basic) =>
    post(server.issuer + path, form, {
      ...(basic === undefined ? {} : { basic }),
      ...(shown && { headers: { [certificateHeader]: byteSequence(shown) } }),
    });
  return {
    ...server,
    authority,
    ask,
    issue: (options) => makeCertificate({ issuer: authority, ...options }),
    requestToken: (id, shown, form) =>
      ask('/oauth/token', { grant_type: 'client_credentials', client_id: id, ...form }, shown),
    async stop() {
      await server.stop();
      await files.remove();
    },
  };
}

/** That a client could not authenticate, and learns nothing else. */
export async function assertRefused(answer: Promise<Answer>, message?: string): Promise<void> {
  const { status, body } = await answer;
  const expected = { error: 'invalid_client', error_description: 'Client authentication failed' };
  assert.deepEqual([status, body], [401, expected], message);
}

/** A certificate as RFC 9440 section 2.1 writes it. */
export function byteSequence({ certificate }: Identity): string {
  return `:${certificate.raw.toString('base64')}:`;
}

/** Files in a folder of their own. */
export async function keepFiles(texts: Record<string, string>) {
  const folder = await mkdtemp(join(tmpdir(), 'postern-certificates-'));
  for (const [name, text] of Object.entries(texts)) await writeFile(join(folder, name), text);
  return {
    path: (name: string) => join(folder, name),
    remove: () => rm(folder, { recursive: true }),
  };
}
