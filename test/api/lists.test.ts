import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { createCursors } from '../../src/api/cursor.ts';
import { type Sql, sql } from '../../src/postgres/sql.ts';
import { problemsOf } from '../support/api.ts';
import { type Employee, foundCompany } from '../support/company.ts';
import { startServer, type TestServer, testSecret } from '../support/server.ts';

/** How many microseconds after the first each item is made: some in the same moment, some in the same millisecond. */
const moments = [0, 0, 0, 1, 1, 2, 1000];

/** A list, the key of its items on the wire, and how to add an item of an organization and its administrator. */
type List = {
  path: string;
  table: 'api_tokens' | 'clients' | 'members' | 'invitations' | 'mails' | 'grants' | 'sessions';
  key: 'id' | 'client_id' | 'user_id';
  add(into: { organization: string; person: string; id: string; at: Sql }): Sql;
};

const addToken =
  (kind: 'private' | 'shared'): List['add'] =>
  ({ organization, person, id, at }) =>
    sql`
    insert into api_tokens (id, organization_id, owner_id, kind, name, created_at)
    values (${id}, ${organization}, ${person}, ${kind}, 'Item', ${at})`;

const lists: List[] = [
  { path: '/tokens?owner=me', table: 'api_tokens', key: 'id', add: addToken('private') },
  { path: '/tokens?owner=all', table: 'api_tokens', key: 'id', add: addToken('private') },
  { path: '/shared-tokens?search=', table: 'api_tokens', key: 'id', add: addToken('shared') },
  {
    path: '/clients?search=Item',
    table: 'clients',
    key: 'client_id',
    add: ({ organization, id, at }) => sql`
      insert into clients (id, organization_id, name, authentication, grant_types, created_at)
      values (${`c-${id}`}, ${organization}, 'Item', 'client_secret_basic', '{client_credentials}', ${at})`,
  },
  {
    path: '/members?search=item-',
    table: 'members',
    key: 'user_id',
    add: ({ organization, id, at }) => sql`
      with person as (
        insert into users (id, email) values (${id}, ${`item-${id}@example.com`}) returning id
      )
      insert into members (organization_id, user_id, role, joined_at)
      select ${organization}, id, 'member', ${at} from person`,
  },
  {
    path: '/invitations?',
    table: 'invitations',
    key: 'id',
    add: ({ organization, person, id, at }) => sql`
      insert into invitations (id, organization_id, email, role, digest, invited_by, created_at, expires_at)
      values (
        ${id}, ${organization}, ${`${id}@example.com`}, 'member', sha256(${id}::text::bytea), ${person}, ${at},
        now() + interval '1 day'
      )`,
  },
  {
    path: '/mails?state=sent',
    table: 'mails',
    key: 'id',
    add: ({ organization, id, at }) => sql`
      insert into mails (id, kind, recipient, organization_id, created_at, sent_at)
      values (${id}, 'invitation', 'item@example.com', ${organization}, ${at}, now())`,
  },
  {
    path: '/grants?',
    table: 'grants',
    key: 'id',
    add: ({ person, id, at }) => sql`
      insert into grants (id_digest, account_id, client_id, payload, created_at, expires_at)
      values (${digestOf(id)}, ${person}, 'demo-cli', '{}', ${at}, now() + interval '1 day')`,
  },
  {
    path: '/sessions?search=item',
    table: 'sessions',
    key: 'id',
    add: ({ person, id, at }) => sql`
      insert into sessions (id_digest, user_id, amr, authenticated_at, expires_at, agent)
      values (${digestOf(id)}, ${person}, '{}', now(), ${at} + interval '1 day', 'Item')`,
  },
];

/** A digest for a row that a uuid names, in the same order. */
function digestOf(id: string): Buffer {
  return Buffer.from(id.replaceAll('-', '').repeat(2), 'hex');
}

let server: TestServer;
let organization: string;
let administrator: Employee;
before(async () => {
  server = await startServer({ settings: { POSTERN_API_RATE_LIMIT: '100000' } });
  ({ id: organization, administrator } = await foundCompany(server));
});
after(() => server.stop());

function idOf({ table }: List, id: string): string {
  if (table === 'clients') return `c-${id}`;
  return table === 'grants' || table === 'sessions' ? digestOf(id).toString('hex') : id;
}

/** Adds an item for each of `moments`, and tells their keys as the list should have them. */
async function fill(list: List): Promise<string[]> {
  const [start] = await server.db.query<{ at: string }>(sql`
    select (date_trunc('second', now()) + interval '1 second')::text as at`);
  const items = moments.map((moment) => ({ moment, id: randomUUID() }));
  for (const { moment, id } of items) {
    const at = sql`${start?.at}::timestamptz + make_interval(secs => ${moment / 1e6}::float8)`;
    await server.db.query(list.add({ organization, person: administrator.id, id, at }));
  }
  items.sort((one, other) => other.moment - one.moment || (other.id > one.id ? 1 : -1));
  return items.map(({ id }) => idOf(list, id));
}

async function remove({ table }: List, id: string): Promise<void> {
  const name = table === 'members' ? sql`user_id::text` : sql`id::text`;
  const isDigest = table === 'grants' || table === 'sessions';
  const key = isDigest ? sql`encode(id_digest, 'hex')` : name;
  await server.db.query(sql`delete from ${sql.identifier(table)} where ${key} = ${id}`);
}

describe('the lists of the management API', () => {
  for (const list of lists) {
    it(`have the newest first, and go on behind an item that was removed: ${list.path}`, async () => {
      const expected = await fill(list);
      const seen: string[] = [];
      for (let cursor = ''; ; ) {
        const { status, body } = await administrator.call('GET', `${list.path}&limit=2${cursor}`);
        assert.equal(status, 200, JSON.stringify(body));
        seen.push(...body.items.map((item: Record<string, string>) => item[list.key]));
        await remove(list, seen.at(-1) ?? '');
        if (body.next_cursor === undefined) break;
        cursor = `&cursor=${body.next_cursor}`;
      }
      for (const id of expected) await remove(list, id);
      assert.deepEqual(seen, expected);
    });
  }

  it('refuse a cursor of the order that they once had', async () => {
    const [first] = await fill(lists[0] as List);
    const former = createCursors([testSecret]).write(
      `tokens ${organization} ${administrator.id}  `,
      `${first}`,
    );
    const answer = await administrator.call('GET', `/tokens?cursor=${former}`);
    assert.equal(answer.status, 422);
    assert.deepEqual(problemsOf(answer), ['cursor: this is no cursor of this list']);
  });
});
