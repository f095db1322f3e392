import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { demoCli, demoMachine, demoResource } from '../../src/development.ts';
import { policies } from '../../src/limits/policy.ts';
import { sql } from '../../src/postgres/sql.ts';
import { createTokenFormat } from '../../src/secret.ts';
import { type Answer, post, requestDevice } from '../support/client.ts';
import { issueInitialAccessToken, register, registerMachine, send } from '../support/dynamic-client.ts';
import { createPerson } from '../support/person.ts';
import { startServer, type TestServer } from '../support/server.ts';

const deviceGrant = 'urn:ietf:params:oauth:grant-type:device_code';
const tokenExchange = 'urn:ietf:params:oauth:grant-type:token-exchange';

let server: TestServer;
let token: string;
before(async () => {
  const settings = { POSTERN_REGISTRATION: 'on', POSTERN_TRUSTED_PROXIES: '127.0.0.1, ::1' };
  server = await startServer({ settings });
  token = await issueInitialAccessToken(server.db);
});
after(() => server.stop());

async function countClients(): Promise<number> {
  const [row] = await server.db.query<{ count: number }>(sql`select count(*)::integer from clients`);
  return row?.count ?? 0;
}

function assertRefused({ status, headers, body }: Answer): void {
  assert.equal(status, 401);
  assert.match(headers.get('www-authenticate') ?? '', /^Bearer realm="http:\/\/localhost:\d+"/);
  const { request_id: _, ...said } = body;
  assert.deepEqual(said, {
    error: 'invalid_token',
    error_description: 'The access token is missing or not valid here',
  });
}

/** Everything that a client of its token may be, but for what is changed. */
function update(client: Answer['body'], changes: Record<string, unknown>) {
  const { client_id, client_name, grant_types, scope } = client;
  return { client_id, client_name, grant_types, scope, ...changes };
}

describe('registration that nobody has switched on', () => {
  it('is not there, and the metadata does not speak of it', async () => {
    const off = await startServer({ databaseUrl: server.databaseUrl });
    try {
      const client = await registerMachine(server.issuer, token);
      assert.equal((await register(off.issuer, token, {})).status, 404);
      for (const method of ['GET', 'PUT', 'DELETE'] as const) {
        const url = `${off.issuer}/oauth/register/${client.client_id}`;
        assert.equal((await send(method, url, client.registration_access_token)).status, 404);
      }
      for (const [issuer, expected] of [
        [off.issuer, undefined],
        [server.issuer, `${server.issuer}/oauth/register`],
      ]) {
        const response = await fetch(`${issuer}/.well-known/oauth-authorization-server`);
        const metadata = (await response.json()) as Record<string, unknown>;
        assert.equal(metadata.registration_endpoint, expected);
      }
    } finally {
      await off.stop();
    }
  });
});

describe('an initial access token', () => {
  it('is demanded, and any other text is none', async () => {
    const client = await registerMachine(server.issuer, token);
    const unknown = createTokenFormat('pst').issue('it', new Date('2026-01-01'));
    const count = await countClients();
    for (const wrong of [
      undefined,
      'x',
      token.slice(0, -1),
      token.toLowerCase(),
      unknown,
      client.client_secret,
      client.registration_access_token,
    ]) {
      assertRefused(await register(server.issuer, wrong, {}));
    }
    const url = `${server.issuer}/oauth/register`;
    for (const authorization of ['Bearer', `Basic ${token}`, token, `Bearer ${token} x`, `Bearer ${token},x`])
      assertRefused(await send('POST', url, undefined, {}, { authorization }));
    assertRefused(await send('POST', `${url}?access_token=${token}`, undefined, { access_token: token }));
    assert.equal(await countClients(), count);
  });

  it('is asked for without an error code where none was shown (RFC 6750 section 3)', async () => {
    const realm = `Bearer realm="${server.issuer}"`;
    const challengeOf = async (shown?: string) =>
      (await register(server.issuer, shown, {})).headers.get('www-authenticate');
    assert.equal(await challengeOf(), realm);
    assert.equal(await challengeOf('x'), `${realm}, error="invalid_token"`);
  });

  it('with one use makes one client, though fifty ask at once', async () => {
    const once = await issueInitialAccessToken(server.db, { uses: 1 });
    const count = await countClients();
    const answers = await Promise.all(
      Array.from({ length: 50 }, () => register(server.issuer, once, { client_name: 'Racer' })),
    );
    assert.equal(answers.filter(({ status }) => status === 201).length, 1);
    assert.equal(answers.filter(({ status }) => status === 401).length, 49);
    assert.equal(await countClients(), count + 1);
  });

  it('is worth nothing when it is over, by the clock of the database', async () => {
    const brief = await issueInitialAccessToken(server.db, { name: 'brief', lifetimeSeconds: 60 });
    assert.equal((await register(server.issuer, brief, {})).status, 201);
    await server.db.query(sql`update initial_access_tokens set expires_at = now() where name = 'brief'`);
    assertRefused(await register(server.issuer, brief, {}));
  });

  it('is kept as a digest, like the token that it yields', async () => {
    const client = await registerMachine(server.issuer, token);
    const { registration_client_uri: url, registration_access_token: first } = client;
    const { body: next } = await send('PUT', url, first, update(client, {}));
    const rows = await server.db.query<{ row: string }>(sql`
      select t::text as row from initial_access_tokens t union all select t::text from client_registrations t`);
    const dump = rows.map(({ row }) => row).join('\n');
    for (const secret of [token, first, next.registration_access_token]) {
      for (const form of [
        secret,
        ...(['hex', 'base64'] as const).map((name) => Buffer.from(secret).toString(name)),
      ])
        assert.ok(!dump.includes(form));
    }
    assert.ok(!server.logged().includes(token.slice(7)));
  });
});

describe('a client that registered itself', () => {
  it('cannot get by an update what its initial access token did not allow, even when that is gone', async () => {
    const policy = {
      authenticationMethods: ['client_secret_basic' as const],
      grantTypes: ['client_credentials' as const],
      allowed: { [demoResource.uri]: ['read'] },
    };
    const narrow = await issueInitialAccessToken(server.db, { name: 'narrow', policy });
    const client = await registerMachine(server.issuer, narrow);
    await server.db.query(sql`delete from initial_access_tokens where name = 'narrow'`);
    const { registration_client_uri: url, registration_access_token: access } = client;
    for (const change of [
      { scope: 'read write' },
      { grant_types: ['client_credentials', deviceGrant] },
      { grant_types: ['client_credentials', tokenExchange] },
      { token_endpoint_auth_method: 'none', grant_types: [deviceGrant] },
      { token_endpoint_auth_method: 'client_secret_post' },
      { token_endpoint_auth_method: 'none' },
    ]) {
      const { status, body } = await send('PUT', url, access, update(client, change));
      assert.deepEqual([status, body.error], [400, 'invalid_client_metadata'], JSON.stringify(change));
    }
    const ignored = {
      resources: { [demoResource.uri]: ['write'] },
      audiences: [demoResource.uri],
      exchanges: { [demoResource.uri]: [demoResource.uri] },
      publisher: 'Example Ltd',
      access_token_lifetime: 31_536_000,
      default_resource: 'https://other.example',
      id: demoMachine.id,
      __proto__: { scope: 'write' },
    };
    assert.equal((await send('PUT', url, access, update(client, ignored))).status, 200);
    const [row] = await server.db.query(sql`
      select publisher, access_token_seconds, default_resource,
        (select count(*)::integer from client_audiences where client_id = clients.id) as audiences,
        (select string_agg(scope, ' ') from client_scopes where client_id = clients.id) as scopes
      from clients where id = ${client.client_id}`);
    assert.deepEqual(row, {
      publisher: null,
      access_token_seconds: null,
      default_resource: demoResource.uri,
      audiences: 0,
      scopes: 'read',
    });
  });

  it('cannot choose its id, its secret, or take the place of another client', async () => {
    const chosen = { client_id: demoMachine.id, client_secret: 'a-secret-of-my-own-choice' };
    const client = await registerMachine(server.issuer, token, chosen);
    assert.notEqual(client.client_id, chosen.client_id);
    assert.notEqual(client.client_secret, chosen.client_secret);
    const form = { grant_type: 'client_credentials' };
    const credentials = `${client.client_id}:${chosen.client_secret}`;
    assert.equal((await post(`${server.issuer}/oauth/token`, form, { basic: credentials })).status, 401);
  });

  it('manages itself alone, and nobody else manages it', async () => {
    const [mine, theirs] = [
      await registerMachine(server.issuer, token),
      await registerMachine(server.issuer, token),
    ];
    const { registration_access_token: access } = mine;
    const base = `${server.issuer}/oauth/register`;
    for (const id of [theirs.client_id, demoMachine.id, 'nobody', '%00', '%', `${mine.client_id}/`, '*']) {
      for (const wrong of [access, token, undefined, mine.client_secret]) {
        assertRefused(await send('GET', `${base}/${id}`, wrong));
        assertRefused(await send('PUT', `${base}/${id}`, wrong, update(theirs, { client_name: 'Mine' })));
        assertRefused(await send('DELETE', `${base}/${id}`, wrong));
      }
    }
    const { body } = await send('GET', theirs.registration_client_uri, theirs.registration_access_token);
    assert.equal(body.client_name, theirs.client_name);
  });

  it('is deleted once, though it asks many times at once, and may be updated many times at once', async () => {
    const client = await registerMachine(server.issuer, token);
    const { registration_client_uri: url, registration_access_token: access } = client;
    const updates = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        send('PUT', url, access, update(client, { client_name: `Name ${index}` })),
      ),
    );
    assert.deepEqual(new Set(updates.map(({ status }) => status)), new Set([200]));
    const successors = new Set(updates.map(({ body }) => body.registration_access_token));
    assert.equal(successors.size, 1);
    const [successor] = successors;
    assert.equal((await send('GET', url, successor)).status, 200);
    const deletions = await Promise.all(Array.from({ length: 20 }, () => send('DELETE', url, successor)));
    const statuses = deletions.map(({ status }) => status).sort();
    assert.deepEqual(statuses, [204, ...Array.from({ length: 19 }, () => 401)]);
  });
});

describe('who guesses these tokens', () => {
  it('has to wait after too many, and nobody else does', async () => {
    const url = `${server.issuer}/oauth/register`;
    const from = (address: string) => ({ 'x-forwarded-for': address });
    const format = createTokenFormat('pst');
    const guess = (kind: 'it' | 'ra') => format.issue(kind, new Date('2026-01-01'));
    for (let tries = 0; tries < policies.registration_by_address.failures; tries += 2) {
      assertRefused(await send('POST', url, guess('it'), {}, from('192.0.2.1')));
      assertRefused(await send('GET', `${url}/client-x`, guess('ra'), undefined, from('192.0.2.1')));
    }
    const { status, headers } = await send('POST', url, token, {}, from('192.0.2.1'));
    assert.equal(status, 429);
    assert.ok(Number(headers.get('retry-after')) > 0);
    assert.equal((await send('GET', `${url}/x`, guess('ra'), undefined, from('192.0.2.1'))).status, 429);
    assert.equal((await send('POST', url, token, {}, from('192.0.2.2'))).status, 201);
  });
});

describe('what people see of a client that registered itself', () => {
  const device = { grant_types: [deviceGrant], token_endpoint_auth_method: 'none' };

  async function approvalPage(client_name: string): Promise<string> {
    const { status, body } = await register(server.issuer, token, { ...device, client_name });
    assert.equal(status, 201, JSON.stringify(body));
    const { body: code } = await requestDevice(server.issuer, { client_id: body.client_id, scope: 'read' });
    return (await createPerson(server.issuer).enterCode(code.user_code)).html;
  }

  it('says that nobody has verified its name, which it does not say of another', async () => {
    assert.match(await approvalPage('A lamp'), /gave itself its name\. Nobody has verified it/);
    const { body: code } = await requestDevice(server.issuer, { client_id: demoCli.id });
    const { html } = await createPerson(server.issuer).enterCode(code.user_code);
    assert.match(html, /Publisher not verified/);
    assert.doesNotMatch(html, /gave itself/);
  });

  it('shows markup in its name as text', async () => {
    const html = await approvalPage('<script>alert(1)</script>"><img src=x>');
    assert.ok(html.includes('&#60;script&#62;alert(1)&#60;/script&#62;&#34;&#62;&#60;img src=x&#62;'));
    assert.doesNotMatch(html, /<script|<img/);
  });

  it('is not the name of a client that an operator has added, nor its publisher or id', async () => {
    await server.db.query(sql`update clients set publisher = 'Ünïcode & Söhne' where id = ${demoCli.id}`);
    const client = await registerMachine(server.issuer, token);
    for (const client_name of [
      'Demo CLI',
      'demo-cli',
      'DEMO  CLI',
      'Demo CLI.',
      'Ｄｅｍｏ ＣＬＩ',
      'ünïcode & söhne',
      'U\u0308nïcode & Söhne',
    ]) {
      const { status, body } = await register(server.issuer, token, { ...device, client_name });
      assert.deepEqual([status, body.error], [400, 'invalid_client_metadata'], client_name);
      assert.match(body.error_description, /client_name: write another/);
      const { registration_client_uri: url, registration_access_token: access } = client;
      assert.equal(
        (await send('PUT', url, access, update(client, { client_name }))).status,
        400,
        client_name,
      );
    }
    assert.equal((await register(server.issuer, token, { client_name: client.client_name })).status, 201);
  });

  it('has no character that cannot be seen', async () => {
    for (const client_name of [
      'Demo\u200b CLI',
      '\u202eILC omeD',
      'Demo\u0000CLI',
      'Demo\nCLI',
      '\ud800',
      '…',
      ' ',
      '',
    ]) {
      const { status, body } = await register(server.issuer, token, { ...device, client_name });
      assert.deepEqual([status, body.error], [400, 'invalid_client_metadata'], JSON.stringify(client_name));
    }
  });
});

describe('a hostile body', () => {
  it('is refused in every member, never a failure of the server', async () => {
    const deep = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);
    const key = '"kty":"EC","crv":"P-256","x":"a","y":"b"';
    const hostile = [
      deep(25_000),
      `{"client_name":${deep(20_000)}}`,
      `{"token_endpoint_auth_method":"private_key_jwt","jwks":{"keys":[{${key},"z":${deep(20_000)}}]}}`,
      '\ufeff{}',
      '{"client_name":"x"',
      '',
      ...[
        'client_name',
        'scope',
        'grant_types',
        'token_endpoint_auth_method',
        'jwks',
        'jwks_uri',
        'client_uri',
        'contacts',
        'software_id',
        'dpop_bound_access_tokens',
      ].flatMap((name) =>
        ['"\\u0000"', '"a\\u0000b"', '"\\ud800"', '-1e999', '{"a":[]}', '[[]]', '["\\u0000"]'].map(
          (value) => `{"${name}":${value}}`,
        ),
      ),
    ];
    for (const body of hostile) {
      const answer = await register(server.issuer, token, body);
      assert.equal(answer.status, 400, body.slice(0, 100));
      assert.equal(answer.body.error, 'invalid_client_metadata');
    }
    const ignored =
      '{"\\u0000":"\\u0000","unknown":"\\u0000","__proto__":{"scope":"write"},"client_name":"x"}';
    assert.equal((await register(server.issuer, token, ignored)).status, 201);
    assert.doesNotMatch(server.logged(), /"level":"error"/);
  });

  it('of 100 kB is 413, and without a token it is not even read', async () => {
    const large = JSON.stringify({ client_name: 'x', padding: 'x'.repeat(100_000) });
    assert.equal((await register(server.issuer, token, large)).status, 413);
    assertRefused(await register(server.issuer, undefined, large));
  });
});
