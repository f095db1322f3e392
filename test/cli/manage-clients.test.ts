import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { exportJWK, generateKeyPair } from 'jose';
import { sql } from '../../src/postgres/sql.ts';
import { post } from '../support/client.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { openOffice } from './office.ts';
import { inHome, type SignedIn } from './signed-in.ts';
import { createOwner, makeHome } from './terminal.ts';

const api = 'https://api.example.com';

const owner = createOwner();
let server: TestServer;
let administrator: SignedIn;
let member: SignedIn;

/** The status of a program's request for a token. */
const authenticate = async (id: string, secret: string) =>
  (
    await post(
      `${server.issuer}/oauth/token`,
      { grant_type: 'client_credentials' },
      { basic: `${id}:${secret}` },
    )
  ).status;

const machine = ['--grant', 'client_credentials', '--allow', `${api}=read`];

describe('postern clients', () => {
  before(async () => {
    server = await startServer({ settings: { POSTERN_API_RATE_LIMIT: '10000' } });
    ({ administrator, member } = await openOffice(owner, server));
  });
  after(async () => {
    await owner.end();
    await server.stop();
  });

  it('registers a program whose secret works, and shows it without that', async () => {
    const { stdout, stderr } = await administrator.run('clients', 'add', 'Nightly import', ...machine);
    const [, id = '', secret = ''] = /^client_id +(\S+)\nclient_secret +(\S+)\n$/.exec(stdout) ?? [];
    assert.match(stderr, /Keep the secret now/);
    assert.equal(await authenticate(id, secret), 200);
    const card = await member.read('clients', 'show', 'Nightly import');
    assert.match(card, new RegExp(`^client_id +${id}$`, 'm'));
    assert.match(card, /^may ask for +https:\/\/api\.example\.com +read$/m);
    assert.match(card, /^secret +[0-9a-f-]{36}, made \S+, works without an end$/m);
    assert.ok(!card.includes(secret));
    assert.match(
      await member.read('clients', 'list'),
      new RegExp(`^${id} +enabled +client_secret_basic +client_credentials +\\S+ +Nightly import$`, 'm'),
    );
    const [listed] = await member.json('clients', 'list');
    const shown = await member.json('clients', 'show', id);
    assert.deepEqual(
      { ...listed, holdings: { grants: 0 } },
      shown,
      'one by itself tells what ends with it too',
    );
  });

  it('lists as many as there are, page by page, and no more than are wanted', async () => {
    await server.db.query(sql`
      insert into clients (id, name, authentication, grant_types, organization_id)
      select 'client-' || lpad(number::text, 22, '0'), 'Many ' || number, 'none', '{}', (select id from organizations)
      from generate_series(1, 105) as number`);
    const all: { client_id: string }[] = await member.json('clients', 'list');
    assert.equal(all.length, 106);
    assert.equal(new Set(all.map(({ client_id }) => client_id)).size, 106);
    assert.equal((await member.json('clients', 'list', '--limit', '101')).length, 101);
    await server.db.query(sql`delete from clients where name like 'Many %'`);
  });

  it('changes what is named and nothing else', async (t) => {
    const folder = await mkdtemp(join(tmpdir(), 'postern-keys-'));
    t.after(() => rm(folder, { recursive: true }));
    const path = join(folder, 'keys.json');
    const { publicKey } = await generateKeyPair('ES256');
    await writeFile(path, JSON.stringify({ keys: [{ ...(await exportJWK(publicKey)), kid: 'one' }] }));
    const { client_id: id } = await administrator.json(
      'clients',
      'add',
      'Device',
      '--auth',
      'none',
      '--grant',
      'device_code',
      'refresh_token',
      '--allow',
      `${api}=read write`,
      '--typed-codes',
    );
    const { holdings: _, ...before } = await administrator.json('clients', 'show', id);
    assert.equal(before.verification_uri_complete, false);
    const change = (...flags: string[]) => administrator.json('clients', 'change', id, ...flags);
    const renamed = await change('--name', 'Other device', '--no-typed-codes', '--dpop');
    assert.deepEqual(renamed, {
      ...before,
      client_name: 'Other device',
      verification_uri_complete: true,
      dpop_bound_access_tokens: true,
    });
    const other = `${server.issuer}/api`;
    const both = await change('--allow', `${api}=read`, '--allow', `${other}=members:read`, '--no-dpop');
    assert.deepEqual(both.resources, { [other]: ['members:read'], [api]: ['read'] });
    assert.equal((await change('--default-resource', other)).default_resource, other);
    assert.equal((await change('--no-default-resource')).default_resource, undefined);
    const keyed = await change('--auth', 'private_key_jwt', '--jwks', path);
    assert.equal(keyed.jwks.keys[0].kid, 'one');
    const published = await change('--jwks-uri', 'https://program.example.com/keys');
    assert.deepEqual([published.jwks, published.jwks_uri], [undefined, 'https://program.example.com/keys']);
    const plain = await change('--auth', 'none', '--no-jwks');
    assert.deepEqual([plain.jwks, plain.jwks_uri], [undefined, undefined]);
    await administrator.read('clients', 'remove', id, '--yes');
  });

  it('has a second secret while the first is replaced', async () => {
    const { client_id: id, client_secret: first } = await administrator.json(
      'clients',
      'add',
      'Replaced',
      ...machine,
    );
    const second = await administrator.json('clients', 'add-secret', 'Replaced', '--expires', '30d');
    assert.deepEqual(
      [await authenticate(id, first), await authenticate(id, second.client_secret)],
      [200, 200],
    );
    const third = await administrator.run('clients', 'add-secret', id);
    assert.equal(third.exitCode, 1);
    assert.match(third.stderr, /has two secrets; end one of them first/);
    const secrets: { id: string; expires_at?: string }[] = await member.json('clients', 'secrets', id);
    assert.deepEqual(
      secrets.map(({ expires_at }) => expires_at),
      [undefined, second.expires_at],
    );
    assert.match(
      await member.read('clients', 'secrets', id),
      new RegExp(`^${second.id} +\\S+Z +\\S+Z$`, 'm'),
    );
    await administrator.read('clients', 'end-secret', id, secrets[0]?.id.slice(0, 8) ?? '');
    assert.deepEqual(
      [await authenticate(id, first), await authenticate(id, second.client_secret)],
      [401, 200],
    );
    const last = await administrator.run('clients', 'end-secret', id, second.id);
    assert.deepEqual([last.exitCode, /only secret of .* Say so with --yes/.test(last.stderr)], [2, true]);
    await administrator.read('clients', 'end-secret', id, second.id, '--yes');
    assert.equal(await authenticate(id, second.client_secret), 401);
    assert.equal((await administrator.run('clients', 'end-secret', id, '')).exitCode, 1);
    const late = await administrator.run('clients', 'add-secret', id, '--expires', 'tomorrow');
    assert.match(late.stderr, /^ {2}--expires: write a moment such as/m);
    const { stdout } = await administrator.run('clients', 'add-secret', id);
    const [, fresh = ''] = /^client_secret +(\S+)$/m.exec(stdout) ?? [];
    assert.equal(await authenticate(id, fresh), 200);
  });

  it('disables, enables and removes one', async () => {
    const { client_id: id, client_secret: secret } = await administrator.json(
      'clients',
      'add',
      'Gone',
      ...machine,
    );
    assert.equal((await administrator.json('clients', 'disable', 'Gone')).disabled, true);
    assert.equal(await authenticate(id, secret), 401);
    assert.match((await administrator.run('clients', 'enable', id)).stderr, new RegExp(`^Enabled ${id}\\.`));
    assert.equal(await authenticate(id, secret), 200);
    const asked = await administrator.run('clients', 'remove', 'Gone');
    assert.deepEqual(
      [asked.exitCode, /Gone \(client-\w+\).* Say so with --yes/.test(asked.stderr)],
      [2, true],
    );
    await administrator.read('clients', 'remove', 'Gone', '--yes');
    assert.equal(await authenticate(id, secret), 401);
    for (const word of [id, 'Gone', '../me', ''])
      assert.match((await administrator.run('clients', 'show', word)).stderr, /There is no such program/);
  });

  it('wants the id where two have one name', async () => {
    for (const _ of [1, 2]) await administrator.read('clients', 'add', 'Twins', ...machine);
    const { exitCode, stderr } = await administrator.run('clients', 'disable', 'Twins');
    assert.deepEqual([exitCode, /Several programs are called so/.test(stderr)], [2, true]);
  });

  it('names what is wrong by its flag, and changes nothing', async () => {
    const count = async () => (await member.json('clients', 'list')).length;
    const before = await count();
    const cases: [argv: string[], exitCode: number, words: RegExp][] = [
      [['add', 'x', '--auth', 'magic'], 1, /^ {2}--auth magic: write one of|^ {2}--auth: write one of/m],
      [['add', 'x', ...machine.with(3, `${api}=erase`)], 1, /--allow https:\/\/api\.example\.com.*erase/],
      [['add', 'x', '--allow', 'read'], 2, /Write it as "https/],
      [['add', 'x', '--jwks', '/nowhere', ...machine], 2, /--jwks: \/nowhere cannot be read/],
      [['add', 'x', '--jwks', '/nowhere', '--jwks-uri', api], 2, /either --jwks or --jwks-uri/],
      [['add', '', ...machine], 1, /<name>:/],
      [['change', 'Twins'], 2, /Say what to change/],
    ];
    for (const [argv, exitCode, words] of cases) {
      const outcome = await administrator.run('clients', ...argv);
      assert.match(outcome.stderr, words);
      assert.equal(outcome.exitCode, exitCode, argv.join(' '));
    }
    assert.equal(await count(), before);
  });

  it('is looked at by every member and changed by administrators', async () => {
    const denied = await member.run('clients', 'add', 'Mine', ...machine);
    assert.deepEqual(
      [denied.exitCode, denied.stderr],
      [1, 'postern: This needs the permission clients:write\n'],
    );
  });

  it('works with an API token in place of a sign-in', async () => {
    const permission = `${server.issuer}/api=clients:read`;
    const POSTERN_TOKEN = await administrator.read('tokens', 'create', 'Reader', '--permission', permission);
    const home = await makeHome(owner);
    const program = inHome({ ...home, POSTERN_ISSUER: server.issuer, POSTERN_TOKEN });
    assert.ok((await program.json('clients', 'list')).length > 0);
    assert.equal((await program.run('clients', 'remove', 'Nightly import', '--yes')).exitCode, 1);
    const nobody = inHome({ ...home, POSTERN_ISSUER: server.issuer });
    assert.equal((await nobody.run('clients', 'list')).exitCode, 4);
  });
});
