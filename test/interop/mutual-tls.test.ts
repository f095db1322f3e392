import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { Agent, createServer, request as requestTls, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { after, before, describe, it } from 'node:test';
import type { TLSSocket } from 'node:tls';
import * as oauth from 'oauth4webapi';
import * as openid from 'openid-client';
import { createCertificate } from '../support/certificate.ts';
import { certificateJwk, type Identity, makeCertificate } from '../support/certificate-authority.ts';
import {
  certificateHeader,
  keepFiles,
  type ProxiedServer,
  startProxiedServer,
} from '../support/mutual-tls.ts';
import { findFreePort } from '../support/port.ts';
import { registerClient } from '../support/registration.ts';
import { createTlsFetch } from '../support/tls-client.ts';

const authority = makeCertificate({ subject: 'Test authority', isAuthority: true });
const door = createCertificate();

let server: ProxiedServer;
let files: Awaited<ReturnType<typeof keepFiles>>;
before(async () => {
  files = await keepFiles({ 'cert.pem': door.cert, 'key.pem': door.key });
});
after(() => files.remove());

async function registerPki(): Promise<{ id: string; shown: Identity }> {
  const { id } = await registerClient(server.db, {
    authentication: 'tls_client_auth',
    certificateSubject: { field: 'tls_client_auth_subject_dn', value: 'CN=machine' },
    certificateBoundAccessTokens: true,
  });
  return { id, shown: makeCertificate({ subject: 'machine', issuer: authority }) };
}

/** Everything that both libraries do with a certificate, at a server that both reach over TLS. */
function describeClients(useAliases: boolean): void {
  const fetchWith = (shown?: Identity) =>
    createTlsFetch({ ca: door.cert, cert: shown?.cert, key: shown?.key });

  async function discover(): Promise<oauth.AuthorizationServer> {
    const issuer = new URL(server.issuer);
    const response = await oauth.discoveryRequest(issuer, {
      algorithm: 'oauth2',
      [oauth.customFetch]: fetchWith(),
    });
    return await oauth.processDiscoveryResponse(issuer, response);
  }

  async function requestToken(id: string, shown?: Identity) {
    const as = await discover();
    const me = { client_id: id, use_mtls_endpoint_aliases: useAliases };
    const options = { [oauth.customFetch]: fetchWith(shown) };
    const form = new URLSearchParams();
    const response = await oauth.clientCredentialsGrantRequest(as, me, oauth.TlsClientAuth(), form, options);
    const tokens = await oauth.processClientCredentialsResponse(as, me, response);
    const asked = await oauth.introspectionRequest(
      as,
      me,
      oauth.TlsClientAuth(),
      tokens.access_token,
      options,
    );
    return await oauth.processIntrospectionResponse(as, me, asked);
  }

  it('authenticates an unmodified oauth4webapi by its certificate, and binds its token to that', async () => {
    const { id, shown } = await registerPki();
    const seen = await requestToken(id, shown);
    assert.deepEqual([seen.active, seen.cnf], [true, { 'x5t#S256': shown.thumbprint }]);
    await assert.rejects(requestToken(id), { status: 401 });
    const stranger = makeCertificate({ subject: 'machine' });
    await assert.rejects(requestToken(id, stranger), { status: 401 });
  });

  it('authenticates an unmodified openid-client by a self-signed certificate', async () => {
    const own = makeCertificate({ subject: 'own' });
    const { id } = await registerClient(server.db, {
      authentication: 'self_signed_tls_client_auth',
      jwks: { keys: [certificateJwk(own)] },
    });
    const connect = (shown?: Identity) =>
      openid.discovery(
        new URL(server.issuer),
        id,
        { use_mtls_endpoint_aliases: useAliases },
        openid.TlsClientAuth(),
        { [openid.customFetch]: fetchWith(shown) },
      );
    const tokens = await openid.clientCredentialsGrant(await connect(own));
    assert.equal(tokens.token_type, 'bearer');
    const twin = makeCertificate({ subject: 'own' });
    await assert.rejects(openid.clientCredentialsGrant(await connect(twin)), { status: 401 });
    await assert.rejects(openid.clientCredentialsGrant(await connect()), { status: 401 });
  });
}

describe('a server that serves https itself', () => {
  before(async () => {
    const port = await findFreePort();
    server = await startProxiedServer({
      authority,
      settings: {
        POSTERN_ISSUER: `https://localhost:${port}`,
        POSTERN_PORT: String(port),
        POSTERN_TLS_CERT: files.path('cert.pem'),
        POSTERN_TLS_KEY: files.path('key.pem'),
        POSTERN_TLS_ASK_CLIENT_CERT: 'true',
        POSTERN_TRUSTED_PROXIES: '192.0.2.1',
      },
    });
  });
  after(() => server.stop());

  describeClients(false);

  for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
    it(`knows the certificate of a ${maxVersion} session that is resumed`, async () => {
      const { id, shown } = await registerPki();
      const agent = new Agent({ ca: door.cert, cert: shown.cert, key: shown.key, maxVersion });
      const connections: boolean[] = [];
      for (let attempt = 1; attempt <= 2; attempt += 1) {
        const headers = { 'content-type': 'application/x-www-form-urlencoded' };
        const sent = requestTls(`${server.issuer}/oauth/token`, { agent, method: 'POST', headers });
        sent.end(`grant_type=client_credentials&client_id=${id}`);
        const [answer] = (await once(sent, 'response')) as [IncomingMessage];
        assert.equal(answer.statusCode, 200);
        connections.push((answer.socket as TLSSocket).isSessionReused());
        await text(answer);
      }
      assert.deepEqual(connections, [false, true]);
      agent.destroy();
    });
  }

  it('names what it offers in its metadata', async () => {
    const response = await createTlsFetch({ ca: door.cert })(
      `${server.issuer}/.well-known/oauth-authorization-server`,
    );
    const metadata = (await response.json()) as Record<string, unknown>;
    assert.equal(metadata.tls_client_certificate_bound_access_tokens, true);
    const methods = metadata.token_endpoint_auth_methods_supported as string[];
    assert.ok(methods.includes('tls_client_auth') && methods.includes('self_signed_tls_client_auth'));
    assert.deepEqual(metadata.introspection_endpoint_auth_methods_supported, methods);
    assert.equal('mtls_endpoint_aliases' in metadata, false);
  });
});

describe('a server behind a proxy that asks for certificates at another origin', () => {
  let proxies: Server[];
  before(async () => {
    // The people's origin asks for no certificate; the programs' one does, and hands on what it gets.
    const people = await startProxy(() => undefined);
    const programs = await startProxy((socket) => socket.getPeerX509Certificate()?.toString());
    proxies = [people, programs];
    server = await startProxiedServer({
      authority,
      settings: { POSTERN_ISSUER: originOf(people), POSTERN_MTLS_ORIGIN: originOf(programs) },
    });
  });
  after(async () => {
    for (const proxy of proxies) proxy.close();
    await server.stop();
  });

  describeClients(true);

  it('names the endpoints of the other origin, and everything else at its own', async () => {
    const [people, programs] = proxies.map(originOf);
    for (const origin of [people, programs]) {
      const response = await createTlsFetch({ ca: door.cert })(
        `${origin}/.well-known/oauth-authorization-server`,
      );
      const metadata = (await response.json()) as Record<string, unknown>;
      assert.deepEqual(
        [metadata.issuer, metadata.token_endpoint, metadata.mtls_endpoint_aliases],
        [
          people,
          `${people}/oauth/token`,
          {
            token_endpoint: `${programs}/oauth/token`,
            device_authorization_endpoint: `${programs}/oauth/device_authorization`,
            introspection_endpoint: `${programs}/oauth/introspect`,
            revocation_endpoint: `${programs}/oauth/revoke`,
          },
        ],
      );
    }
  });

  it('takes no certificate at its own origin, where the proxy strips what callers send', async () => {
    const own = makeCertificate();
    const { id } = await registerClient(server.db, {
      authentication: 'self_signed_tls_client_auth',
      jwks: { keys: [certificateJwk(own)] },
    });
    for (const origin of proxies.map(originOf)) {
      const answer = await createTlsFetch({ ca: door.cert })(`${origin}/oauth/token`, {
        method: 'POST',
        headers: { [certificateHeader]: encodeURIComponent(own.cert) },
        body: new URLSearchParams({ grant_type: 'client_credentials', client_id: id }),
      });
      assert.equal(answer.status, 401);
    }
  });
});

/** A proxy as the operator's manual has it: it replaces the header with what it knows itself, or takes it away. */
async function startProxy(certificateOf: (socket: TLSSocket) => string | undefined): Promise<Server> {
  const options = { cert: door.cert, key: door.key, requestCert: true, rejectUnauthorized: false };
  const proxy = createServer(options, (asked, answer) => {
    const shown = certificateOf(asked.socket as TLSSocket);
    const headers = { ...asked.headers };
    delete headers[certificateHeader.toLowerCase()];
    if (shown) headers[certificateHeader] = encodeURIComponent(shown);
    const target = `${server.url}${asked.url}`;
    const handedOn = request(target, { method: asked.method, headers }, (got) => {
      answer.writeHead(got.statusCode ?? 502, got.headers);
      got.pipe(answer);
    });
    asked.pipe(handedOn);
  });
  proxy.listen(0, 'localhost');
  await once(proxy, 'listening');
  return proxy;
}

function originOf(proxy: Server): string {
  return `https://localhost:${(proxy.address() as AddressInfo).port}`;
}
