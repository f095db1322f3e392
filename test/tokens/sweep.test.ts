import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { demoResource } from '../../src/development.ts';
import { createPool, type Pool } from '../../src/postgres/pool.ts';
import { sql } from '../../src/postgres/sql.ts';
import { addResource } from '../../src/resources/resource.ts';
import { changeApiToken, findApiToken } from '../../src/tokens/api-token.ts';
import { findLiveApiToken, valueDigest } from '../../src/tokens/check.ts';
import { sweepApiTokens, sweepValues } from '../../src/tokens/sweep.ts';
import {
  addColleague,
  type Colleague,
  makeApiToken,
  type TestApiToken,
  takeValue,
} from '../support/api-token.ts';
import { openDatabase } from '../support/postgres.ts';
import { testLog } from '../support/temporary-postgres.ts';

let db: Pool;
let owner: Colleague;
before(async () => {
  const { url } = await openDatabase();
  db = createPool({ url, log: testLog });
  await addResource(db, demoResource);
  owner = await addColleague(db);
});
after(() => db.close());

/** Lets time go by for one token, by moving its past. */
const age = ({ id }: TestApiToken, interval: string) =>
  db.query(sql`
    update api_tokens set disabled_at = disabled_at - ${interval}::interval, expires_at = expires_at - ${interval}::interval
    where id = ${id}`);

const isThere = async (token: TestApiToken) =>
  (await findApiToken(db, token.organizationId, token.id)) !== undefined;

describe('the sweep of API tokens', () => {
  const cases: [what: string, end: (token: TestApiToken) => Promise<unknown>][] = [
    ['disabled', (token) => changeApiToken(db, token, { isDisabled: true })],
    ['expired', (token) => changeApiToken(db, token, { expiresAt: new Date() })],
    [
      'disabled long before it would expire',
      (token) => changeApiToken(db, token, { isDisabled: true, expiresAt: new Date(Date.now() + 1e10) }),
    ],
  ];
  for (const [what, end] of cases) {
    it(`removes one a week after it was ${what}, with its texts, and not before`, async () => {
      const token = await makeApiToken(db, owner);
      await end(token);
      await age(token, '6 days 23:59:00');
      await sweepApiTokens(db);
      assert.equal(await isThere(token), true);
      await age(token, '2 minutes');
      await sweepApiTokens(db);
      assert.equal(await isThere(token), false);
      const values = await db.query(sql`select from api_token_values where token_id = ${token.id}`);
      assert.equal(values.length, 0);
    });
  }

  it('leaves alone what lives, and what is enabled again within the week', async () => {
    const [living, enabled] = [await makeApiToken(db, owner), await makeApiToken(db, owner)];
    const later = await makeApiToken(db, owner, { expiresAt: new Date(Date.now() + 60_000) });
    await changeApiToken(db, enabled, { isDisabled: true });
    await age(enabled, '6 days');
    await changeApiToken(db, enabled, { isDisabled: false });
    await age(enabled, '6 days');
    await sweepApiTokens(db);
    for (const token of [living, enabled, later]) assert.equal(await isThere(token), true);
    assert.ok(await findLiveApiToken(db, valueDigest(enabled.text), undefined));
  });

  it('goes on in small pieces, also on two servers at once', async () => {
    const tokens = await Promise.all(Array.from({ length: 12 }, () => makeApiToken(db, owner)));
    for (const token of tokens) {
      await changeApiToken(db, token, { isDisabled: true });
      await age(token, '8 days');
    }
    await db.transaction(async (other) => {
      assert.equal(await sweepApiTokens(other, 5), 5);
      // What another server is removing is nothing to wait for.
      assert.equal(await sweepApiTokens(db, 5), 5);
      assert.equal(await sweepApiTokens(db, 5), 2);
    });
    assert.equal(await sweepApiTokens(db, 5), 0);
  });

  it('removes texts that were replaced and have ended, and no other', async () => {
    const token = await makeApiToken(db, owner);
    const overlapping = await takeValue(db, token, owner, 0);
    const present = await takeValue(db, token, owner, 600);
    await sweepValues(db);
    const rows = await db.query<{ digest: Buffer }>(
      sql`select digest from api_token_values where token_id = ${token.id}`,
    );
    assert.deepEqual(
      rows.map(({ digest }) => digest.toString('hex')).sort(),
      [overlapping, present].map((text) => valueDigest(text).toString('hex')).sort(),
    );
  });
});
