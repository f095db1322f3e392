import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { openAuditLog } from '../../src/audit/audit-log.ts';
import { loadKeyRing } from '../../src/keys/key-ring.ts';
import { createPool, type Pool } from '../../src/postgres/pool.ts';
import { sql } from '../../src/postgres/sql.ts';
import { openDatabase, type TestDatabase } from '../support/postgres.ts';
import { testSecret } from '../support/server.ts';
import { testLog } from '../support/temporary-postgres.ts';
import { type Outcome, runCommand } from './terminal.ts';

const newSecret = 'another-master-secret-0123456789-abcdefgh';
const organizationId = randomUUID();

let database: TestDatabase;
let db: Pool;
let env: Record<string, string>;
before(async () => {
  database = await openDatabase();
  db = createPool({ url: database.url, log: testLog, max: 4 });
  env = { DATABASE_URL: database.url, POSTERN_SECRET: testSecret };
});
after(async () => {
  await db.close();
  await database.drop();
});

const postern = (argv: string[], changes: Record<string, string> = {}, input = ''): Promise<Outcome> =>
  runCommand(argv, { env: { ...env, ...changes }, input });

async function succeed(argv: string[], changes: Record<string, string> = {}, input = ''): Promise<Outcome> {
  const outcome = await postern(argv, changes, input);
  assert.equal(outcome.exitCode, 0, outcome.stderr);
  return outcome;
}

// biome-ignore lint/suspicious/noExplicitAny: as JSON has it
const lines = ({ stdout }: Outcome): any[] =>
  stdout
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));
// biome-ignore lint/suspicious/noExplicitAny: as JSON has it
const list = async (...argv: string[]): Promise<any[]> =>
  JSON.parse((await succeed(['audit', 'list', '--database', '--limit', '100', '--json', ...argv])).stdout);

describe('what operators do', () => {
  it('is written down with their name, and nothing else than what they did', async () => {
    await loadKeyRing(db, { secrets: [testSecret] });
    const api = 'https://api.example.com';
    const client = ['client', 'add', '--id', 'robot', '--name', 'Robot', '--grant', 'client_credentials'];
    await succeed(['resource', 'add', '--uri', api, '--name', 'API', '--scope', 'read=See']);
    await succeed([...client, '--allow', `${api}=read`]);
    await succeed(['client', 'rotate-secret', 'robot', '--overlap', '1h']);
    await succeed(['client', 'disable', 'robot']);
    await succeed(['client', 'enable', 'robot']);
    await succeed(['revoke', '--client', 'robot', '--yes']);
    await succeed(['client', 'remove', 'robot', '--yes']);
    await succeed(['user', 'add', 'ada@example.com', '--generate']);
    const password = 'purple otters climb 7 ladders';
    await succeed(['user', 'set-password', 'ada@example.com', '--password-stdin'], {}, password);
    await succeed(['user', 'disable', 'ada@example.com']);
    await succeed(['user', 'enable', 'ada@example.com']);
    await succeed(['revoke', '--user', 'ada@example.com', '--yes']);
    const keys = JSON.parse((await succeed(['keys', 'rotate', '--now', '--json'])).stdout);
    const [{ kid }] = keys;
    await succeed(['keys', 'revoke', kid, '--yes']);
    const events = (await list()).reverse();
    assert.deepEqual(
      events.map(({ action }) => action),
      [
        'resource.added',
        'client.added',
        'client.secret_rotated',
        'client.disabled',
        'client.enabled',
        'client.tokens_revoked',
        'client.removed',
        'user.added',
        'user.password_changed',
        'user.disabled',
        'user.enabled',
        'user.tokens_revoked',
        'key.rotated',
        'key.revoked',
      ],
    );
    for (const { actor, outcome } of events) {
      assert.deepEqual([actor, outcome], [{ kind: 'operator', name: userInfo().username }, 'success']);
    }
    const [, added, rotated] = events;
    assert.deepEqual(added.target, { kind: 'client', id: 'robot', name: 'Robot' });
    assert.deepEqual(rotated.details, { overlap_seconds: 3600 });
    assert.deepEqual(events.at(-1).target, { kind: 'signing_key', id: kid });
  });

  it('is not written down where it did not happen', async () => {
    const before = await list();
    for (const argv of [
      ['client', 'disable', 'nobody'],
      ['client', 'rotate-secret', 'nobody'],
      ['user', 'add', 'ada@example.com', '--generate'],
      ['user', 'disable', 'nobody@example.com'],
      ['keys', 'revoke', 'no-key', '--yes'],
    ]) {
      assert.notEqual((await postern(argv)).exitCode, 0, argv.join(' '));
    }
    assert.deepEqual(await list(), before);
  });

  it('does not happen where it cannot be written down', async () => {
    for (const secret of ['', newSecret]) {
      const { exitCode, stderr } = await postern(['user', 'disable', 'ada@example.com'], {
        POSTERN_SECRET: secret,
      });
      assert.equal(exitCode, 78, stderr);
      assert.match(stderr, /POSTERN_SECRET/);
    }
    const [user] = await db.query<{ disabled_at: Date | null }>(sql`select disabled_at from users`);
    assert.equal(user?.disabled_at, null);
  });
});

describe('postern audit list --database', () => {
  before(async () => {
    const audit = await openAuditLog(db, [testSecret], testLog);
    const event = {
      actor: { kind: 'person' as const, id: 'ada' },
      organizationId,
      origin: { address: '192.0.2.7' },
    };
    await audit.record(db, { ...event, action: 'token.created', target: { kind: 'token', id: 'one' } });
    await audit.record(db, { ...event, action: 'token.removed', target: { kind: 'token', id: 'one' } });
  });

  it('shows people what happened, newest first, without the master secret', async () => {
    const { stdout } = await succeed(['audit', 'list', '--database', '--organization', organizationId], {
      POSTERN_SECRET: '',
    });
    assert.match(
      stdout,
      /^SEQUENCE +TIME +WHO +WHAT +ON +FROM\n2 +\S+Z +ada +Removed an API token +token one +192\.0\.2\.7\n1 /,
    );
  });

  it('filters by who, what, on what and when', async () => {
    const sequences = async (...argv: string[]) =>
      (await list('--organization', organizationId, ...argv)).map(({ sequence }) => sequence);
    assert.deepEqual(await sequences(), [2, 1]);
    assert.deepEqual(await sequences('--action', 'token.removed'), [2]);
    assert.deepEqual(await sequences('--actor', 'bob'), []);
    assert.deepEqual(await sequences('--target', 'one', '--since', '1h'), [2, 1]);
    assert.deepEqual(await sequences('--until', '1h'), []);
    assert.deepEqual(await sequences('--since', '2100-01-01T00:00:00Z'), []);
  });

  it('says what to write', async () => {
    for (const [argv, message] of [
      [['--organization', 'mine'], /--organization: write the id/],
      [['--since', 'yesterday'], /--since: write a time/],
      [['--since', '9999999999d'], /--since: write a time/],
      [['--limit', '-1'], /--limit: write a number/],
    ] as const) {
      const { exitCode, stderr } = await postern(['audit', 'list', '--database', ...argv]);
      assert.deepEqual([exitCode, message.test(stderr)], [2, true], stderr);
    }
  });
});

describe('postern audit export --database', () => {
  it('prints a chain as lines of JSON, oldest first, and goes on behind a sequence number', async () => {
    const all = lines(await succeed(['audit', 'export', '--database']));
    assert.deepEqual(
      all.map(({ sequence }) => sequence),
      all.map((_, index) => index + 1),
    );
    assert.deepEqual(lines(await succeed(['audit', 'export', '--database', '--after', '3'])), all.slice(3));
    assert.deepEqual(
      lines(await succeed(['audit', 'export', '--database', '--since', '2100-01-01T00:00:00Z'])),
      [],
    );
    const own = lines(await succeed(['audit', 'export', '--database', '--organization', organizationId]));
    assert.deepEqual(
      own.map(({ action }) => action),
      ['token.created', 'token.removed'],
    );
  });

  it('prints more than is read at once', async () => {
    const audit = await openAuditLog(db, [testSecret], testLog);
    const other = randomUUID();
    const event = {
      action: 'token.created',
      actor: { kind: 'nobody' },
      organizationId: other,
      origin: {},
    } as const;
    await audit.record(db, ...Array.from({ length: 2_100 }, () => event));
    assert.equal(
      lines(await succeed(['audit', 'export', '--database', '--organization', other])).length,
      2_100,
    );
  });
});

describe('postern audit verify', () => {
  it('says how far each chain goes', async () => {
    const { stdout, stderr } = await succeed(['audit', 'verify']);
    assert.match(stdout, /^server: 14 events, to 14 [\w-]{43}$/m);
    assert.match(stdout, new RegExp(`^${organizationId}: 2 events, to 2 `, 'm'));
    assert.match(stderr, /Everything is as it was written/);
  });

  it('needs the master secret, and an audit log', async () => {
    for (const secret of ['', newSecret])
      assert.equal((await postern(['audit', 'verify'], { POSTERN_SECRET: secret })).exitCode, 78);
    const empty = await openDatabase();
    const { exitCode, stderr } = await postern(['audit', 'verify'], { DATABASE_URL: empty.url });
    assert.deepEqual([exitCode, /no key of an audit log/.test(stderr)], [1, true]);
    await empty.drop();
  });

  it('knows the ends that it printed before', async (t) => {
    const folder = await mkdtemp(join(tmpdir(), 'postern-audit-'));
    t.after(() => rm(folder, { recursive: true }));
    const path = join(folder, 'checkpoint');
    await writeFile(path, (await succeed(['audit', 'verify', '--json'])).stdout);
    await succeed(['user', 'disable', 'ada@example.com']);
    await succeed(['audit', 'verify', '--checkpoint', path]);
    const [end] = lines(await succeed(['audit', 'verify', '--json']));
    await writeFile(path, JSON.stringify({ ...end, sequence: end.sequence + 1 }));
    const forgotten = await postern(['audit', 'verify', '--checkpoint', path]);
    assert.equal(forgotten.exitCode, 1);
    assert.match(forgotten.stdout, /^server: event 16 is not as the checkpoint knows it$/m);
    await writeFile(path, '{"chain":"none"}');
    const wrong = await postern(['audit', 'verify', '--checkpoint', path]);
    assert.deepEqual([wrong.exitCode, wrong.stdout], [2, '']);
    assert.match(wrong.stderr, /is not what verify --json prints/);
  });

  it('goes on under another master secret', async () => {
    const both = { POSTERN_SECRET: newSecret, POSTERN_PREVIOUS_SECRET: testSecret };
    const { stderr } = await succeed(['secret', 'rotate'], both);
    assert.match(stderr, /Sealed 1 signing key and the key of the audit log under the present secret/);
    await succeed(['audit', 'verify'], { POSTERN_SECRET: newSecret });
    assert.equal((await postern(['audit', 'verify'])).exitCode, 78);
    assert.equal((await list())[0].action, 'secret.rotated');
    await succeed(['secret', 'rotate'], { POSTERN_SECRET: testSecret, POSTERN_PREVIOUS_SECRET: newSecret });
  });

  it('exits 1 and names the place where somebody has changed something', async () => {
    await db.query(sql`update audit_events set actor_name = 'nobody' where action = 'user.password_changed'`);
    const outcome = await postern(['audit', 'verify']);
    assert.equal(outcome.exitCode, 1);
    assert.match(outcome.stdout, /^server: event 9 was changed, or put elsewhere$/m);
    assert.match(outcome.stderr, /was tampered with/);
    const json = await postern(['audit', 'verify', '--json']);
    const [server] = lines(json);
    assert.deepEqual([json.exitCode, server.tampering, server.bad_sequence], [1, 'changed', 9]);
  });
});
