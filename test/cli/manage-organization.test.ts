import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { addDevices, addSessions } from '../support/belongings.ts';
import { ada, createPerson } from '../support/person.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { openOffice } from './office.ts';
import { type SignedIn, signInByCommand } from './signed-in.ts';
import { createOwner } from './terminal.ts';

const api = 'https://api.example.com';

const owner = createOwner();
let server: TestServer;
let administrator: SignedIn;
let member: SignedIn;

describe('the command line of an organization', () => {
  before(async () => {
    server = await startServer({ settings: { POSTERN_API_RATE_LIMIT: '10000' } });
    ({ administrator, member } = await openOffice(owner, server));
  });
  after(async () => {
    await owner.end();
    await server.stop();
  });

  it('shows who is in it, to each member', async () => {
    const list = await member.read('members', 'list');
    assert.match(list, /^ada@example\.com +member +enabled/m);
    assert.match(list, /^demo@example\.com +administrator +enabled/m);
    assert.match(await member.read('members', 'show', 'DEMO@example.com'), /^role +administrator$/m);
    const stranger = await member.run('members', 'show', 'nobody@example.com');
    assert.deepEqual([stranger.exitCode, stranger.stderr], [1, 'postern: There is no such member\n']);
  });

  it('gives and takes permissions one by one, and forgets that', async () => {
    const change = (...flags: string[]) => administrator.json('members', 'change', ada.email, ...flags);
    const taken = await change('--take', `${api}=read write`);
    assert.deepEqual([taken.given, taken.taken], [{}, { [api]: ['read', 'write'] }]);
    assert.equal((await member.json('me')).permissions[api], undefined);
    const given = await change('--give', `${api}=read`);
    assert.deepEqual([given.given, given.taken], [{ [api]: ['read'] }, { [api]: ['write'] }]);
    const both = await change('--by-role', '--give', `${server.issuer}/api=audit:read`);
    assert.deepEqual([both.given, both.taken], [{ [`${server.issuer}/api`]: ['audit:read'] }, {}]);
    const plain = await change('--by-role');
    assert.deepEqual([plain.given, plain.taken], [{}, {}]);
    assert.equal((await administrator.run('members', 'change', ada.email)).exitCode, 2);
    const wrong = await administrator.run('members', 'change', ada.email, '--role', 'king');
    assert.deepEqual(
      [wrong.exitCode, wrong.stderr],
      [1, 'postern: Some fields are wrong\n  --role: write administrator or member\n'],
    );
  });

  it('loses no change where several are made at once', async () => {
    const scopes = ['audit:read', 'clients:write', 'members:write', 'policies:write'];
    const outcomes = await Promise.all(
      scopes.map((scope) =>
        administrator.run('members', 'change', ada.email, '--give', `${server.issuer}/api=${scope}`),
      ),
    );
    const made = scopes.filter((_, index) => outcomes[index]?.exitCode === 0);
    const { given } = await administrator.json('members', 'show', ada.email);
    assert.deepEqual(given[`${server.issuer}/api`], made);
    for (const { exitCode, stderr } of outcomes) {
      if (exitCode !== 0)
        assert.equal(stderr, 'postern: This has been changed meanwhile; load it again, then change it\n');
    }
    await administrator.read('members', 'change', ada.email, '--by-role');
  });

  it('disables and enables a member', async () => {
    await administrator.read('members', 'disable', ada.email);
    assert.equal((await member.run('members', 'list')).exitCode, 4);
    await administrator.read('members', 'enable', ada.email);
    // The command line has forgotten a sign-in that the server did not take.
    member = await signInByCommand(owner, server.issuer, { flags: ['--manage'], account: ada });
    assert.equal((await member.run('members', 'list')).exitCode, 0);
    const last = await administrator.run('members', 'disable', 'demo@example.com');
    assert.equal(last.exitCode, 1);
    assert.match(last.stderr, /needs an administrator/);
  });

  it('invites somebody by a link that is printed once, and takes it back', async () => {
    const { exitCode, stdout } = await administrator.run(
      'members',
      'invite',
      'New@example.com',
      '--role',
      'member',
    );
    assert.equal(exitCode, 0);
    assert.match(stdout, new RegExp(`^${server.issuer}/join#pst_in_\\w+\n$`));
    assert.match(await administrator.read('members', 'invitations'), /^new@example\.com +member/m);
    await administrator.read('members', 'uninvite', 'new@example.com');
    assert.deepEqual(await administrator.json('members', 'invitations'), []);
    const wrong = await administrator.run('members', 'invite', 'nobody');
    assert.match(wrong.stderr, /^ {2}<email>: write an email address$/m);
  });

  it('sets a part of its policy and leaves the rest', async () => {
    await administrator.read('policy', 'set', '--longest-lifetime', '90d', '--permission', `${api}=read`);
    const policy = await administrator.json('policy', 'set', '--expiry-required');
    assert.deepEqual(policy, {
      longest_lifetime_seconds: 90 * 86_400,
      expiry_required: true,
      approval_required: false,
      permissions: { [api]: ['read'] },
    });
    assert.match(await member.read('policy', 'show'), /^longest lifetime {2}90d$/m);
    const eternal = await member.run('tokens', 'create', 'x', '--permission', `${api}=read write`);
    assert.deepEqual(eternal.stderr.split('\n').slice(1, -1), [
      '  --expires: your organization demands an expiry date',
      `  --permission ${api}: write: your organization does not allow this in a token`,
    ]);
    const denied = await member.run('policy', 'set', '--no-expiry-required');
    assert.deepEqual(
      [denied.exitCode, denied.stderr],
      [1, 'postern: This needs the permission policies:write\n'],
    );
    await administrator.read(
      'policy',
      'set',
      '--longest-lifetime',
      'any',
      '--any-permission',
      '--no-expiry-required',
    );
    assert.match(await member.read('policy', 'show'), /^permissions +any$/m);
  });

  it('lists and ends sessions in browsers', async () => {
    const person = createPerson(server.issuer);
    await person.signIn(ada);
    const before = await member.json('sessions', 'list');
    const [{ id }] = before;
    assert.match(await member.read('sessions', 'list'), new RegExp(`^${id.slice(0, 16)} `, 'm'));
    await member.read('sessions', 'end', id.slice(0, 16));
    const left: { id: string }[] = await member.json('sessions', 'list');
    assert.equal(left.length, before.length - 1);
    assert.ok(left.every((each) => each.id !== id));
    assert.equal((await member.run('sessions', 'end', id)).exitCode, 1);
  });

  it('lists and signs out devices, this one too', async (t) => {
    const lost = await signInByCommand(t, server.issuer, { flags: ['--manage'], account: ada });
    const [{ id, client_id }] = await member.json('devices', 'list');
    assert.equal(client_id, 'demo-cli');
    assert.match(await member.read('devices', 'list'), new RegExp(`^${id.slice(0, 16)} +demo-cli `, 'm'));
    await member.read('devices', 'sign-out', id);
    assert.equal((await lost.run('me')).exitCode, 4);
    assert.equal((await member.run('me')).exitCode, 0);
    const nothing = await member.run('devices', 'sign-out', '');
    assert.equal(nothing.exitCode, 1);
  });

  it('lists all devices and sessions, however many pages those are, and finds each', async () => {
    const [own, browsers] = [await member.json('devices', 'list'), await member.json('sessions', 'list')];
    const { id: userId } = await member.json('me');
    await addDevices(server.db, userId, 120);
    await addSessions(server.db, userId, 120);
    for (const [noun, end, before] of [
      ['devices', 'sign-out', own.length],
      ['sessions', 'end', browsers.length],
    ]) {
      const all: { id: string }[] = await member.json(noun, 'list');
      assert.equal(all.length, before + 120);
      await member.read(noun, end, all.at(-1)?.id ?? '');
      assert.equal((await member.json(noun, 'list')).length, before + 119);
    }
    const list = await member.read('devices', 'list');
    assert.match(list, /^DEVICE +APP +SINCE +UNTIL +LAST USED +FOR$/m);
    assert.match(list, / {2}\d{4}-[^ ]+Z {2}https:\/\/api\.example\.com$/m);
  });

  it('removes a member with everything that they have', async () => {
    assert.equal((await administrator.run('members', 'remove', ada.email)).exitCode, 2);
    await administrator.read('members', 'remove', ada.email, '--yes');
    assert.equal((await administrator.json('members', 'list')).length, 1);
    assert.equal((await member.run('me')).exitCode, 4);
  });
});
