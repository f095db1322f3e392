import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { demoCli } from '../../src/development.ts';
import { sql } from '../../src/postgres/sql.ts';
import { type Answer, basic, post } from '../support/client.ts';
import { registerClient, type TestClient } from '../support/registration.ts';
import { startServer, type TestServer } from '../support/server.ts';

let server: TestServer;
before(async () => {
  server = await startServer();
});
after(() => server.stop());

/** What each endpoint is asked, apart from who asks. */
const requests = {
  '/oauth/token': { grant_type: 'client_credentials' },
  '/oauth/device_authorization': { scope: 'read' },
  '/oauth/introspect': { token: 'anything' },
  '/oauth/revoke': { token: 'anything' },
};

type Attempt = { header?: string; form?: Record<string, string> };

const raw = (bytes: Uint8Array | string) => `Basic ${Buffer.from(bytes).toString('base64')}`;

/** Ways to fail, of a client that exists and has a secret. */
const failures: Record<string, (client: TestClient) => Attempt> = {
  'no credentials at all': () => ({}),
  'no client_id beside a secret': ({ secret }) => ({ form: { client_secret: secret } }),
  'an unknown client in the header': ({ secret }) => ({ header: basic(`nobody:${secret}`) }),
  'an unknown client in the form': ({ secret }) => ({ form: { client_id: 'nobody', client_secret: secret } }),
  'an unknown public client': () => ({ form: { client_id: 'nobody' } }),
  'a client_id with a NUL': ({ secret }) => ({ form: { client_id: 'demo\0cli', client_secret: secret } }),
  'a wrong secret in the header': ({ id }) => ({ header: basic(`${id}:wrong`) }),
  'a wrong secret in the form': ({ id }) => ({ form: { client_id: id, client_secret: 'wrong' } }),
  'a confidential client without its secret': ({ id }) => ({ form: { client_id: id } }),
  'a confidential client with an empty secret in the header': ({ id }) => ({ header: basic(`${id}:`) }),
  'a confidential client with an empty secret in the form': ({ id }) => ({
    form: { client_id: id, client_secret: '' },
  }),
  'a public client with a secret in the header': () => ({ header: basic(`${demoCli.id}:secret`) }),
  'a public client with a secret in the form': () => ({
    form: { client_id: demoCli.id, client_secret: 'secret' },
  }),
  'an empty header': ({ id }) => ({ header: '', form: { client_id: id } }),
  'the scheme alone': () => ({ header: 'Basic' }),
  'another scheme': ({ basic: credentials }) => ({ header: basic(credentials).replace('Basic', 'Bearer') }),
  'a header that is not base64': () => ({ header: 'Basic ~~~' }),
  'base64 of a length that cannot be': () => ({ header: 'Basic YWJjZ' }),
  'a header without a colon': ({ id }) => ({ header: basic(id) }),
  'a header without an id': ({ secret }) => ({ header: basic(`:${secret}`) }),
  'a bad percent-encoding': ({ id }) => ({ header: basic(`${id}:%zz`) }),
  'bytes that are not UTF-8': ({ id }) => ({ header: raw(Buffer.from(`${id}:\xff\xfe`, 'latin1')) }),
  'a NUL in the secret': ({ basic: credentials }) => ({ header: raw(`${credentials}\0`) }),
  'an encoded NUL behind the secret': ({ basic: credentials }) => ({ header: basic(`${credentials}%00`) }),
  'a NUL behind the secret in the form': ({ id, secret }) => ({
    form: { client_id: id, client_secret: `${secret}\0` },
  }),
  'a secret beyond ASCII': ({ id }) => ({ form: { client_id: id, client_secret: 'schlüssel' } }),
  'a secret of 4 kB': ({ id }) => ({ header: basic(`${id}:${'s'.repeat(4096)}`) }),
  'the right secret and 4 kB more': ({ id, secret }) => ({
    form: { client_id: id, client_secret: secret + 's'.repeat(4096) },
  }),
  'the right secret in other case': ({ id, secret }) => ({
    form: { client_id: id, client_secret: swapCase(secret) },
  }),
};

function swapCase(text: string): string {
  return text.replace(/[a-z]/gi, (letter) =>
    letter === letter.toLowerCase() ? letter.toUpperCase() : letter.toLowerCase(),
  );
}

for (const [path, request] of Object.entries(requests)) {
  describe(`client authentication at ${path}`, () => {
    const send = ({ header, form }: Attempt): Promise<Answer> =>
      post(
        server.issuer + path,
        { ...request, ...form },
        { headers: { accept: 'text/html', ...(header === undefined ? {} : { authorization: header }) } },
      );

    for (const [name, attempt] of Object.entries(failures)) {
      it(`refuses ${name} as invalid_client`, async () => {
        const client = await registerClient(server.db);
        assertRefused(await send(attempt(client)));
      });
    }

    it('accepts a public client that puts its client_id and no secret into the header', async () => {
      assert.notEqual((await send({ header: basic(`${demoCli.id}:`) })).status, 401);
      assert.notEqual((await send({ form: { client_id: demoCli.id } })).status, 401);
    });

    it('accepts a secret in the header and in the form, whichever is registered', async () => {
      for (const authentication of ['client_secret_basic', 'client_secret_post'] as const) {
        const { id, secret, basic: credentials } = await registerClient(server.db, { authentication });
        assert.notEqual((await send({ header: basic(credentials) })).status, 401);
        assert.notEqual((await send({ header: basic(credentials), form: { client_id: id } })).status, 401);
        assert.notEqual((await send({ form: { client_id: id, client_secret: secret } })).status, 401);
      }
    });

    it('accepts every spelling of a header that base64 and RFC 9110 allow', async () => {
      const { id, secret } = await registerClient(server.db, { id: `padded-${path.length}`, secret: 'abcd' });
      const encoded = Buffer.from(`${id}:${secret}`).toString('base64');
      assert.match(encoded, /=$/);
      for (const header of [
        `Basic ${encoded}`,
        `basic ${encoded}`,
        `BASIC   ${encoded}`,
        `Basic ${encoded.replace(/=+$/, '')}`,
      ]) {
        assert.notEqual((await send({ header })).status, 401, header);
        assert.notEqual((await send({ header })).body.error, 'invalid_request', header);
      }
    });

    it('refuses two kinds of credentials at once as invalid_request', async () => {
      const { id, secret, basic: credentials } = await registerClient(server.db);
      const twice: Attempt[] = [
        { header: basic(credentials), form: { client_secret: secret } },
        { header: basic(credentials), form: { client_id: id, client_secret: secret } },
        { header: basic(credentials), form: { client_id: 'demo-machine' } },
        { header: 'Bearer something', form: { client_id: id, client_secret: secret } },
      ];
      for (const attempt of twice) {
        const { status, headers, body } = await send(attempt);
        assert.deepEqual([status, body.error], [400, 'invalid_request']);
        assert.match(headers.get('content-type') ?? '', /^application\/json/);
      }
    });

    it('refuses repeated credentials as invalid_request', async () => {
      const { id, secret } = await registerClient(server.db);
      const pairs = Object.entries({ ...request, client_id: id, client_secret: secret });
      for (const repeated of [
        ['client_id', id],
        ['client_secret', secret],
      ] as [string, string][]) {
        const { status, body } = await post(server.issuer + path, [...pairs, repeated]);
        assert.deepEqual([status, body.error], [400, 'invalid_request']);
      }
    });
  });
}

describe('a client secret', () => {
  const requestToken = (attempt: { basic?: string; form?: Record<string, string> }) =>
    post(
      `${server.issuer}/oauth/token`,
      { grant_type: 'client_credentials', ...attempt.form },
      attempt.basic === undefined ? {} : { basic: attempt.basic },
    );

  it('counts to its last byte, also behind the 72nd', async () => {
    const secret = `${'s'.repeat(72)}first`;
    const { id } = await registerClient(server.db, { secret });
    assert.equal((await requestToken({ basic: `${id}:${secret}` })).status, 200);
    for (const other of [`${'s'.repeat(72)}other`, 's'.repeat(72), `${secret}.`]) {
      assertRefused(await requestToken({ basic: `${id}:${other}` }));
      assertRefused(await requestToken({ form: { client_id: id, client_secret: other } }));
    }
  });

  it('is not kept with the device code that it asked for', async () => {
    const { id, secret } = await registerClient(server.db, {
      grantTypes: ['urn:ietf:params:oauth:grant-type:device_code'],
    });
    const form = { client_id: id, client_secret: secret, scope: 'read' };
    assert.equal((await post(`${server.issuer}/oauth/device_authorization`, form)).status, 200);
    const [row] = await server.db.query<{ payload: Record<string, unknown> }>(
      sql`select payload from device_codes where payload->>'clientId' = ${id}`,
    );
    assert.ok(row);
    assert.ok(!JSON.stringify(row.payload).includes(secret));
  });

  it('is form-urlencoded in the header (RFC 6749 section 2.3.1)', async () => {
    const secret = 'a b+c%25:d&e=f/g';
    const { id } = await registerClient(server.db, { secret, id: 'odd%id+&=' });
    const percent = `${encodeURIComponent(id)}:${encodeURIComponent(secret)}`;
    assert.equal((await requestToken({ basic: percent })).status, 200);
    assert.equal((await requestToken({ basic: percent.replaceAll('%20', '+') })).status, 200);
    assert.equal((await requestToken({ form: { client_id: id, client_secret: secret } })).status, 200);
    assertRefused(await requestToken({ basic: `${encodeURIComponent(id)}:${secret}` }));
  });
});

describe('a client whose stored record is damaged', () => {
  it('is refused like one that is not there, and is told nothing of the damage', async () => {
    for (const keys of [sql`jwks = '"no set"'`, sql`jwks = null, jwks_uri = 'ftp://keys.example.com'`]) {
      const { id } = await registerClient(server.db, {
        authentication: 'private_key_jwt',
        jwks: { keys: [] },
      });
      await server.db.query(sql`update clients set ${keys} where id = ${id}`);
      for (const [path, request] of Object.entries(requests)) {
        assertRefused(await post(server.issuer + path, { ...request, client_id: id }));
      }
    }
  });
});

function assertRefused({ status, headers, body }: Answer): void {
  assert.equal(status, 401);
  assert.deepEqual(body, { error: 'invalid_client', error_description: 'Client authentication failed' });
  assert.equal(headers.get('www-authenticate'), `Basic realm="${server.issuer}"`);
  assert.match(headers.get('content-type') ?? '', /^application\/json/);
  assert.equal(headers.get('cache-control'), 'no-store');
}
