import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { addDevelopmentData, demoResource } from '../../src/development.ts';
import { createPool, type Pool } from '../../src/postgres/pool.ts';
import { certificateJwk, makeCertificate } from '../support/certificate-authority.ts';
import { keepFiles } from '../support/mutual-tls.ts';
import { openDatabase, type TestDatabase } from '../support/postgres.ts';
import { testSecret } from '../support/server.ts';
import { testLog } from '../support/temporary-postgres.ts';
import { runCommand } from './terminal.ts';

const [first, second] = [makeCertificate({ subject: 'first' }), makeCertificate({ subject: 'second' })];
const authority = makeCertificate({ subject: 'Authority', isAuthority: true });

let database: TestDatabase;
let db: Pool;
let files: Awaited<ReturnType<typeof keepFiles>>;
let env: Record<string, string>;
before(async () => {
  database = await openDatabase();
  db = createPool({ url: database.url, log: testLog });
  await addDevelopmentData(db);
  files = await keepFiles({
    'first.pem': first.cert,
    'second.pem': second.cert,
    'key.pem': first.key,
    'authority.pem': authority.cert,
  });
  env = {
    DATABASE_URL: database.url,
    POSTERN_SECRET: testSecret,
    POSTERN_TRUSTED_PROXIES: '10.0.0.1',
    POSTERN_TLS_CLIENT_CERT_HEADER: 'Client-Cert',
    POSTERN_TLS_CLIENT_CA: files.path('authority.pem'),
  };
});
after(async () => {
  await files.remove();
  await db.close();
  await database.drop();
});

const machine = ['--name', 'Machine', '--grant', 'client_credentials', '--allow', `${demoResource.uri}=read`];

const add = (id: string, flags: string[], settings = env) =>
  runCommand(['client', 'add', '--id', id, ...machine, ...flags, '--json'], { env: settings });

async function shown(id: string) {
  const { stdout } = await runCommand(['client', 'show', id, '--json'], { env });
  return JSON.parse(stdout);
}

test('a client is added by what its certificate names, and shown with it', async () => {
  const names = {
    'subject-dn': 'CN=machine,O=Example\\, Ltd',
    'san-dns': 'machine.example.com',
    'san-uri': 'spiffe://example.com/machine',
    'san-ip': '2001:db8::7',
    'san-email': 'machine@example.com',
  };
  for (const [flag, value] of Object.entries(names)) {
    const added = await add(flag, ['--auth', 'tls_client_auth', `--${flag}`, value, '--certificate-bound']);
    assert.equal(added.exitCode, 0, added.stderr);
    const client = await shown(flag);
    assert.equal(client[`tls_client_auth_${flag.replace('-', '_')}`], value);
    assert.equal(client.tls_client_certificate_bound_access_tokens, true);
    assert.deepEqual(client.secrets, []);
    const { stdout } = await runCommand(['client', 'show', flag], { env });
    assert.ok(stdout.includes(value) && /tokens +bound to a certificate/.test(stdout), stdout);
  }
});

test('a client is added with certificates of its own in PEM', async () => {
  const paths = ['first.pem', 'second.pem'].flatMap((name) => ['--certificate', files.path(name)]);
  const added = await add('own', ['--auth', 'self_signed_tls_client_auth', ...paths]);
  assert.equal(added.exitCode, 0, added.stderr);
  assert.deepEqual((await shown('own')).jwks, { keys: [first, second].map(certificateJwk) });
});

test('the same comes from a file in the words of RFC 8705', async () => {
  const registration = {
    client_id: 'filed',
    client_name: 'Filed',
    token_endpoint_auth_method: 'tls_client_auth',
    tls_client_auth_san_dns: 'filed.example.com',
    tls_client_certificate_bound_access_tokens: true,
    grant_types: ['client_credentials'],
    resources: { [demoResource.uri]: ['read'] },
  };
  const input = JSON.stringify(registration);
  assert.equal((await runCommand(['client', 'add', '--file', '-'], { env, input })).exitCode, 0);
  assert.equal((await shown('filed')).tls_client_auth_san_dns, 'filed.example.com');
});

test('what the server does not offer cannot be registered', async () => {
  const { POSTERN_TLS_CLIENT_CA: _, ...withoutAuthority } = env;
  const pki = ['--auth', 'tls_client_auth', '--san-dns', 'a.example.com'];
  const own = ['--auth', 'self_signed_tls_client_auth', '--certificate', files.path('first.pem')];
  const nowhere = { DATABASE_URL: database.url, POSTERN_SECRET: testSecret };
  for (const [flags, settings, line] of [
    [pki, withoutAuthority, /--auth: set POSTERN_TLS_CLIENT_CA/],
    [own, nowhere, /--auth: set POSTERN_TLS_CLIENT_CERT_HEADER/],
    [['--certificate-bound'], nowhere, /--certificate-bound: set POSTERN_TLS_CLIENT_CERT_HEADER/],
  ] as const) {
    const refused = await add('unoffered', [...flags], settings as Record<string, string>);
    assert.equal(refused.exitCode, 2);
    assert.match(refused.stderr, line);
  }
  assert.equal((await add('offered', own, withoutAuthority)).exitCode, 0);
});

test('wrong flags are named', async () => {
  const pki = ['--auth', 'tls_client_auth'];
  const own = ['--auth', 'self_signed_tls_client_auth'];
  const wrong: [string[], RegExp][] = [
    [pki, /--subject-dn: write exactly one/],
    [[...pki, '--san-dns', 'a.example.com', '--san-ip', '::1'], /--san-dns: write exactly one/],
    [[...pki, '--subject-dn', 'Example Ltd'], /--subject-dn: write a name/],
    [[...pki, '--subject-dn', 'CN="Example, Ltd"'], /--subject-dn: write a name/],
    [[...pki, '--san-dns', '*.example.com'], /--san-dns: write a host name/],
    [[...pki, '--san-dns', '.example.com'], /--san-dns: write a host name/],
    [[...pki, '--san-uri', 'machine'], /--san-uri: write a URI/],
    [[...pki, '--san-ip', '10.0.0.0/8'], /--san-ip: write an address/],
    [[...pki, '--san-email', 'example.com'], /--san-email: write an email address/],
    [['--san-dns', 'a.example.com'], /--san-dns: leave it out/],
    [own, /--jwks: write either/],
    [[...own, '--certificate', files.path('key.pem')], /key\.pem is no certificate/],
    [
      [...own, '--certificate', files.path('first.pem'), '--jwks', files.path('first.pem')],
      /either --jwks or --certificate/,
    ],
    [['--certificate-bound', '--dpop'], /--certificate-bound: write either this or/],
  ];
  for (const [flags, line] of wrong) {
    const refused = await add('wrong', flags);
    assert.equal(refused.exitCode, 2, flags.join(' '));
    assert.match(refused.stderr, line);
  }
});

test('keys without their own certificate do not count as certificates', async () => {
  const good = certificateJwk(first);
  const { x5c: _, ...bare } = good;
  for (const key of [
    bare,
    { ...good, x5c: [] },
    { ...good, x5c: ['AAAA'] },
    { ...good, x5c: certificateJwk(second).x5c },
  ]) {
    const registration = {
      client_id: 'bare',
      client_name: 'Bare',
      token_endpoint_auth_method: 'self_signed_tls_client_auth',
      jwks: { keys: [key] },
      grant_types: ['client_credentials'],
      resources: { [demoResource.uri]: ['read'] },
    };
    const input = JSON.stringify(registration);
    const refused = await runCommand(['client', 'add', '--file', '-'], { env, input });
    assert.equal(refused.exitCode, 2);
    assert.match(refused.stderr, /jwks: write each key with its certificate in x5c/);
  }
});
