import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { sql } from '../../src/postgres/sql.ts';
import { findUserByEmail } from '../../src/users/user.ts';
import { ada } from '../support/person.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { openOffice } from './office.ts';
import { inHome, type SignedIn } from './signed-in.ts';
import { createOwner } from './terminal.ts';

const api = 'https://api.example.com';

const owner = createOwner();
let server: TestServer;
let administrator: SignedIn;
let member: SignedIn;

/** Whether a value of a token lets anybody in. */
async function works(value: string): Promise<boolean> {
  const { exitCode } = await inHome({ ...administrator.env, POSTERN_TOKEN: value }).run('me');
  return exitCode === 0;
}

describe('postern tokens', () => {
  before(async () => {
    server = await startServer({ settings: { POSTERN_API_RATE_LIMIT: '10000' } });
    ({ administrator, member } = await openOffice(owner, server));
  });
  after(async () => {
    await owner.end();
    await server.stop();
  });

  it('prints a new value once, alone on stdout, and shows everything else again', async () => {
    const flags = [
      '--permission',
      `${api}=read write`,
      '--note',
      'in the cellar\nbehind the door',
      '--expires',
      '30d',
      '--from',
      '::1',
      '127.0.0.0/8',
    ];
    const { exitCode, stdout, stderr } = await administrator.run('tokens', 'create', 'Backup', ...flags);
    assert.equal(exitCode, 0, stderr);
    assert.match(stdout, /^pst_api_\w+\n$/);
    assert.equal(stderr, 'Keep the value now: it is not shown again.\n');
    assert.ok(await works(stdout.trim()));

    const token = await administrator.json('tokens', 'show', 'Backup');
    assert.equal(token.value, undefined);
    assert.deepEqual(token.permissions, { [api]: ['read', 'write'] });
    assert.deepEqual(token.address_ranges, ['::1/128', '127.0.0.0/8']);
    const card = await administrator.read('tokens', 'show', token.id);
    assert.match(card, /^name {11}Backup$/m);
    assert.match(card, /^note {11}in the cellar behind the door$/m);
    assert.match(card, /^permissions {4}https:\/\/api\.example\.com {2}read write$/m);
    assert.match(
      await administrator.read('tokens', 'list'),
      /^Backup +active +private +demo@example\.com +20/m,
    );
  });

  it('changes what is named, and leaves the rest', async () => {
    await administrator.read(
      'tokens',
      'create',
      'Reports',
      '--permission',
      `${api}=read`,
      '--note',
      'before',
    );
    await administrator.read(
      'tokens',
      'change',
      'Reports',
      '--name',
      'Reports 2',
      '--expires',
      '2099-01-01T00:00:00Z',
    );
    const token = await administrator.json('tokens', 'show', 'Reports 2');
    const [newest] = await administrator.json('tokens', 'list');
    assert.equal(newest.id, token.id);
    assert.deepEqual([token.note, token.expires_at], ['before', '2099-01-01T00:00:00.000Z']);
    await administrator.read('tokens', 'change', token.id, '--expires', 'never');
    assert.equal((await administrator.json('tokens', 'show', token.id)).expires_at, undefined);
  });

  it('disables, enables, rotates and removes', async () => {
    const value = await administrator.read('tokens', 'create', 'Life', '--permission', `${api}=read`);
    await administrator.read('tokens', 'disable', 'Life');
    assert.equal(await works(value), false);
    await administrator.read('tokens', 'enable', 'Life');
    assert.equal(await works(value), true);

    const next = await administrator.read('tokens', 'rotate', 'Life', '--overlap', '1h');
    assert.deepEqual([await works(value), await works(next)], [true, true]);
    const last = await administrator.read('tokens', 'rotate', 'Life');
    assert.deepEqual([await works(next), await works(last)], [false, true]);

    const unasked = await administrator.run('tokens', 'remove', 'Life');
    assert.equal(unasked.exitCode, 2);
    assert.match(unasked.stderr, /Say so with --yes/);
    await administrator.read('tokens', 'remove', 'Life', '--yes');
    assert.equal(await works(last), false);
    const gone = await administrator.run('tokens', 'show', 'Life');
    assert.deepEqual([gone.exitCode, gone.stderr], [1, 'postern: There is no such token\n']);
  });

  it('shares a token of which each member takes a value of their own', async () => {
    const value = await administrator.read(
      'tokens',
      'create',
      'Team',
      '--shared',
      '--permission',
      `${api}=read`,
    );
    assert.match(
      await member.read('tokens', 'list', '--shared'),
      /^Team +active +shared +demo@example\.com/m,
    );
    const own = await member.read('tokens', 'take', 'Team');
    assert.notEqual(own, value);
    assert.ok(await works(own));
    await member.read('tokens', 'give-back', 'Team');
    assert.deepEqual([await works(own), await works(value)], [false, true]);
    const refused = await member.run('tokens', 'disable', 'Team');
    assert.equal(refused.exitCode, 1);
    assert.match(refused.stderr, /another person’s to change/);
  });

  it('waits for an administrator where the policy says so', async () => {
    await administrator.read('policy', 'set', '--approval-required');
    const flags = ['--permission', `${api}=read`, '--reason', 'for the audit'];
    const made = await member.run('tokens', 'create', 'Asked', ...flags);
    assert.match(made.stderr, /^It works as soon as an administrator approves it\.$/m);
    assert.equal(await works(made.stdout.trim()), false);
    const all = await administrator.json('tokens', 'list', '--all');
    const waiting = all.find(({ name }: { name: string }) => name === 'Asked');
    assert.deepEqual([waiting.state, waiting.reason], ['waiting', 'for the audit']);
    await administrator.read('tokens', 'approve', waiting.id);
    assert.equal(await works(made.stdout.trim()), true);

    await member.read('tokens', 'create', 'Unwanted', ...flags);
    const { id } = await member.json('tokens', 'show', 'Unwanted');
    assert.equal((await administrator.json('tokens', 'refuse', id)).state, 'refused');
    await administrator.read('policy', 'set', '--no-approval-required');
  });

  it('names every wrong field by its flag, a line each', async () => {
    const flags = [
      '--permission',
      `${api}=read admin`,
      '--expires',
      'soon',
      '--from',
      '10.0.0.0/8',
      'nowhere',
    ];
    const { exitCode, stdout, stderr } = await member.run('tokens', 'create', ' ', ...flags);
    assert.deepEqual([exitCode, stdout], [1, '']);
    assert.deepEqual(stderr.split('\n').slice(0, -1), [
      'postern: Some fields are wrong',
      '  <name>: write 1 to 100 characters, none of them a control character',
      '  --expires: write a time such as 2030-01-31T12:00:00Z',
      '  --from nowhere: write an address such as 192.0.2.1, or a range such as 192.0.2.0/24',
    ]);
    const wide = await member.run('tokens', 'create', 'Wide', '--permission', `${api}=read admin`);
    assert.deepEqual(
      [wide.exitCode, wide.stderr],
      [
        1,
        `postern: Some fields are wrong\n  --permission ${api}: admin: this is more than the owner may do\n`,
      ],
    );
    const permission = ['--permission', `${api}=read`];
    const endless = await member.run('tokens', 'create', 'x', ...permission, '--expires', '999999999d');
    assert.equal(endless.stderr.split('\n')[1], '  --expires: write a time such as 2030-01-31T12:00:00Z');
    for (const argv of [
      ['create', 'x'],
      ['create', 'x', '--permission', 'read'],
      ['list', '--limit', '0'],
      ['list', '--shared', '--all'],
      ['change', 'Backup'],
      ['rotate', 'Backup', '--overlap', 'long'],
    ]) {
      assert.equal((await member.run('tokens', ...argv)).exitCode, 2, argv.join(' '));
    }
  });

  it('lists all that there are, page by page, or so many as were asked for', async () => {
    const owner = await findUserByEmail(server.db, ada.email);
    await server.db.query(sql`
      insert into api_tokens (organization_id, owner_id, kind, name)
      select organization_id, user_id, 'private', 'many ' || n
      from members, generate_series(1, 230) as n where user_id = ${owner?.id}::uuid`);
    const all: { name: string }[] = await member.json('tokens', 'list');
    const many = all.filter(({ name }) => name.startsWith('many '));
    assert.equal(new Set(many.map(({ name }) => name)).size, 230);
    assert.equal(many.length, 230);
    assert.equal((await member.json('tokens', 'list', '--limit', '120')).length, 120);
    const lines = (await member.read('tokens', 'list', '--limit', '3')).split('\n');
    assert.equal(lines.length, 4);
  });
});
