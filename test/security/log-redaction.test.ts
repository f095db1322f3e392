import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { demoApi, demoCli, demoMachine, demoUser } from '../../src/development.ts';
import { createLog } from '../../src/log.ts';
import { createPool } from '../../src/postgres/pool.ts';
import { sql } from '../../src/postgres/sql.ts';
import { createTokenFormat } from '../../src/secret.ts';
import {
  basic,
  credentials,
  introspect,
  poll,
  post,
  refresh,
  requestDevice,
  requestMachineToken,
  revoke,
} from '../support/client.ts';
import { createPerson } from '../support/person.ts';
import { driveKeySecrets } from '../support/secrets.ts';
import { captureLog, startServer, type TestServer } from '../support/server.ts';

let server: TestServer;
/** Everything that must not be in the log. */
const secrets = new Set<string>();
before(async () => {
  server = await startServer();
});
after(() => server.stop());

type Line = Record<string, unknown>;

function readLog(): Line[] {
  return server
    .logged()
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
}

/** Remembers each value, and the other forms that it may take on its way into a log. */
function keepSecret(...values: string[]): void {
  for (const value of values) {
    assert.ok(value.length >= 8, 'a secret is there');
    secrets.add(value).add(encodeURIComponent(value)).add(Buffer.from(value).toString('base64'));
    secrets.add(Buffer.from(value).toString('hex'));
  }
}

function assertNothingLogged(text: string): void {
  for (const secret of secrets) assert.ok(!text.includes(secret), `the log holds ${secret}`);
}

/** Every flow once, with everything that can go wrong in it. */
async function driveEverything() {
  const { issuer } = server;
  keepSecret(demoMachine.secret, demoApi.secret, demoUser.password, basic(credentials.machine).slice(6));
  const { body: machine } = await requestMachineToken(issuer);
  const { body: device } = await requestDevice(issuer);
  keepSecret(machine.access_token, device.device_code, device.user_code, device.user_code.replace('-', ''));
  await post(`${issuer}/oauth/token`, {
    grant_type: 'client_credentials',
    client_id: demoMachine.id,
    client_secret: 'a-wrong-secret-in-a-body',
  });
  keepSecret('a-wrong-secret-in-a-body', 'a-wrong-password-of-a-person', 'a-wrong-secret-in-a-header');
  await requestMachineToken(issuer, { client_secret: 'a-wrong-secret-in-a-body' });
  await post(`${issuer}/oauth/token`, 'grant_type=%', {
    basic: `${demoMachine.id}:a-wrong-secret-in-a-header`,
  });
  await post(`${issuer}/oauth/token`, 'x', { headers: { authorization: 'Bearer garbage-that-is-a-secret' } });
  keepSecret('garbage-that-is-a-secret');

  const person = createPerson(issuer);
  await person.open(`/device?user_code=${device.user_code}`);
  await person.open('/sign-in');
  await person.submit('/sign-in', { email: demoUser.email, password: 'a-wrong-password-of-a-person' });
  await person.enterCode(device.user_code);
  keepSecret(...person.cookies.values());
  await person.decide('allow');
  keepSecret(...person.cookies.values());
  const { body: tokens } = await poll(issuer, device.device_code);
  const { body: renewed } = await refresh(issuer, tokens.refresh_token);
  keepSecret(tokens.access_token, tokens.refresh_token, renewed.access_token, renewed.refresh_token);
  await introspect(issuer, renewed.access_token);
  await introspect(issuer, renewed.refresh_token);
  await revoke(issuer, renewed.refresh_token);
  return { machine, device, tokens, renewed, person };
}

describe('the log, at its most talkative', () => {
  it('holds no secret of any flow', async () => {
    const { machine, device, renewed, person } = await driveEverything();
    const misplaced = [machine.access_token, device.device_code, renewed.refresh_token, device.user_code];
    for (const secret of misplaced) {
      // People paste into the wrong place: into paths, queries, names and headers.
      await fetch(`${server.issuer}/oauth/token?access_token=${secret}&client_secret=${secret}`);
      await fetch(`${server.issuer}/device/${secret}`);
      await fetch(`${server.issuer}/${secret}/x`, {
        headers: { 'user-agent': secret, 'x-request-id': secret },
      });
      await post(`${server.issuer}/oauth/token`, { grant_type: secret, client_id: secret, [secret]: secret });
      await post(
        `${server.issuer}/oauth/token`,
        { grant_type: 'client_credentials' },
        { basic: `${secret}:x` },
      );
      await person.open(`/sign-in?token=${secret}`);
    }
    assertNothingLogged(server.logged());
  });

  it('holds no JWT, assertion or proof, of any flow and in any wrong place', async () => {
    const { issuer } = server;
    const held = await driveKeySecrets(server);
    keepSecret(...held.values());
    for (const secret of ['a JWT', 'an assertion at token', 'a DPoP proof'].map(
      (what) => held.get(what) ?? '',
    )) {
      await fetch(`${issuer}/oauth/token?client_assertion=${secret}&subject_token=${secret}`);
      await fetch(`${issuer}/${secret}`, { headers: { dpop: secret, 'user-agent': secret } });
      const form = { grant_type: 'client_credentials', scope: secret, resource: secret };
      await post(`${issuer}/oauth/token`, form, { basic: credentials.machine, headers: { DPoP: secret } });
      await post(`${issuer}/oauth/token`, { ...form, client_id: secret, [secret]: secret });
    }
    assertNothingLogged(server.logged());
  });

  it('holds no secret of a failure in the database', async () => {
    const { db, issuer } = server;
    const { body: device } = await requestDevice(issuer);
    keepSecret(device.device_code, device.user_code);
    await db.query(sql`alter table access_tokens rename column payload to lost`);
    await db.query(sql`alter table device_codes rename column payload to lost`);
    try {
      const answers = await Promise.all([
        requestMachineToken(issuer),
        requestDevice(issuer),
        poll(issuer, device.device_code),
        introspect(issuer, createTokenFormat('pst').issue('at', new Date())),
      ]);
      for (const { status, body } of answers) {
        assert.deepEqual([status, body.error], [500, 'server_error']);
        assert.doesNotMatch(JSON.stringify(body), /column|lost|select|insert/i);
      }
    } finally {
      await db.query(sql`alter table access_tokens rename column lost to payload`);
      await db.query(sql`alter table device_codes rename column lost to payload`);
    }
    const errors = readLog().filter(({ level }) => level === 'error');
    assert.equal(errors.length, 4);
    for (const error of errors) {
      assert.match(JSON.stringify(error), /column .*payload.* does not exist/);
      assert.doesNotMatch(JSON.stringify(error), /\b(select|insert into|where)\b/i);
    }
    assertNothingLogged(server.logged());
  });

  it('holds no row that the database refused', async () => {
    const { log, logged } = captureLog();
    const hash = 'a-hash-in-a-row-that-is-refused';
    const email = 'Not-Lower-Case@example.com';
    const refused = server.db.query(sql`insert into users (email, password_hash) values (${email}, ${hash})`);
    const error = await refused.catch((reason) => reason);
    assert.ok(error.detail.includes(hash), 'the driver tells it');
    log.error({ err: error }, 'refused');
    assert.match(logged(), /violates check constraint/);
    assert.ok(!logged().includes(hash));
  });

  it('holds no password of the database', async () => {
    const { log, logged } = captureLog();
    const url = new URL(server.databaseUrl);
    url.port = '1';
    url.password = 'a-password-of-the-database';
    const pool = createPool({ url: url.href, log });
    const error = await pool.query(sql`select 1`).catch((reason) => reason);
    log.error({ err: error, cause: error.cause }, `cannot reach ${url.href}`);
    log.error({ err: new Error(`cannot reach ${url.href}`, { cause: error }) });
    await pool.close();
    assert.match(logged(), /ECONNREFUSED/);
    assert.ok(!logged().includes(url.password));
  });

  it('blots out what carries the name of a secret, and texts that look like one', () => {
    const lines: string[] = [];
    const log = createLog({ level: 'trace', destination: { write: (line) => void lines.push(line) } });
    const token = createTokenFormat('acme').issue('rt', new Date());
    const jwt = 'eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl';
    const headers = { authorization: 'hidden-1', cookie: 'hidden-2', 'set-cookie': ['hidden-3'] };
    log.info({ password: 'hidden-4', client_secret: 'hidden-5', req: { headers } }, 'an object');
    log.info({ body: { token: 'hidden-6', device_code: 'hidden-7', refresh_token: 'hidden-8' } }, 'another');
    log.warn({ err: new Error(`bad token ${token} ${jwt} Bearer hidden-9`) }, `Basic hidden-0 ${token}`);
    assert.doesNotMatch(lines.join(''), new RegExp(`hidden-|${token}|${jwt}`));
    assert.equal(lines.length, 3);
  });
});

describe('each request', () => {
  it('is one line with its request id, and the answer carries the same', async () => {
    const answers = [
      await requestMachineToken(server.issuer, { scope: 'read' }),
      await requestMachineToken(server.issuer, { scope: 'nothing' }),
      await post(`${server.issuer}/oauth/introspect`, 'token=x'),
    ];
    const lines = readLog().filter(({ msg }) => msg === 'request');
    for (const { status, headers } of answers) {
      const id = headers.get('x-request-id');
      const own = lines.filter(({ request_id }) => request_id === id);
      assert.equal(own.length, 1);
      assert.deepEqual([own[0]?.status, own[0]?.method], [status, 'POST']);
      assert.match(String(own[0]?.path), /^\/oauth\//);
      assert.equal(typeof own[0]?.ms, 'number');
    }
    const ids = lines.map(({ request_id }) => request_id);
    assert.equal(new Set(ids).size, ids.length);
    assert.ok(lines.some(({ client_id }) => client_id === demoCli.id));
  });
});
