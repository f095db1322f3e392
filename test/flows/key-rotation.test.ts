import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, before, describe, it } from 'node:test';
import {
  createLocalJWKSet,
  createRemoteJWKSet,
  decodeProtectedHeader,
  type JSONWebKeySet,
  jwtVerify,
} from 'jose';
import pg from 'pg';
import { type KeyRing, loadKeyRing } from '../../src/keys/key-ring.ts';
import { revokeKey, rotateKeys } from '../../src/keys/rotation.ts';
import { announceKeys, signingKeysChannel } from '../../src/keys/signing-key.ts';
import { sql } from '../../src/postgres/sql.ts';
import { introspect, requestMachineToken } from '../support/client.ts';
import { startServer, type TestServer, testSecret } from '../support/server.ts';
import { until } from '../support/until.ts';

const change = { secrets: [testSecret] as const };

let servers: TestServer[];
let first: TestServer;
let ring: KeyRing;
before(async () => {
  first = await startServer();
  servers = [first, await startServer({ databaseUrl: first.databaseUrl })];
  ring = await loadKeyRing(first.db, change);
  await first.db.query(sql`update resources set access_token_format = 'jwt'`);
});
after(async () => {
  for (const server of [...servers].reverse()) await server.stop();
});

async function fetchKeys({ issuer }: TestServer): Promise<JSONWebKeySet> {
  const response = await fetch(`${issuer}/.well-known/jwks.json`);
  assert.equal(response.status, 200);
  return (await response.json()) as JSONWebKeySet;
}

const idsOf = ({ keys }: JSONWebKeySet) => keys.map(({ kid }) => kid);

/** Does it, and waits until all who listen have been told: no server waits for the next time that it looks by itself. */
async function announced<Result>(work: () => Promise<Result>): Promise<Result> {
  const listener = new pg.Client(first.databaseUrl);
  await listener.connect();
  await listener.query(`listen ${signingKeysChannel}`);
  const told = once(listener, 'notification');
  const result = await work();
  await told;
  await listener.end();
  return result;
}

/** Waits until every server publishes exactly these keys, in this order. */
async function untilPublished(expected: (string | undefined)[]): Promise<void> {
  await until(async () => {
    const published = await Promise.all(servers.map(fetchKeys));
    return published.every((keys) => idsOf(keys).join() === expected.join());
  });
}

/**
 * Asks every server for everything, over and over, while `work` runs. Every answer must be 200, and every token that was
 * just issued active, unless a key `mayEnd` with its tokens.
 */
async function underLoad(work: () => Promise<void>, { mayEnd = false } = {}): Promise<number> {
  let isOver = false;
  let count = 0;
  async function ask(server: TestServer): Promise<void> {
    while (!isOver) {
      const { status, body } = await requestMachineToken(server.issuer);
      assert.equal(status, 200, JSON.stringify(body));
      const answer = await introspect(server.issuer, body.access_token);
      assert.deepEqual([answer.status, answer.body.active || mayEnd], [200, true]);
      await fetchKeys(server);
      count += 3;
    }
  }
  const load = Promise.all(servers.flatMap((server) => [ask(server), ask(server)]));
  await Promise.race([work(), load]);
  isOver = true;
  await load;
  return count;
}

/** A JWT of the first server. */
async function issue(): Promise<string> {
  const { status, body } = await requestMachineToken(first.issuer);
  assert.equal(status, 200, JSON.stringify(body));
  return body.access_token;
}

/** Lets a pending key grow old enough to sign. */
async function ripen(): Promise<void> {
  await first.db.query(
    sql`update signing_keys set created_at = created_at - interval '7 minutes' where activated_at is null`,
  );
  await ring.refresh();
}

describe('a rotation of the signing keys', () => {
  it('reaches every server without a restart and without failing a request', async () => {
    const count = await underLoad(async () => {
      const old = ring.active('ES256')?.kid;
      await announced(() => rotateKeys(first.db, { ...change, isImmediate: false }));
      await ring.refresh();
      const next = ring.keys().find(({ state }) => state === 'pending')?.kid;
      await untilPublished([old, next]);
      await announced(ripen);
      assert.equal(ring.active('ES256')?.kid, next);
      await untilPublished([next, old]);
    });
    assert.ok(count > 10);
  });

  it('leaves no token unverifiable: for who has the keys of before, of meanwhile and of now', async () => {
    const url = new URL(`${first.issuer}/.well-known/jwks.json`);
    const attentive = createRemoteJWKSet(url, { cooldownDuration: 0 });
    const old = ring.active('ES256')?.kid;
    const early = await issue();
    await jwtVerify(early, attentive);

    await rotateKeys(first.db, { ...change, isImmediate: false });
    await ring.refresh();
    await untilPublished(ring.keys().map(({ kid }) => kid));
    const meanwhile = createLocalJWKSet(await fetchKeys(first));
    const between = await issue();
    await ripen();
    await untilPublished(ring.keys().map(({ kid }) => kid));
    const late = await issue();
    assert.deepEqual(
      [early, between, late].map((token) => decodeProtectedHeader(token).kid),
      [old, old, ring.active('ES256')?.kid],
    );
    const now = createLocalJWKSet(await fetchKeys(first));
    for (const keys of [attentive, meanwhile, now])
      for (const token of [early, between, late]) await jwtVerify(token, keys);
  });

  it('is over when all that the old key has signed has expired', async () => {
    await first.db.query(sql`update signing_keys set needed_until = now() where retired_at is not null`);
    await rotateKeys(first.db, { ...change, isImmediate: true });
    await ring.refresh();
    assert.deepEqual(
      ring.keys().map(({ state }) => state),
      ['active', 'retiring'],
    );
    await untilPublished(ring.keys().map(({ kid }) => kid));
  });
});

describe('a resource that asks for another algorithm', () => {
  it('gets a key of its own, and tokens signed with it', async () => {
    await first.db.query(sql`update resources set access_token_algorithm = 'EdDSA'`);
    await announceKeys(first.db);
    const began = performance.now();
    let answer = await requestMachineToken(first.issuer);
    while (answer.status === 503) {
      assert.ok(answer.headers.get('retry-after'));
      assert.ok(performance.now() - began < 60_000);
      answer = await requestMachineToken(first.issuer);
    }
    assert.equal(decodeProtectedHeader(answer.body.access_token).alg, 'EdDSA');
    const url = new URL(`${first.issuer}/.well-known/jwks.json`);
    await jwtVerify(answer.body.access_token, createRemoteJWKSet(url));
    await first.db.query(sql`update resources set access_token_algorithm = 'ES256'`);
    await ring.refresh();
  });
});

describe('the revocation of a signing key', () => {
  it('reaches every server at once, without failing a request, and its tokens are refused', async () => {
    const token = await issue();
    const stolen = ring.active('ES256')?.kid ?? '';
    await underLoad(
      async () => {
        assert.equal(await announced(() => revokeKey(first.db, stolen, change)), true);
        await ring.refresh();
        await untilPublished(ring.keys().map(({ kid }) => kid));
      },
      { mayEnd: true },
    );
    assert.ok(!ring.keys().some(({ kid }) => kid === stolen));
    const url = new URL(`${first.issuer}/.well-known/jwks.json`);
    await assert.rejects(jwtVerify(token, createRemoteJWKSet(url)), { code: 'ERR_JWKS_NO_MATCHING_KEY' });
    assert.deepEqual((await introspect(first.issuer, token)).body, { active: false });
    const fresh = await issue();
    await jwtVerify(fresh, createRemoteJWKSet(url));
    assert.equal((await introspect(first.issuer, fresh)).body.active, true);
  });

  it('reaches a server whose connection for news is lost', async () => {
    await first.db.query(
      sql`select pg_terminate_backend(pid) from pg_stat_activity
          where datname = current_database() and query like 'listen %'`,
    );
    await revokeKey(first.db, ring.active('ES256')?.kid ?? '', change);
    await ring.refresh();
    await untilPublished(ring.keys().map(({ kid }) => kid));
  });
});

describe('a server that cannot open the key that signs', () => {
  it('says that it is not ready, and goes on with the keys that it has', async () => {
    const other = 'another-master-secret-0123456789-abcdefgh';
    await rotateKeys(first.db, { secrets: [other, testSecret], isImmediate: true });
    const readiness = async () => {
      const response = await fetch(`${first.issuer}/health/ready`);
      return { status: response.status, body: (await response.json()) as { checks: object } };
    };
    const ready = await until(async () => {
      const told = await readiness();
      return told.status !== 200 && told;
    });
    assert.deepEqual(ready.body.checks, { serving: 'ok', database: 'ok', signing_key: 'failed' });
    assert.equal((await requestMachineToken(first.issuer)).status, 200);
  });
});
