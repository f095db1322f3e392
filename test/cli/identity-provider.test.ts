import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { openClientSecret } from '../../src/identity-providers/client-secret.ts';
import { findIdentityProvider } from '../../src/identity-providers/identity-provider.ts';
import { addOrganization } from '../../src/organizations/organization.ts';
import { createPool, type Pool } from '../../src/postgres/pool.ts';
import { sql } from '../../src/postgres/sql.ts';
import { randomText } from '../../src/secret.ts';
import { addUser } from '../../src/users/user.ts';
import { openDatabase } from '../support/postgres.ts';
import { testSecret } from '../support/server.ts';
import { testLog } from '../support/temporary-postgres.ts';
import { runCommand } from './terminal.ts';

let db: Pool;
before(async () => {
  db = createPool({ url: (await openDatabase()).url, log: testLog });
  const added = await addUser(db, { email: 'ada@example.com', passwordHash: undefined });
  assert.ok('user' in added);
  await addOrganization(db, { name: 'Acme', administratorId: added.user.id });
});
after(() => db.close());

const issuer = 'https://login.example.com';
const run = (argv: string[], input = '', env: Record<string, string> = {}) =>
  runCommand(argv, {
    env: { DATABASE_URL: db.url, POSTERN_SECRET: testSecret, POSTERN_ISSUER: issuer, ...env },
    input,
  });
const provider = (argv: string[], input?: string) => run(['identity-provider', ...argv], input);
const json = async (argv: string[], input?: string) => {
  const { exitCode, stdout, stderr } = await provider([...argv, '--json'], input);
  assert.equal(exitCode, 0, stderr);
  return JSON.parse(stdout);
};
const basics = ['--name', 'Acme Accounts', '--issuer', 'https://accounts.example.com', '--client-id', 'abc'];

async function secretOf(id: string, secret = testSecret): Promise<string> {
  const found = await findIdentityProvider(db, id);
  assert.ok(found?.sealedSecret);
  return openClientSecret([secret], found, found.sealedSecret);
}

describe('postern identity-provider', () => {
  it('adds one with its client secret sealed, and tells what to register there', async () => {
    const added = await json(
      [
        'add',
        'acme',
        ...basics,
        '--organization',
        'Acme',
        '--email-domain',
        'Acme.Example',
        '--client-secret-stdin',
      ],
      'the-secret-of-acme\n',
    );
    assert.equal(added.redirect_uri, `${issuer}/sign-in/callback/acme`);
    assert.deepEqual(added.email_domains, ['acme.example']);
    assert.deepEqual(
      [added.has_client_secret, added.link_verified_email, added.role],
      [true, false, 'member'],
    );
    assert.doesNotMatch(JSON.stringify(added), /the-secret/);
    const [row] = await db.query<{ text: string }>(sql`
      select identity_providers::text as text from identity_providers where id = 'acme'`);
    assert.ok(!row?.text.includes(Buffer.from('the-secret-of-acme').toString('hex')));
    assert.equal(await secretOf('acme'), 'the-secret-of-acme');
    assert.match((await provider(['list'])).stdout, /acme {2}Acme Accounts .* Acme .* enabled/);
  });

  it('changes what is named, and leaves the rest', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'postern-'));
    const file = join(folder, 'secret');
    await writeFile(file, 'another-secret\n');
    const changed = await json(['update', 'acme', '--link-verified-email', '--client-secret-file', file]);
    await rm(folder, { recursive: true });
    assert.deepEqual([changed.link_verified_email, changed.client_id], [true, 'abc']);
    assert.deepEqual(changed.email_domains, ['acme.example']);
    assert.equal(await secretOf('acme'), 'another-secret');
    const undone = await json(['update', 'acme', '--no-link-verified-email', '--no-email-domain']);
    assert.deepEqual([undone.link_verified_email, undone.email_domains], [false, []]);
  });

  it('refuses what it cannot do, and says why', async () => {
    await json(['add', 'first', ...basics, '--public', '--email-domain', 'first.example']);
    const cases: [argv: string[], exitCode: number, words: RegExp][] = [
      [['add', 'acme', ...basics, '--public'], 1, /acme already/],
      [['add', 'B@d', ...basics, '--public'], 2, /lower-case letters/],
      [['add', 'bad', '--issuer', 'http://accounts.example.com', '--public'], 2, /https URL/],
      [['add', 'bad', ...basics, '--public', '--scope', 'email'], 2, /openid/],
      [['add', 'bad', ...basics, '--public', '--role', 'administrator'], 2, /--role.*organization/s],
      [
        ['add', 'bad', ...basics, '--public', '--email-domain', 'first.example'],
        1,
        /another identity provider/,
      ],
      [['add', 'bad', ...basics, '--public', '--organization', 'Nobody'], 1, /no organization Nobody/],
      [['add', 'bad', ...basics], 2, /client secret/i],
      [['add', 'bad', ...basics, '--public', '--client-secret-stdin'], 2, /one of/],
      [['update', 'acme'], 2, /what to change/],
      [['update', 'nobody', '--name', 'Nobody'], 1, /no identity provider nobody/],
      [['show', 'nobody'], 1, /no identity provider nobody/],
      [['remove', 'acme'], 2, /--yes/],
    ];
    for (const [argv, exitCode, words] of cases) {
      const outcome = await provider(argv);
      assert.equal(outcome.exitCode, exitCode, argv.join(' ') + outcome.stderr);
      assert.match(outcome.stderr, words);
    }
    assert.equal((await json(['list'])).length, 2, 'nothing is left of what was refused');
  });

  it('is covered when the master secret is changed', async () => {
    const fresh = randomText();
    const env = { POSTERN_SECRET: fresh, POSTERN_PREVIOUS_SECRET: testSecret };
    const rotated = await run(['secret', 'rotate', '--json'], '', env);
    assert.equal(JSON.parse(rotated.stdout).client_secrets, 1, rotated.stderr);
    assert.equal(await secretOf('acme', fresh), 'another-secret');
    const back = { POSTERN_SECRET: testSecret, POSTERN_PREVIOUS_SECRET: fresh };
    assert.equal(JSON.parse((await run(['secret', 'rotate', '--json'], '', back)).stdout).client_secrets, 1);
  });

  it('disables, enables and removes one, each written down', async () => {
    for (const argv of [['disable'], ['enable'], ['remove', '--yes']]) {
      const [verb = '', ...flags] = argv;
      const outcome = await provider([verb, 'acme', ...flags]);
      assert.equal(outcome.exitCode, 0, outcome.stderr);
    }
    const events = await db.query<{ action: string }>(sql`
      select action from audit_events where target_id = 'acme' order by sequence`);
    assert.deepEqual(
      events.map(({ action }) => action.split('.')[1]),
      ['added', 'changed', 'changed', 'disabled', 'enabled', 'removed'],
    );
  });
});
