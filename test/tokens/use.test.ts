import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { demoApi, demoResource } from '../../src/development.ts';
import { createPool, type Pool } from '../../src/postgres/pool.ts';
import { sql } from '../../src/postgres/sql.ts';
import { addResource } from '../../src/resources/resource.ts';
import { findApiToken } from '../../src/tokens/api-token.ts';
import { createUseRecorder } from '../../src/tokens/use.ts';
import { addValue } from '../../src/tokens/value.ts';
import {
  addColleague,
  type Colleague,
  makeApiToken,
  presentations,
  showMe,
  type TestApiToken,
} from '../support/api-token.ts';
import { basic, credentials, post } from '../support/client.ts';
import { openDatabase } from '../support/postgres.ts';
import { listQueries } from '../support/queries.ts';
import { registerClient } from '../support/registration.ts';
import { captureLog, startServer } from '../support/server.ts';
import { testLog } from '../support/temporary-postgres.ts';

const exchangeGrant = 'urn:ietf:params:oauth:grant-type:token-exchange' as const;
const tokenTypes = 'urn:ietf:params:oauth:token-type:';

let db: Pool;
let owner: Colleague;
before(async () => {
  const { url } = await openDatabase();
  db = createPool({ url, log: testLog });
  await addResource(db, demoResource);
  owner = await addColleague(db);
});
after(() => db.close());

const lastUse = async (from: Pool, { organizationId, id }: TestApiToken) =>
  (await findApiToken(from, organizationId, id))?.lastUse;
/** What names each text of a token, the oldest first. */
const valueIds = async ({ id }: TestApiToken) => {
  const rows = await db.query<{ id: string }>(
    sql`select id from api_token_values where token_id = ${id} order by created_at`,
  );
  return rows.map((row) => row.id) as [string, ...string[]];
};
const at = (second: number) => new Date(Date.UTC(2030, 0, 1, 0, 0, second));
const use = (second: number) => ({ at: at(second), address: '192.0.2.1', agent: 'curl' });

describe('the last use of an API token', () => {
  it('is remembered in memory and written when it is flushed, once a token', async (t) => {
    const recorder = createUseRecorder(db, testLog);
    const token = await makeApiToken(db, owner);
    const [value] = await valueIds(token);
    const recorded = await listQueries(t, async () => {
      for (let second = 0; second < 50; second += 1) recorder.record(value, use(second));
    });
    assert.deepEqual([recorded, await lastUse(db, token)], [[], undefined]);
    assert.equal((await listQueries(t, () => recorder.flush())).length, 1);
    assert.deepEqual(await lastUse(db, token), use(49));
    assert.deepEqual(await listQueries(t, () => recorder.flush()), []);
  });

  it('is the latest one, whichever server writes last', async () => {
    const [left, right] = [createUseRecorder(db, testLog), createUseRecorder(db, testLog)];
    const token = await makeApiToken(db, owner);
    const [value] = await valueIds(token);
    left.record(value, use(20));
    right.record(value, use(10));
    await left.flush();
    await right.flush();
    assert.deepEqual(await lastUse(db, token), use(20));
  });

  it('is written at the next flush where one is lost, without harm to anybody', async () => {
    const { log, logged } = captureLog();
    let isAway = true;
    const recorder = createUseRecorder(
      {
        query: (statement) =>
          isAway ? Promise.reject(new Error('the database is away')) : db.query(statement),
        transaction: (work) => db.transaction(work),
      },
      log,
    );
    const [first, second] = [await makeApiToken(db, owner), await makeApiToken(db, owner)];
    const [[firstValue], [secondValue]] = [await valueIds(first), await valueIds(second)];
    recorder.record(firstValue, use(1));
    recorder.record(secondValue, use(1));
    const flush = recorder.flush();
    recorder.record(firstValue, use(2));
    await flush;
    assert.match(logged(), /could not write down when tokens were used/);
    isAway = false;
    await recorder.flush();
    assert.deepEqual([await lastUse(db, first), await lastUse(db, second)], [use(2), use(1)]);
  });

  it('is that of either text while a token is rotated, and its owner sees when the old one is out of use', async () => {
    const recorder = createUseRecorder(db, testLog);
    const token = await makeApiToken(db, owner);
    const text = `pst_api_${crypto.randomUUID()}`;
    await addValue(db, { tokenId: token.id, holderId: owner.id, text, overlapSeconds: 3600 });
    const [old, present] = await valueIds(token);
    recorder.record(old, use(5));
    recorder.record(present ?? '', use(7));
    await recorder.flush();
    recorder.record(old, use(6));
    await recorder.flush();
    const found = await findApiToken(db, token.organizationId, token.id);
    assert.deepEqual([found?.lastUse, found?.previousValue?.lastUse], [use(7), use(6)]);
  });

  it('of a token that is gone meanwhile is nobody’s', async () => {
    const recorder = createUseRecorder(db, testLog);
    const token = await makeApiToken(db, owner);
    const [value] = await valueIds(token);
    recorder.record(crypto.randomUUID(), use(1));
    recorder.record(value, use(1));
    await recorder.flush();
    assert.deepEqual(await lastUse(db, token), use(1));
  });

  it('never fills the memory', async () => {
    const recorder = createUseRecorder(db, testLog);
    const token = await makeApiToken(db, owner);
    const [value] = await valueIds(token);
    for (let count = 0; count < 10_000; count += 1) recorder.record(crypto.randomUUID(), use(1));
    recorder.record(value, use(1));
    await recorder.flush();
    assert.equal(await lastUse(db, token), undefined);
    recorder.record(value, use(2));
    await recorder.flush();
    assert.deepEqual(await lastUse(db, token), use(2));
  });
});

describe('a server', () => {
  it('writes when, from where and by what tokens were used, at the latest when it stops', async () => {
    const database = await openDatabase();
    const server = await startServer({
      databaseUrl: database.url,
      settings: { POSTERN_TRUSTED_PROXIES: '127.0.0.1 ::1' },
    });
    const colleague = await addColleague(server.db);
    const presented = await makeApiToken(server.db, colleague);
    const asked = await makeApiToken(server.db, colleague);
    const exchanged = await makeApiToken(server.db, colleague);
    const client = await registerClient(server.db, {
      grantTypes: [exchangeGrant],
      exchanges: { [demoResource.uri]: [demoResource.uri] },
    });
    const elsewhere = await makeApiToken(server.db, colleague, { addressRanges: ['192.0.2.1'] });
    const ask = ({ text }: TestApiToken, client_ip_address: string) =>
      post(
        `${server.issuer}/oauth/introspect`,
        { token: text, client_ip_address },
        { basic: credentials.api },
      );
    const headers = { 'user-agent': 'curl/8', 'x-forwarded-for': '203.0.113.5' };
    await showMe(server.issuer, { ...presentations.bearer(presented.text), ...headers });
    await ask(asked, '2001:db8::1');
    await ask(elsewhere, '192.0.2.2');
    const form = { subject_token: exchanged.text, subject_token_type: `${tokenTypes}access_token` };
    const { status } = await fetch(`${server.issuer}/oauth/token`, {
      method: 'POST',
      body: new URLSearchParams({ grant_type: exchangeGrant, ...form }),
      headers: { authorization: basic(client.basic), 'x-forwarded-for': '203.0.113.6' },
    });
    assert.equal(status, 200);
    await server.stop();
    const later = createPool({ url: database.url, log: testLog });
    const uses = await Promise.all(
      [presented, asked, exchanged, elsewhere].map((token) => lastUse(later, token)),
    );
    assert.deepEqual(
      uses.map((each) => each && [each.address, each.agent]),
      [['203.0.113.5', 'curl/8'], ['2001:db8::1', demoApi.id], ['203.0.113.6', client.id], undefined],
    );
    await later.close();
  });
});
