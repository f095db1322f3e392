import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { sql } from '../../src/postgres/sql.ts';
import { addColleague, type Colleague, makeApiToken } from '../support/api-token.ts';
import { letDeviceIn } from '../support/device-login.ts';
import { registerClient } from '../support/registration.ts';
import { startServer, type TestServer, testSecret } from '../support/server.ts';
import { runCommand } from './terminal.ts';

let server: TestServer;
before(async () => {
  server = await startServer();
});
after(() => server.stop());

const run = (...argv: string[]) =>
  runCommand(argv, { env: { DATABASE_URL: server.databaseUrl, POSTERN_SECRET: testSecret } });
const read = async (...argv: string[]) => {
  const { exitCode, stdout, stderr } = await run(...argv);
  assert.equal(exitCode, 0, stderr);
  return { stdout, stderr };
};
const json = async (...argv: string[]) => JSON.parse((await read(...argv, '--json')).stdout);
const stateOf = async (id: string) =>
  (await json('organization', 'list')).find((each: { id: string }) => each.id === id);
const actionsOf = async (organizationId: string) =>
  (
    await server.db.query<{ action: string; actor_kind: string }>(
      sql`select action, actor_kind from audit_events where chain_id = ${organizationId}::uuid order by sequence`,
    )
  ).map(({ action, actor_kind }) => `${actor_kind} ${action}`);

describe('postern organization', () => {
  it('disables and enables a company, as often as it is told', async () => {
    const { organizationId: id } = await addColleague(server.db);
    for (const _ of [1, 2])
      assert.match((await read('organization', 'disable', id)).stderr, /^Disabled Another company\./);
    const { disabled_at } = await stateOf(id);
    assert.ok(disabled_at);
    assert.match((await read('organization', 'list')).stdout, new RegExp(`^${id} +disabled +Another`, 'm'));
    await read('organization', 'enable', id);
    assert.equal((await stateOf(id)).disabled_at, undefined);
    assert.deepEqual(await actionsOf(id), [
      'operator organization.disabled',
      'operator organization.disabled',
      'operator organization.enabled',
    ]);
  });

  it('removes one with all that belongs to it, after saying how much that is, and leaves its people', async () => {
    const owner = await addColleague(server.db);
    const { organizationId: id } = owner;
    await makeApiToken(server.db, owner);
    await addColleague(server.db, { organizationId: id });
    const client = await registerClient(server.db);
    await server.db.query(sql`update clients set organization_id = ${id}::uuid where id = ${client.id}`);
    await letDeviceIn(server.issuer);
    await server.db.query(sql`update grants set organization_id = ${id}::uuid`);
    const asked = await run('organization', 'remove', id);
    assert.equal(asked.exitCode, 2);
    assert.match(
      asked.stderr,
      /for good, with 2 memberships, 1 API token, 1 program, 1 approval of devices and apps\. Say so with --yes/,
    );
    assert.ok(await stateOf(id));
    await read('organization', 'remove', id, '--yes');
    assert.equal(await stateOf(id), undefined);
    const left = await server.db.query(sql`
      select from members where organization_id = ${id}::uuid
      union all select from api_tokens where organization_id = ${id}::uuid
      union all select from clients where id = ${client.id}
      union all select from grants where organization_id = ${id}::uuid`);
    assert.equal(left.length, 0);
    assert.ok((await json('user', 'list')).some(({ email }: Colleague) => email === owner.email));
    assert.deepEqual(await actionsOf(id), ['operator organization.removed']);
    assert.equal((await run('audit', 'verify')).exitCode, 0);
  });

  it('is removed once by two at once', async () => {
    const { organizationId: id } = await addColleague(server.db);
    const outcomes = await Promise.all([1, 2].map(() => run('organization', 'remove', id, '--yes')));
    assert.deepEqual(outcomes.map(({ exitCode }) => exitCode).sort(), [0, 1]);
    assert.deepEqual(await actionsOf(id), ['operator organization.removed']);
  });

  it('changes nothing of what is not there, and nothing that cannot be written down', async () => {
    const { organizationId: id } = await addColleague(server.db);
    for (const verb of ['disable', 'enable', 'remove']) {
      const argv = verb === 'remove' ? ['--yes'] : [];
      const absent = await run('organization', verb, crypto.randomUUID(), ...argv);
      assert.equal(absent.exitCode, 1);
      assert.match(absent.stderr, /There is no organization/);
      const env = { DATABASE_URL: server.databaseUrl };
      const silent = await runCommand(['organization', verb, id, ...argv], { env });
      assert.equal(silent.exitCode, 78);
      assert.match(silent.stderr, /POSTERN_SECRET: set that of the servers.*audit log/);
    }
    assert.equal((await stateOf(id)).disabled_at, undefined);
    assert.deepEqual(await actionsOf(id), []);
  });
});

describe('postern member', () => {
  const keys = () => `${server.issuer}/api=keys:write`;

  it('gives what administrators cannot, and takes it', async () => {
    const { email, organizationId: id } = await addColleague(server.db);
    const resource = `${server.issuer}/api`;
    assert.ok(!(await json('member', 'show', id, email)).permissions[resource].includes('keys:write'));
    const given = await json('member', 'give', id, email, keys(), `${resource}=resources:write`);
    assert.deepEqual(given.given, { [resource]: ['keys:write', 'resources:write'] });
    assert.ok(given.permissions[resource].includes('keys:write'));
    const taken = await json('member', 'take', id, email, keys());
    assert.deepEqual(
      [taken.given, taken.taken],
      [{ [resource]: ['resources:write'] }, { [resource]: ['keys:write'] }],
    );
    assert.ok(!taken.permissions[resource].includes('keys:write'));
    assert.match((await read('member', 'show', id, email)).stdout, /^taken +\S+ +keys:write$/m);
    assert.deepEqual(await actionsOf(id), ['operator member.changed', 'operator member.changed']);
  });

  it('loses nothing where two are given at once', async () => {
    const { email, organizationId: id } = await addColleague(server.db);
    const scopes = ['keys:write', 'resources:write', 'audit:read'];
    const api = `${server.issuer}/api`;
    await Promise.all(scopes.map((scope) => read('member', 'give', id, email, `${api}=${scope}`)));
    assert.deepEqual((await json('member', 'show', id, email)).given[api], scopes.toSorted());
  });

  it('says what is wrong, and then changes nothing', async () => {
    const { email, organizationId: id } = await addColleague(server.db);
    const cases: [argv: string[], exitCode: number, words: RegExp][] = [
      [['give', id, email, `${server.issuer}/api=unknown`], 1, /does not exist/],
      [['give', id, email, 'keys:write'], 2, /Write each as/],
      [['take', id, email, '=keys:write'], 2, /Write each as/],
      [['give', id, email], 2, /missing required argument/],
      [['give', id, 'demo@example.com', keys()], 1, /is no member of/],
      [['give', id, 'nobody@example.com', keys()], 1, /no user nobody/],
      [['give', 'Nowhere', email, keys()], 1, /no organization Nowhere/],
    ];
    for (const [argv, exitCode, words] of cases) {
      const outcome = await run('member', ...argv);
      assert.match(outcome.stderr, words);
      assert.equal(outcome.exitCode, exitCode);
    }
    assert.deepEqual((await json('member', 'show', id, email)).given, {});
    assert.deepEqual(await actionsOf(id), []);
  });
});
