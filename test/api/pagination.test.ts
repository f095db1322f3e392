import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import fc from 'fast-check';
import { addOrganization } from '../../src/organizations/organization.ts';
import { sql } from '../../src/postgres/sql.ts';
import { type ApiCaller, createBrowserCaller, makeToken, problemsOf } from '../support/api.ts';
import { ada, addAccount } from '../support/person.ts';
import { startServer, type TestServer } from '../support/server.ts';

let server: TestServer;
let call: ApiCaller;
let stable: string[];
before(async () => {
  server = await startServer({ settings: { POSTERN_API_RATE_LIMIT: '100000' } });
  call = await createBrowserCaller(server.issuer);
  stable = [];
  for (let count = 0; count < 7; count += 1) stable.push((await makeToken(call)).id);
});
after(() => server.stop());

async function firstCursor(path = '/tokens'): Promise<string> {
  const { body } = await call('GET', `${path}?limit=1`);
  assert.ok(body.next_cursor, JSON.stringify(body));
  return body.next_cursor;
}

/** A microsecond of the few that tokens are made in here. */
const moment = fc.integer({ min: 0, max: 3 });

/** What happens between two pages: a token is added at a moment, or one is removed. */
type Change = number | 'remove one' | 'remove the last seen';

async function moveTo(id: string, moment: number): Promise<void> {
  await server.db.query(sql`
    update api_tokens set created_at = '2026-01-01T00:00:00Z'::timestamptz + ${moment} * interval '1 microsecond'
    where id = ${id}`);
}

/** Whether the list takes the cursor. */
async function isTaken(caller: ApiCaller, path: string, cursor: string): Promise<boolean> {
  const answer = await caller('GET', `${path}?limit=1&cursor=${encodeURIComponent(cursor)}`);
  if (answer.status === 200) return true;
  assert.equal(answer.status, 422);
  assert.deepEqual(problemsOf(answer), ['cursor: this is no cursor of this list']);
  return false;
}

describe('the pages of a list', () => {
  it('hold as many items as asked for, and the last one has no cursor', async () => {
    const all = await call('GET', '/tokens');
    assert.equal(all.body.items.length, stable.length);
    assert.equal(all.body.next_cursor, undefined);
    const exact = await call('GET', `/tokens?limit=${stable.length}`);
    assert.equal(exact.body.next_cursor, undefined);
    const short = await call('GET', `/tokens?limit=${stable.length - 1}`);
    assert.equal(short.body.items.length, stable.length - 1);
    const rest = await call('GET', `/tokens?limit=1&cursor=${short.body.next_cursor}`);
    assert.equal(rest.body.next_cursor, undefined);
    assert.deepEqual([...short.body.items, ...rest.body.items], all.body.items);
  });

  it('cover every item exactly once while others are added and removed anywhere', async () => {
    const transient: string[] = [];
    const removeItem = async (id: string | undefined) => {
      if (id === undefined || !transient.includes(id)) return;
      transient.splice(transient.indexOf(id), 1);
      assert.equal((await call('DELETE', `/tokens/${id}`)).status, 204);
    };
    const disturb = async (change: Change, last: string | undefined) => {
      if (change === 'remove one') return await removeItem(transient[0]);
      if (change === 'remove the last seen') return await removeItem(last);
      const { id } = await makeToken(call);
      transient.push(id);
      await moveTo(id, change);
    };
    const walk = async (limit: number, changes: Change[]) => {
      const seen: string[] = [];
      for (let cursor = ''; ; ) {
        const { body } = await call('GET', `/tokens?limit=${limit}${cursor}`);
        seen.push(...body.items.map(({ id }: { id: string }) => id));
        for (const change of changes) await disturb(change, seen.at(-1));
        if (body.next_cursor === undefined) return seen;
        cursor = `&cursor=${body.next_cursor}`;
        if (seen.length > 50) changes.splice(0);
      }
    };
    const changes = fc.array(
      fc.oneof(moment, fc.constantFrom('remove one' as const, 'remove the last seen' as const)),
      { maxLength: 3 },
    );
    const moments = fc.array(moment, { minLength: stable.length, maxLength: stable.length });
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 4 }), moments, changes, async (limit, moments, changes) => {
        for (const [index, id] of stable.entries()) await moveTo(id, moments[index] as number);
        const seen = await walk(limit, [...changes]);
        assert.equal(new Set(seen).size, seen.length);
        assert.deepEqual(
          stable.filter((id) => !seen.includes(id)),
          [],
        );
      }),
      { numRuns: 8 },
    );
    for (const id of transient) await call('DELETE', `/tokens/${id}`);
  });
});

describe('a cursor', () => {
  it('is refused once anything of it is changed', async () => {
    const cursor = await firstCursor();
    assert.ok(await isTaken(call, '/tokens', cursor));
    const position = fc.nat({ max: cursor.length - 1 });
    const character = fc.constantFrom(
      ...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_+/=. ',
    );
    const changed = fc.oneof(
      fc.tuple(position, character).map(([at, put]) => cursor.slice(0, at) + put + cursor.slice(at + 1)),
      fc.tuple(position, character).map(([at, put]) => cursor.slice(0, at) + put + cursor.slice(at)),
      position.map((length) => cursor.slice(0, length)),
      character.map((put) => cursor + put),
    );
    await fc.assert(
      fc.asyncProperty(
        changed.filter((text) => text !== cursor),
        async (text) => assert.ok(!(await isTaken(call, '/tokens', text)), text),
      ),
      { numRuns: 150, examples: [[`${cursor}=`], [`${cursor}!`], [`${cursor} `], ['']] },
    );
  });

  it('is good for its own list alone', async () => {
    const cursor = await firstCursor();
    const others = [
      '/tokens?owner=all',
      '/shared-tokens',
      '/members',
      '/invitations',
      '/resources',
      '/grants',
      '/sessions',
    ];
    for (const path of others) {
      const answer = await call('GET', `${path}${path.includes('?') ? '&' : '?'}cursor=${cursor}`);
      assert.equal(answer.status, 422, path);
    }
    assert.ok(!(await isTaken(call, '/tokens', await firstCursor('/resources'))));
  });

  it('is nothing in another organization', async () => {
    const administratorId = await addAccount(server.db, ada);
    await addOrganization(server.db, { name: 'Ada’s', administratorId });
    const other = await createBrowserCaller(server.issuer, ada);
    const cursor = (await call('GET', '/tokens?owner=all&limit=1')).body.next_cursor;
    assert.equal((await other('GET', `/tokens?owner=all&cursor=${cursor}`)).status, 422);
    assert.equal((await call('GET', `/tokens?owner=all&cursor=${cursor}`)).status, 200);
  });
});
