import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { after, before, describe, it, type TestContext } from 'node:test';
import { type JWTPayload, SignJWT } from 'jose';
import { demoCli, demoMachine } from '../../src/development.ts';
import { sql } from '../../src/postgres/sql.ts';
import { randomText } from '../../src/secret.ts';
import { type KeyHolder, registerKeyHolder } from '../support/assertion.ts';
import { type Answer, post } from '../support/client.ts';
import { createProver, secondsFromNow } from '../support/proof.ts';
import { listQueries, untilSwept } from '../support/queries.ts';
import { exchange } from '../support/raw.ts';
import { registerClient } from '../support/registration.ts';
import { startServer, type TestServer } from '../support/server.ts';

const type = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

const requests = {
  '/oauth/token': { grant_type: 'client_credentials' },
  '/oauth/device_authorization': { scope: 'read' },
  '/oauth/introspect': { token: 'anything' },
  '/oauth/revoke': { token: 'anything' },
};
type Path = keyof typeof requests;
const paths = Object.keys(requests) as Path[];

let server: TestServer;
let holder: KeyHolder;
before(async () => {
  server = await startServer();
  await untilSwept(server.db);
  holder = await registerKeyHolder(server.db);
});
after(() => server.stop());

const send = (path: Path, client_assertion: string, form: Record<string, string> = {}): Promise<Answer> =>
  post(server.issuer + path, {
    ...requests[path],
    client_assertion_type: type,
    client_assertion,
    ...form,
  });

function assertRefused({ status, headers, body }: Answer, why = ''): void {
  assert.equal(status, 401, why);
  assert.deepEqual(body, { error: 'invalid_client', error_description: 'Client authentication failed' }, why);
  assert.equal(headers.get('www-authenticate'), `Basic realm="${server.issuer}"`, why);
}

/** Everything about an answer but what differs each time, and the statements that it took. */
async function watch(t: TestContext, ask: () => Promise<Answer>) {
  let answer: Answer | undefined;
  const statements = await listQueries(t, async () => {
    answer = await ask();
  });
  assert.ok(answer);
  const headers = [...answer.headers].filter(([name]) => !['date', 'x-request-id'].includes(name));
  return { status: answer.status, headers, body: answer.body, statements };
}

describe('a client assertion', () => {
  it('that was used at one endpoint is refused at every other', async () => {
    for (const first of paths) {
      const assertion = await holder.assert(server.issuer);
      assert.notEqual((await send(first, assertion)).status, 401);
      for (const path of paths) assertRefused(await send(path, assertion), `${first}, then ${path}`);
    }
  });

  it('is remembered for as long as it could be accepted', async () => {
    await server.db.query(sql`delete from records`);
    const exp = secondsFromNow(595);
    assert.equal((await send('/oauth/token', await holder.assert(server.issuer, { exp }))).status, 200);
    const [row] = await server.db.query<{ seconds: number }>(
      sql`select extract(epoch from max(expires_at) - now())::float8 as seconds from records
          where model = 'ReplayDetection'`,
    );
    assert.ok(row && row.seconds >= 595, `${row?.seconds} s`);
  });

  it('is refused of a client that is not registered for it, and so is a secret of one that is', async () => {
    const { privateKey } = holder;
    for (const id of [demoMachine.id, demoCli.id]) {
      const forged = new SignJWT({
        iss: id,
        sub: id,
        aud: server.issuer,
        jti: randomText(),
        exp: secondsFromNow(60),
      });
      const text = await forged.setProtectedHeader({ alg: 'ES256' }).sign(privateKey);
      for (const path of paths) assertRefused(await send(path, text), `${id} at ${path}`);
    }
    for (const client_secret of ['secret', '', 'undefined', 'null']) {
      for (const path of paths) {
        const form = { ...requests[path], client_id: holder.id, client_secret };
        assertRefused(await post(server.issuer + path, form), `${client_secret} at ${path}`);
      }
    }
  });

  it('is refused with the secret of its client as its key: client_secret_jwt is not offered', async () => {
    const { id, secret } = await registerClient(server.db);
    const claims = { iss: id, sub: id, aud: server.issuer, jti: randomText(), exp: secondsFromNow(60) };
    const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const data = `${encode({ alg: 'HS256' })}.${encode(claims)}`;
    const mac = createHmac('sha256', secret).update(data).digest('base64url');
    for (const path of paths) assertRefused(await send(path, `${data}.${mac}`));
  });

  it('is refused with a key that it brings along or points to', async () => {
    const thief = await createProver();
    const { id } = holder;
    const claims: JWTPayload = { iss: id, sub: id, aud: server.issuer };
    for (const header of [
      { jwk: thief.publicJwk },
      { jku: 'https://thief.example.com/jwks.json' },
      { x5u: 'https://thief.example.com/cert.pem' },
      { kid: holder.publicJwk.kid },
      { kid: thief.thumbprint, jwk: thief.publicJwk },
    ]) {
      const forged = await thief.prove(server.issuer, {
        claims: { ...claims, exp: secondsFromNow(60), jti: randomText() },
        header: { typ: 'JWT', jwk: undefined, ...header },
      });
      assertRefused(await send('/oauth/token', forged), JSON.stringify(header));
    }
  });

  it('is not for this server because Host says so', async () => {
    const body = async (aud: string) =>
      new URLSearchParams({
        ...requests['/oauth/token'],
        client_assertion_type: type,
        client_assertion: await holder.assert(aud),
      }).toString();
    for (const [aud, status] of [
      ['http://evil.example/oauth/token', 401],
      ['http://evil.example', 401],
      [`${server.issuer}/oauth/token`, 200],
    ] as const) {
      const text = await body(aud);
      const answer = await exchange(server.issuer, {
        method: 'POST',
        target: '/oauth/token',
        body: text,
        headers: {
          Host: 'evil.example',
          'X-Forwarded-Host': 'evil.example',
          'Content-Type': 'application/x-www-form-urlencoded',
          'Content-Length': String(text.length),
        },
      });
      assert.equal(answer.status, status, aud);
    }
  });
});

for (const path of paths) {
  describe(`who tries out clients with assertions at ${path}`, () => {
    it('cannot tell an unknown client from one whose key is another', async (t) => {
      const stranger = await registerKeyHolder(server.db);
      const attempt = (id: string) =>
        watch(t, async () => send(path, await stranger.assert(server.issuer, { iss: id, sub: id })));
      const unknown = await attempt('client-nobody');
      assert.equal(unknown.status, 401);
      for (const id of [holder.id, demoMachine.id, demoCli.id]) assert.deepEqual(await attempt(id), unknown);
    });
  });
}
