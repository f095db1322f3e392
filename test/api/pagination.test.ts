import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import fc from 'fast-check';
import { addOrganization } from '../../src/organizations/organization.ts';
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

  it('cover every item exactly once while others are added and removed', async () => {
    const transient: string[] = [];
    const disturb = async (adds: boolean) => {
      if (adds) transient.push((await makeToken(call)).id);
      const gone = adds ? undefined : transient.pop();
      if (gone) assert.equal((await call('DELETE', `/tokens/${gone}`)).status, 204);
    };
    const walk = async (limit: number, disturbances: boolean[]) => {
      const seen: string[] = [];
      for (let cursor = ''; ; ) {
        const { body } = await call('GET', `/tokens?limit=${limit}${cursor}`);
        seen.push(...body.items.map(({ id }: { id: string }) => id));
        for (const adds of disturbances) await disturb(adds);
        if (body.next_cursor === undefined) return seen;
        cursor = `&cursor=${body.next_cursor}`;
        if (seen.length > 50) disturbances.splice(0);
      }
    };
    const disturbances = fc.array(fc.boolean(), { maxLength: 3 });
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 4 }), disturbances, async (limit, disturbances) => {
        const seen = await walk(limit, [...disturbances]);
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

  it('go on behind an item that was removed', async () => {
    const { body } = await call('GET', '/tokens?limit=3');
    const last = await makeToken(call);
    const before = (await call('GET', `/tokens?cursor=${body.next_cursor}`)).body.items;
    await call('DELETE', `/tokens/${last.id}`);
    const after = (await call('GET', `/tokens?cursor=${body.next_cursor}`)).body.items;
    const ids = (items: { id: string }[]) => items.map(({ id }) => id).filter((id) => id !== last.id);
    assert.deepEqual(ids(after), ids(before));
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
    const others = ['/tokens?owner=all', '/shared-tokens', '/members', '/invitations', '/resources'];
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
