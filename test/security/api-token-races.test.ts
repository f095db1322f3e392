import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { sql } from '../../src/postgres/sql.ts';
import { changeApiToken } from '../../src/tokens/api-token.ts';
import {
  addColleague,
  type Colleague,
  makeApiToken,
  presentations,
  showMe,
  takeValue,
} from '../support/api-token.ts';
import { introspect, revoke } from '../support/client.ts';
import { startServer, type TestServer } from '../support/server.ts';

let servers: [TestServer, TestServer];
let owner: Colleague;
before(async () => {
  const settings = { POSTERN_API_RATE_LIMIT: '100000', POSTERN_TRUSTED_PROXIES: '127.0.0.1 ::1' };
  const first = await startServer({ settings });
  servers = [first, await startServer({ settings, databaseUrl: first.databaseUrl })];
  owner = await addColleague(first.db);
});
after(async () => {
  await servers[1].stop();
  await servers[0].stop();
});

let requests = 0;
/** A use at either server, from an address of its own: wrong credentials are counted by address. */
const use = async (text: string) => {
  requests += 1;
  const server = servers[requests % 2] as TestServer;
  const address = `198.18.${requests >> 8}.${requests & 255}`;
  return (await showMe(server.issuer, { 'x-forwarded-for': address, ...presentations.bearer(text) })).status;
};

/**
 * Uses a text over and over while `end` runs. Tells every status of a use that began after `end` was done, and how many
 * uses there were in all.
 */
async function useBeside(
  text: string,
  end: () => Promise<unknown>,
): Promise<{ late: number[]; all: number[] }> {
  let isDone = false;
  const late: number[] = [];
  const all: number[] = [];
  const user = async () => {
    for (let uses = 0; uses < 3; ) {
      const isLate = isDone;
      const status = await use(text);
      all.push(status);
      if (isLate) late.push(status);
      if (isLate) uses += 1;
    }
  };
  const users = Promise.all(Array.from({ length: 6 }, user));
  all.push(await use(text));
  await end();
  isDone = true;
  await users;
  return { late, all };
}

describe('an API token that is used meanwhile', () => {
  it('is dead at every server once its revocation has been answered', async () => {
    const { text } = await makeApiToken(servers[0].db, owner);
    const { late, all } = await useBeside(text, () => revoke(servers[0].issuer, text));
    assert.ok(all.includes(200));
    assert.deepEqual(new Set(late), new Set([401]));
  });

  it('is dead under its old text once a rotation without an overlap has been answered, and never under the new', async () => {
    const token = await makeApiToken(servers[0].db, owner);
    let next = '';
    const { late } = await useBeside(token.text, async () => {
      next = await takeValue(servers[0].db, token, owner);
    });
    assert.deepEqual(new Set(late), new Set([401]));
    assert.equal(await use(next), 200);
  });

  it('loses no request while it is rotated with an overlap', async () => {
    const token = await makeApiToken(servers[0].db, owner);
    const { all } = await useBeside(token.text, () => takeValue(servers[0].db, token, owner, 600));
    assert.deepEqual(new Set(all), new Set([200]));
  });

  it('is inactive at every introspection that begins after it was disabled', async () => {
    const token = await makeApiToken(servers[0].db, owner);
    let isDone = false;
    const late: boolean[] = [];
    const ask = async (server: TestServer) => {
      for (let count = 0; count < 3; ) {
        const isLate = isDone;
        const { body } = await introspect(server.issuer, token.text);
        if (!isLate) continue;
        late.push(body.active);
        count += 1;
      }
    };
    const asking = Promise.all([...servers, ...servers].map(ask));
    await changeApiToken(servers[0].db, token, { isDisabled: true });
    isDone = true;
    await asking;
    assert.deepEqual(new Set(late), new Set([false]));
  });
});

describe('rotations of one API token at once', () => {
  it('leave one text alive, whichever came last', async () => {
    const token = await makeApiToken(servers[0].db, owner);
    const texts = await Promise.all(
      Array.from({ length: 8 }, (_, index) => takeValue((servers[index % 2] as TestServer).db, token, owner)),
    );
    const statuses = await Promise.all([token.text, ...texts].map(use));
    assert.deepEqual(statuses.toSorted(), [200, ...Array(8).fill(401)]);
  });

  it('give no earlier text longer than the shortest overlap', async () => {
    const token = await makeApiToken(servers[0].db, owner);
    await Promise.all([
      takeValue(servers[0].db, token, owner, 600),
      takeValue(servers[1].db, token, owner, 60),
      takeValue(servers[0].db, token, owner, 600),
    ]);
    const [row] = await servers[0].db.query<{ endless: number; late: number }>(sql`
      select count(*) filter (where expires_at is null)::int as endless,
        count(*) filter (where expires_at > now() + interval '600 seconds')::int as late
      from api_token_values where token_id = ${token.id}`);
    assert.deepEqual(row, { endless: 1, late: 0 });
  });
});
