import assert from 'node:assert/strict';
import { createHash, randomUUID } from 'node:crypto';
import { appendFile, mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { changeMember } from '../../src/organizations/member.ts';
import { sql } from '../../src/postgres/sql.ts';
import { addColleague, type Colleague, showMe } from '../support/api-token.ts';
import { basic } from '../support/client.ts';
import { startServer, type TestServer, testSecret } from '../support/server.ts';
import { runCommand } from './terminal.ts';

let server: TestServer;
let folder: string;
let owner: Colleague;
before(async () => {
  server = await startServer();
  folder = await mkdtemp(join(tmpdir(), 'postern-import-'));
  owner = await addColleague(server.db);
});
after(async () => {
  await server.stop();
  await rm(folder, { recursive: true });
});

const settings = () => ({ DATABASE_URL: server.databaseUrl, POSTERN_SECRET: testSecret });

type Credential = { uuid: string; secret: string };
const makeCredential = (): Credential => ({ uuid: randomUUID(), secret: `key ${randomUUID()}` });
const digestOf = ({ secret }: Credential) => createHash('sha256').update(secret).digest('hex');
const csvLine = (credential: Credential, email = owner.email, name = 'Old key') =>
  `${credential.uuid},${digestOf(credential)},${email},${name}`;
const header = 'uuid,secret_sha256,owner,name';

async function importLines(lines: readonly (string | Buffer)[], ...flags: string[]) {
  const path = join(folder, `${randomUUID()}.txt`);
  await writeFile(path, Buffer.concat(lines.flatMap((line) => [Buffer.from(line), Buffer.from('\n')])));
  const argv = ['tokens', 'import', path, '--organization', owner.organizationId, '--json', ...flags];
  const { exitCode, stdout, stderr } = await runCommand(argv, { env: settings() });
  const reports = stdout
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));
  return { exitCode, stderr, reports, outcomes: reports.map(({ outcome }) => outcome) };
}

const show = ({ uuid, secret }: Credential) =>
  showMe(server.issuer, { authorization: basic(`${uuid}:${secret}`) });

describe('postern tokens import', () => {
  it('imports CSV, so that each credential authenticates its owner', async () => {
    const credentials = [makeCredential(), makeCredential(), makeCredential()];
    const [first, second, third] = credentials as [Credential, Credential, Credential];
    const { exitCode, outcomes, reports, stderr } = await importLines([
      '\ufeffuuid,secret_sha256,owner,name\r',
      `${csvLine(first)}\r`,
      '',
      csvLine(second, ` ${owner.email.toUpperCase()} `, '"Old ""key"", of the cellar"'),
      csvLine({ ...third, uuid: third.uuid.toUpperCase() }),
    ]);
    assert.deepEqual([exitCode, outcomes], [0, ['imported', 'imported', 'imported']], stderr);
    assert.deepEqual(
      reports.map(({ line, uuid }) => [line, uuid]),
      [2, 4, 5].map((line, index) => [line, credentials[index]?.uuid]),
    );
    for (const credential of credentials) {
      const { status, body } = await show(credential);
      assert.deepEqual([status, body.id], [200, owner.id]);
    }
    const events = await server.db.query<{ name: string }>(sql`
      select target_name as name from audit_events
      where action = 'token.imported' and chain_id = ${owner.organizationId} order by sequence`);
    assert.deepEqual(
      events.map(({ name }) => name),
      ['Old key', 'Old "key", of the cellar', 'Old key'],
    );
    const rows = await server.db.query<{ name: string }>(
      sql`select name from api_tokens where legacy_id = ${second.uuid}`,
    );
    assert.deepEqual(rows, [{ name: 'Old "key", of the cellar' }]);
  });

  it('imports JSON lines', async () => {
    const credential = makeCredential();
    const { uuid } = credential;
    const line = { uuid, secret_sha256: digestOf(credential), owner: owner.email, name: 'Old key' };
    const { exitCode, outcomes } = await importLines([JSON.stringify(line)]);
    assert.deepEqual([exitCode, outcomes], [0, ['imported']]);
    assert.equal((await show(credential)).status, 200);
  });

  it('tells why a line is not imported, imports the others, and exits with 1', async () => {
    const guarded = await addColleague(server.db, { organizationId: owner.organizationId });
    const stranger = await addColleague(server.db);
    await changeMember(
      server.db,
      { organizationId: owner.organizationId, userId: guarded.id },
      { requiresIdentityProvider: true },
    );
    const good = makeCredential();
    const rejected = [makeCredential(), makeCredential(), makeCredential()] as const;
    const { exitCode, outcomes, stderr } = await importLines([
      header,
      csvLine(rejected[0], stranger.email),
      csvLine(rejected[1], 'nobody@example.com'),
      csvLine(rejected[2], guarded.email),
      csvLine(good),
    ]);
    assert.deepEqual(outcomes, ['not_a_member', 'not_a_member', 'identity_provider', 'imported']);
    assert.equal(exitCode, 1);
    assert.match(stderr, /3 of 4 lines are not imported/);
    assert.equal((await show(good)).status, 200);
    for (const credential of rejected) assert.equal((await show(credential)).status, 401);
    const ids = rejected.map(({ uuid }) => uuid);
    assert.deepEqual(
      await server.db.query(sql`select from api_tokens where legacy_id = any(${ids}::uuid[])`),
      [],
    );
  });

  it('names what is malformed in a line, and never repeats what may be a secret', async () => {
    const credential = makeCredential();
    const { uuid } = credential;
    const right = { uuid, secret_sha256: digestOf(credential), owner: owner.email, name: 'Old key' };
    const wrong: [line: string | Buffer, reason: RegExp][] = [
      [JSON.stringify({ ...right, uuid: 'x' }), /^uuid: write a UUID$/],
      [JSON.stringify({ ...right, secret_sha256: credential.secret }), /^secret_sha256: write 64 hex/],
      [JSON.stringify({ ...right, owner: 'somebody' }), /^owner: write an email address$/],
      [JSON.stringify({ ...right, name: ' ' }), /^name: write 1 to 100/],
      [JSON.stringify({ ...right, name: 'a\u0000b' }), /^name: write 1 to 100/],
      [JSON.stringify({ ...right, name: '\ud800' }), /^name: write 1 to 100/],
      [
        JSON.stringify({ ...right, name: 'Old\u200b' }),
        /^name: write letters or digits, and no character that/,
      ],
      [JSON.stringify({ ...right, name: 'x'.repeat(101) }), /^name: write 1 to 100/],
      [JSON.stringify({ ...right, role: 'x' }), /^role: not known here/],
      [JSON.stringify({ uuid }), /secret_sha256: .*; owner: .*; name: /],
      ['[]', /^all: not an object$/],
      ['null', /^all: not an object$/],
      [`{${credential.secret}`, /^not JSON$/],
      [Buffer.from([0x7b, 0xff]), /^not UTF-8$/],
      [JSON.stringify({ ...right, name: 'x'.repeat(100_000) }), /^longer than 65536 bytes$/],
    ];
    const { exitCode, reports, stderr } = await importLines([
      JSON.stringify({ ...right, uuid: 'first' }),
      ...wrong.map(([line]) => line),
      JSON.stringify(right),
    ]);
    assert.equal(exitCode, 1);
    for (const [index, [, reason]] of wrong.entries()) {
      const report = reports[index + 1];
      assert.deepEqual([report.line, report.outcome], [index + 2, 'malformed']);
      assert.match(report.reason, reason);
    }
    assert.equal(reports.at(-1).outcome, 'imported');
    assert.ok(!JSON.stringify(reports).includes(credential.secret) && !stderr.includes(credential.secret));
  });

  it('names what is malformed in CSV', async () => {
    const credential = makeCredential();
    const { reports } = await importLines([
      header,
      'a,b',
      `${csvLine(credential)},`,
      csvLine(credential, owner.email, '"Old'),
      csvLine(credential, owner.email, 'Ol"d'),
      csvLine({ ...credential, uuid: '' }),
    ]);
    assert.deepEqual(
      reports.map(({ reason }) => reason),
      [
        '2 fields in place of 4',
        '5 fields in place of 4',
        'a quote is out of place',
        'a quote is out of place',
        'uuid: write a UUID',
      ],
    );
  });

  it('imports a credential once, whatever a second line says', async () => {
    const credential = makeCredential();
    const changed = { ...credential, secret: 'another secret' };
    const first = await importLines([header, csvLine(credential), csvLine(changed)]);
    assert.deepEqual([first.exitCode, first.outcomes], [0, ['imported', 'exists']]);
    const again = await importLines([header, csvLine(changed), csvLine(credential, 'nobody@example.com')]);
    assert.deepEqual([again.exitCode, again.outcomes], [0, ['exists', 'exists']]);
    assert.deepEqual([(await show(credential)).status, (await show(changed)).status], [200, 401]);
  });

  it('imports a line whose twin before it is not a member’s', async () => {
    const credential = makeCredential();
    const { outcomes } = await importLines([
      header,
      csvLine(credential, 'nobody@example.com'),
      csvLine(credential),
    ]);
    assert.deepEqual(outcomes, ['not_a_member', 'imported']);
  });

  it('does each credential once when two imports run at once', async () => {
    const credentials = Array.from({ length: 500 }, makeCredential);
    const lines = credentials.map((credential) => csvLine(credential));
    const [left, right] = await Promise.all([
      importLines([header, ...lines]),
      importLines([header, ...lines.toReversed()]),
    ]);
    assert.deepEqual([left.exitCode, right.exitCode], [0, 0], left.stderr + right.stderr);
    const imported = [...left.outcomes, ...right.outcomes].filter((outcome) => outcome === 'imported');
    assert.equal(imported.length, credentials.length);
  });

  it('changes nothing in a dry run, and tells what would happen', async () => {
    const credential = makeCredential();
    const lines = [
      header,
      csvLine(credential),
      csvLine(credential),
      csvLine(makeCredential(), 'nobody@example.com'),
    ];
    const { exitCode, outcomes, stderr } = await importLines(lines, '--dry-run');
    assert.deepEqual([exitCode, outcomes], [1, ['imported', 'exists', 'not_a_member']]);
    assert.match(stderr, /nothing was changed/);
    assert.equal((await show(credential)).status, 401);
    assert.deepEqual((await importLines(lines)).outcomes, outcomes);
  });

  it('imports 20,000 lines in pieces, each once', async () => {
    const lines = Array.from({ length: 20_000 }, () => csvLine(makeCredential()));
    const path = join(folder, 'many.csv');
    await writeFile(path, [header, ...lines].join('\n'));
    const argv = ['tokens', 'import', path, '--organization', owner.organizationId];
    const outcome = await runCommand(argv, { env: settings() });
    assert.equal(outcome.exitCode, 0, outcome.stderr);
    assert.match(outcome.stderr, /20000 lines: 20000 imported\./);
    const [row] = await server.db.query<{ count: number }>(
      sql`select count(distinct token_id)::int as count from api_token_values`,
    );
    assert.ok((row?.count ?? 0) >= 20_000);
  });

  it('reads a line without an end in bounded memory', async () => {
    const path = join(folder, 'endless.csv');
    const credential = makeCredential();
    await writeFile(path, `${header}\n`);
    await truncate(path, 256 * 1024 * 1024);
    await appendFile(path, `\n${csvLine(credential)}\n`);
    const argv = ['tokens', 'import', path, '--organization', owner.organizationId];
    const { stdout } = await runCommand(argv, { env: settings() });
    assert.match(stdout, /^2 {2}malformed {2}- {2}longer than 65536 bytes\n3 {2}imported {2}/);
  });

  it('says which file or organization it does not find, and what a file begins with', async () => {
    const run = (path: string, organization: string) =>
      runCommand(['tokens', 'import', path, '--organization', organization], {
        env: settings(),
      });
    const missing = await run(join(folder, 'missing'), owner.organizationId);
    assert.equal(missing.exitCode, 2);
    assert.match(missing.stderr, /cannot be read/);
    const path = join(folder, 'headless.csv');
    await writeFile(path, csvLine(makeCredential()));
    assert.match(
      (await run(path, owner.organizationId)).stderr,
      /begins with the line uuid,secret_sha256,owner,name/,
    );
    assert.match((await run(path, 'Nowhere')).stderr, /no organization Nowhere/);
  });
});
