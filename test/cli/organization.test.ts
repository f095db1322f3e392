import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { createPool, type Pool } from '../../src/postgres/pool.ts';
import { sql } from '../../src/postgres/sql.ts';
import { addUser } from '../../src/users/user.ts';
import { openDatabase } from '../support/postgres.ts';
import { testSecret } from '../support/server.ts';
import { testLog } from '../support/temporary-postgres.ts';
import { runCommand } from './terminal.ts';

let db: Pool;
before(async () => {
  const { url } = await openDatabase();
  db = createPool({ url, log: testLog });
  for (const email of ['ada@example.com', 'ben@example.com'])
    await addUser(db, { email, passwordHash: undefined });
});
after(() => db.close());

const run = (...argv: string[]) =>
  runCommand(['organization', ...argv], { env: { DATABASE_URL: db.url, POSTERN_SECRET: testSecret } });
const json = async (...argv: string[]) => {
  const { exitCode, stdout, stderr } = await run(...argv, '--json');
  assert.equal(exitCode, 0, stderr);
  return JSON.parse(stdout);
};

describe('postern organization', () => {
  it('adds a company with its administrator, and lets others in with a role', async () => {
    const { id } = await json('add', 'Acme', '--administrator', 'ada@example.com');
    assert.deepEqual(
      (await json('list')).map((each: { id: string; name: string }) => [each.id, each.name]),
      [[id, 'Acme']],
    );
    const added = await json('add-member', 'Acme', 'BEN@example.com');
    assert.deepEqual([added.email, added.role, added.organization_id], ['ben@example.com', 'member', id]);
    const events = await db.query<{ action: string }>(
      sql`select action from audit_events where chain_id = ${id} order by sequence`,
    );
    assert.deepEqual(
      events.map(({ action }) => action),
      ['organization.added', 'member.added'],
    );
    const members = await json('members', id);
    assert.deepEqual(
      members.map(({ email, role }: { email: string; role: string }) => `${email} ${role}`),
      ['ben@example.com member', 'ada@example.com administrator'],
    );
    assert.match((await run('members', 'Acme')).stdout, /ben@example\.com .* member .*enabled/);
  });

  it('refuses what it cannot do, and says why', async () => {
    const cases: [argv: string[], exitCode: number, words: RegExp][] = [
      [['add', 'Beta', '--administrator', 'nobody@example.com'], 1, /no user nobody@example\.com/],
      [['add', ' ', '--administrator', 'ada@example.com'], 2, /1 to 100 characters/],
      [['add', 'Be\u0007ta', '--administrator', 'ada@example.com'], 2, /1 to 100 characters/],
      [['add', '\u3164', '--administrator', 'ada@example.com'], 2, /no character that cannot be seen/],
      [['add', 'Beta'], 2, /--administrator/],
      [['add-member', 'Acme', 'ada@example.com'], 1, /a member of Acme already/],
      [['add-member', 'Acme', 'ada@example.com', '--role', 'king'], 2, /administrator, member/],
      [['add-member', 'Nowhere', 'ada@example.com'], 1, /no organization Nowhere/],
    ];
    for (const [argv, exitCode, words] of cases) {
      const outcome = await run(...argv);
      assert.equal(outcome.exitCode, exitCode, outcome.stderr);
      assert.match(outcome.stderr, words);
    }
  });

  it('wants the id where two have one name', async () => {
    const first = await json('add', 'Twins', '--administrator', 'ada@example.com');
    const second = await json('add', 'Twins', '--administrator', 'ben@example.com');
    const newest = (await json('list')).slice(0, 2);
    assert.deepEqual(
      newest.map(({ id }: { id: string }) => id),
      [second.id, first.id],
    );
    assert.match((await run('members', 'Twins')).stderr, /More than one organization is called Twins/);
    assert.equal((await json('members', first.id)).length, 1);
  });
});
