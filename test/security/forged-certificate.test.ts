import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { createCertificate } from '../support/certificate.ts';
import { certificateJwk, type Identity, makeCertificate } from '../support/certificate-authority.ts';
import { introspect, post } from '../support/client.ts';
import {
  assertRefused,
  byteSequence,
  certificateHeader,
  keepFiles,
  type ProxiedServer,
  startProxiedServer,
} from '../support/mutual-tls.ts';
import { findFreePort } from '../support/port.ts';
import { exchange } from '../support/raw.ts';
import { registerClient } from '../support/registration.ts';
import { startServer } from '../support/server.ts';
import { createTlsFetch } from '../support/tls-client.ts';

let server: ProxiedServer;
before(async () => {
  server = await startProxiedServer();
});
after(() => server.stop());

const requestWith = (id: string, header: string, issuer = server.issuer) =>
  post(
    `${issuer}/oauth/token`,
    { grant_type: 'client_credentials', client_id: id },
    { headers: { [certificateHeader]: header } },
  );

async function registerName(value: string): Promise<string> {
  const { id } = await registerClient(server.db, {
    authentication: 'tls_client_auth',
    certificateSubject: { field: 'tls_client_auth_subject_dn', value },
  });
  return id;
}

async function registerSelfSigned(own: Identity): Promise<string> {
  const { id } = await registerClient(server.db, {
    authentication: 'self_signed_tls_client_auth',
    jwks: { keys: [certificateJwk(own)] },
  });
  return id;
}

describe('a certificate in the header', () => {
  it('of a peer that is no trusted proxy is ignored', async (t) => {
    const id = await registerName('CN=header');
    const good = byteSequence(server.issue({ subject: 'header' }));
    assert.equal((await requestWith(id, good)).status, 200);
    for (const settings of [
      { POSTERN_TRUSTED_PROXIES: '192.0.2.1', POSTERN_TLS_CLIENT_CERT_HEADER: certificateHeader },
      { POSTERN_TRUSTED_PROXIES: '127.0.0.1, ::1', POSTERN_TLS_CLIENT_CERT_HEADER: 'X-Other' },
    ]) {
      const other = await startProxiedServer({
        databaseUrl: server.databaseUrl,
        authority: server.authority,
        settings,
      });
      t.after(() => other.stop());
      await assertRefused(requestWith(id, good, other.issuer));
    }
  });

  it('is ignored where the operator has named no header', async (t) => {
    const own = makeCertificate();
    const id = await registerSelfSigned(own);
    const plain = await startServer({
      databaseUrl: server.databaseUrl,
      settings: { POSTERN_TRUSTED_PROXIES: '127.0.0.1, ::1' },
    });
    t.after(() => plain.stop());
    await assertRefused(requestWith(id, byteSequence(own), plain.issuer));
    const bound = await registerClient(server.db, { certificateBoundAccessTokens: true });
    const { status, body } = await post(
      `${plain.issuer}/oauth/token`,
      { grant_type: 'client_credentials' },
      { basic: bound.basic, headers: { [certificateHeader]: byteSequence(own) } },
    );
    assert.deepEqual([status, body.error], [400, 'invalid_grant']);
  });

  it('is ignored when there are two of them, whichever is first', async () => {
    const own = makeCertificate();
    const id = await registerSelfSigned(own);
    const form = `grant_type=client_credentials&client_id=${id}`;
    const send = async (value: string, second?: string) => {
      const { status } = await exchange(server.url, {
        target: '/oauth/token',
        method: 'POST',
        headers: {
          host: 'localhost',
          'content-type': 'application/x-www-form-urlencoded',
          'content-length': String(form.length),
          'Client-Cert': value,
          ...(second !== undefined && { 'client-cert': second }),
        },
        body: form,
      });
      return status;
    };
    const [good, other] = [byteSequence(own), byteSequence(makeCertificate())];
    assert.equal(await send(good), 200);
    for (const [first, second] of [
      [good, other],
      [other, good],
      [good, good],
      [good, ''],
      [`${good}, ${good}`],
    ])
      assert.equal(await send(first ?? '', second), 401);
  });

  it('counts as none when it is malformed, and 1 MB of it costs nothing', async () => {
    const own = makeCertificate();
    const id = await registerSelfSigned(own);
    const pem = encodeURIComponent(own.cert);
    const raw = own.certificate.raw;
    const long = Buffer.concat([raw, Buffer.from('more')]).toString('base64');
    for (const header of [
      ':::',
      '::',
      'AAAA',
      raw.toString('base64'),
      `:${raw.toString('base64').slice(4)}:`,
      `:${long}:`,
      `:${Buffer.from(own.cert).toString('base64')}:`,
      `${byteSequence(own)};a=1`,
      `${pem}${pem}`,
      `${pem}%`,
      encodeURIComponent(own.cert.replaceAll('CERTIFICATE', 'TRUSTED CERTIFICATE')),
      encodeURIComponent(own.key),
      '%00'.repeat(2_000),
      `:${'A'.repeat(12_000)}:`,
    ]) {
      await assertRefused(requestWith(id, header), header.slice(0, 60));
    }
    const huge = await requestWith(id, `:${'A'.repeat(1_000_000)}:`).catch(() => undefined);
    assert.ok(huge === undefined || huge.status === 431);
    assert.equal((await requestWith(id, byteSequence(own))).status, 200);
  });
});

describe('a certificate', () => {
  it('that has expired or is not valid yet is refused, also where it is registered itself', async () => {
    const id = await registerName('CN=time');
    assert.equal(
      (await server.requestToken(id, server.issue({ subject: 'time', validity: [-2, 1] }))).status,
      200,
    );
    for (const validity of [
      [-2, -1],
      [1, 2],
    ] as [number, number][]) {
      await assertRefused(server.requestToken(id, server.issue({ subject: 'time', validity })));
      const own = makeCertificate({ validity });
      await assertRefused(server.requestToken(await registerSelfSigned(own), own));
    }
  });

  it('with the same subject of another authority is refused, even of one with the same name', async () => {
    const id = await registerName('CN=subject');
    for (const subject of ['Another authority', 'Test authority']) {
      const issuer = makeCertificate({ subject, isAuthority: true });
      await assertRefused(server.requestToken(id, makeCertificate({ subject: 'subject', issuer })), subject);
    }
    await assertRefused(server.requestToken(id, makeCertificate({ subject: 'subject' })));
  });

  it('that another client has issued with its own certificate is refused', async () => {
    const id = await registerName('CN=victim');
    const insider = server.issue({ subject: 'insider' });
    await assertRefused(server.requestToken(id, makeCertificate({ subject: 'victim', issuer: insider })));
    // Not even one that calls itself an authority.
    const pretender = makeCertificate({ subject: 'pretender', isAuthority: true, issuer: insider });
    await assertRefused(server.requestToken(id, makeCertificate({ subject: 'victim', issuer: pretender })));
  });

  it('of an authority that has itself expired is refused', async (t) => {
    const authority = makeCertificate({ subject: 'Old', isAuthority: true, validity: [-2, -1] });
    const other = await startProxiedServer({ databaseUrl: server.databaseUrl, authority });
    t.after(() => other.stop());
    const id = await registerName('CN=old');
    const form = { grant_type: 'client_credentials', client_id: id };
    const shown = makeCertificate({ subject: 'old', issuer: authority });
    await assertRefused(other.ask('/oauth/token', form, shown));
  });

  it('for servers alone is refused; one for clients, or for everything, is not', async () => {
    const id = await registerName('CN=usage');
    const [forServers, forClients] = ['1.3.6.1.5.5.7.3.1', '1.3.6.1.5.5.7.3.2'];
    await assertRefused(
      server.requestToken(id, server.issue({ subject: 'usage', extendedKeyUsage: [forServers] })),
    );
    for (const extendedKeyUsage of [[forClients], [forServers, forClients], []])
      assert.equal(
        (await server.requestToken(id, server.issue({ subject: 'usage', extendedKeyUsage }))).status,
        200,
      );
  });

  it('like a registered one but for another key is refused', async () => {
    const own = makeCertificate({ subject: 'twin' });
    const id = await registerSelfSigned(own);
    await assertRefused(server.requestToken(id, makeCertificate({ subject: 'twin' })));
    // The same key in another certificate is not what was registered either.
    await assertRefused(server.requestToken(id, makeCertificate({ subject: 'twin', keys: own.keys })));
  });

  it('of one client does not authenticate another', async () => {
    const [first, second] = [makeCertificate(), makeCertificate()];
    const [a, b] = [await registerSelfSigned(first), await registerSelfSigned(second)];
    await assertRefused(server.requestToken(a, second));
    await assertRefused(server.requestToken(b, first));
    const [c, d] = [await registerName('CN=c'), await registerName('CN=d')];
    await assertRefused(server.requestToken(c, server.issue({ subject: 'd' })));
    await assertRefused(server.requestToken(d, server.issue({ subject: 'c' })));
  });

  it('does not tell whether a client exists', async () => {
    const shown = server.issue({ subject: 'curious' });
    const answers = await Promise.all([
      server.requestToken('nobody', shown),
      server.requestToken(await registerName('CN=someone'), shown),
      server.requestToken(await registerName('CN=someone')),
      server.requestToken(await registerSelfSigned(makeCertificate()), shown),
    ]);
    const [first, ...others] = answers.map(({ status, body, headers }) => {
      return [status, body, headers.get('www-authenticate')];
    });
    for (const other of others) assert.deepEqual(other, first);
  });

  it('does not replace a secret, and a secret does not replace a certificate', async () => {
    const withSecret = await registerClient(server.db);
    await assertRefused(server.requestToken(withSecret.id, server.issue({ subject: withSecret.id })));
    const own = makeCertificate();
    const withCertificate = await registerClient(server.db, {
      authentication: 'self_signed_tls_client_auth',
      jwks: { keys: [certificateJwk(own)] },
      secret: 'a-secret-that-should-open-nothing',
    });
    const form = { grant_type: 'client_credentials' };
    await assertRefused(server.ask('/oauth/token', form, own, withCertificate.basic));
    await assertRefused(server.ask('/oauth/token', form, undefined, withCertificate.basic));
  });
});

describe('the certificate of a connection', () => {
  it('counts where callers are asked for it; a trusted proxy’s is its own, never the caller’s', async (t) => {
    const proxy = makeCertificate({ subject: 'proxy' });
    const id = await registerSelfSigned(proxy);
    const door = createCertificate();
    const files = await keepFiles({ 'cert.pem': door.cert, 'key.pem': door.key });
    t.after(() => files.remove());
    const tls = {
      POSTERN_TLS_CERT: files.path('cert.pem'),
      POSTERN_TLS_KEY: files.path('key.pem'),
    };
    for (const [proxies, asks, status] of [
      ['127.0.0.1, ::1', 'true', 401],
      ['192.0.2.1', 'true', 200],
      ['192.0.2.1', 'false', 401],
    ] as const) {
      const port = await findFreePort();
      const issuer = `https://localhost:${port}`;
      const own = { POSTERN_ISSUER: issuer, POSTERN_PORT: String(port), POSTERN_TRUSTED_PROXIES: proxies };
      const direct = await startServer({
        databaseUrl: server.databaseUrl,
        settings: { ...tls, ...own, POSTERN_TLS_ASK_CLIENT_CERT: asks },
      });
      t.after(() => direct.stop());
      const send = createTlsFetch({ ca: door.cert, cert: proxy.cert, key: proxy.key });
      const body = new URLSearchParams({ grant_type: 'client_credentials', client_id: id });
      const answer = await send(`${issuer}/oauth/token`, { method: 'POST', body });
      assert.equal(answer.status, status);
    }
  });
});

describe('a stolen token that is bound', () => {
  it('still says at introspection whose certificate must come with it', async () => {
    const { basic } = await registerClient(server.db, { certificateBoundAccessTokens: true });
    const own = makeCertificate();
    const form = { grant_type: 'client_credentials' };
    const { body } = await server.ask('/oauth/token', form, own, basic);
    const seen = await introspect(server.issuer, body.access_token);
    assert.deepEqual([seen.body.active, seen.body.cnf], [true, { 'x5t#S256': own.thumbprint }]);
  });
});
