import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { openAuditLog } from '../../src/audit/audit-log.ts';
import { addMember } from '../../src/organizations/member.ts';
import { sql } from '../../src/postgres/sql.ts';
import { ada, addAccount } from '../support/person.ts';
import { startServer, type TestServer, testSecret } from '../support/server.ts';
import { testLog } from '../support/temporary-postgres.ts';
import { type SignedIn, signInByCommand } from './signed-in.ts';
import { createOwner, runCommand } from './terminal.ts';

const owner = createOwner();
let server: TestServer;
let administrator: SignedIn;
let member: SignedIn;
let organizationId: string;

// biome-ignore lint/suspicious/noExplicitAny: as JSON has it
const lines = (text: string): any[] =>
  text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));

describe('postern audit, as a signed-in administrator', () => {
  before(async () => {
    server = await startServer({ settings: { POSTERN_API_RATE_LIMIT: '10000' } });
    const userId = await addAccount(server.db, ada);
    const [organization] = await server.db.query<{ id: string }>(sql`select id from organizations`);
    organizationId = organization?.id ?? '';
    await addMember(server.db, { organizationId, userId, role: 'member' });
    [administrator, member] = await Promise.all([
      signInByCommand(owner, server.issuer, { flags: ['--manage'] }),
      signInByCommand(owner, server.issuer, { flags: ['--manage'], account: ada }),
    ]);
    const audit = await openAuditLog(server.db, [testSecret], testLog);
    const event = { actor: { kind: 'person' as const, id: 'ben', name: 'Ben' }, organizationId };
    const many = Array.from({ length: 230 }, (_, index) => ({
      ...event,
      action: 'token.created' as const,
      target: { kind: 'token' as const, id: `token-${index}` },
      origin: { address: '192.0.2.7' },
    }));
    await audit.record(server.db, ...many);
    await audit.record(server.db, { ...event, action: 'token.removed', origin: {} });
  });
  after(async () => {
    await owner.end();
    await server.stop();
  });

  it('lists what has happened in the organization, newest first', async () => {
    const text = await administrator.read('audit', 'list', '--actor', 'Ben');
    assert.match(
      text,
      /^SEQUENCE +TIME +WHO +WHAT +ON +FROM\n\d+ +\S+Z +Ben +Removed an API token +- +-\n\d+ +\S+Z +Ben +Made an API token +token token-229 +192\.0\.2\.7\n/,
    );
    assert.equal(text.split('\n').length, 51);
    assert.equal((await administrator.json('audit', 'list', '--limit', '231')).length, 231);
  });

  it('filters by who, what, on what and when', async () => {
    const count = async (...flags: string[]) => (await administrator.json('audit', 'list', ...flags)).length;
    assert.equal(await count('--actor', 'Ben', '--action', 'token.removed'), 1);
    assert.equal(await count('--target', 'token-7'), 1);
    assert.equal(await count('--actor', 'Ben', '--limit', '1000', '--since', '1h'), 231);
    assert.equal(await count('--until', '1h'), 0);
    assert.equal(
      (await administrator.run('audit', 'list', '--until', '1h')).stderr,
      'Nothing of that has happened.\n',
    );
    const wrong = await administrator.run('audit', 'list', '--action', 'token.eaten');
    assert.deepEqual(
      [wrong.exitCode, wrong.stderr],
      [1, 'postern: Some fields are wrong\n  --action: write the name of an action\n'],
    );
    assert.equal((await administrator.run('audit', 'list', '--since', 'yesterday')).exitCode, 2);
  });

  it('exports the same lines as the database does, on however many pages, and goes on where it ended', async () => {
    const env = { DATABASE_URL: server.databaseUrl };
    const chain = ['--database', '--organization', organizationId, '--actor', 'Ben'];
    const atDatabase = await runCommand(['audit', 'export', ...chain], { env });
    const exported = await administrator.read('audit', 'export', '--actor', 'Ben');
    assert.deepEqual(lines(exported), lines(atDatabase.stdout));
    const events = lines(exported);
    assert.equal(events.length, 231);
    const after = String(events[199].sequence);
    assert.deepEqual(
      lines(await administrator.read('audit', 'export', '--actor', 'Ben', '--after', after)),
      events.slice(200),
    );
    const none = String(events[230].sequence);
    assert.equal(await administrator.read('audit', 'export', '--actor', 'Ben', '--after', none), '');
  });

  it('shows one organization alone, to who may read its log', async () => {
    const all = lines(await administrator.read('audit', 'export'));
    const chain = await server.db.query<{ mac: Buffer }>(sql`
      select mac from audit_events where chain_id = ${organizationId}::uuid order by sequence limit ${all.length}`);
    assert.deepEqual(
      all.map(({ mac }) => mac),
      chain.map(({ mac }) => mac.toString('base64url')),
    );
    const denied = await member.run('audit', 'export');
    assert.deepEqual(
      [denied.exitCode, denied.stdout, denied.stderr],
      [1, '', 'postern: This needs the permission audit:read\n'],
    );
  });

  it('reads the database where that is said, and nowhere else', async () => {
    const { env } = administrator;
    const both = { ...env, DATABASE_URL: server.databaseUrl };
    const { stdout } = await runCommand(['audit', 'list', '--json'], { env: both });
    assert.ok(JSON.parse(stdout).some(({ action }: { action: string }) => action === 'token.removed'));
    const servers = await runCommand(['audit', 'list', '--database', '--json'], { env: both });
    assert.ok(!servers.stdout.includes('token.removed'));
    const stranger = { DATABASE_URL: server.databaseUrl, POSTERN_ISSUER: server.issuer };
    assert.equal(
      (await runCommand(['audit', 'list'], { env: { ...stranger, HOME: '/nowhere' } })).exitCode,
      4,
    );
    for (const [argv, words] of [
      [['--organization', organizationId], /--organization goes with --database/],
      [['--database', '--issuer', server.issuer], /either --issuer or --database/],
    ] as const) {
      for (const verb of ['list', 'export']) {
        const { exitCode, stderr } = await runCommand(['audit', verb, ...argv], { env: both });
        assert.deepEqual([exitCode, words.test(stderr)], [2, true], stderr);
      }
    }
  });
});
