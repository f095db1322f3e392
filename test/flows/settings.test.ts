import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:https';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import { after, before, describe, it } from 'node:test';
import { loadConfig } from '../../src/config.ts';
import { AppError } from '../../src/errors.ts';
import { inRoot } from '../../src/root.ts';
import { runCommand } from '../cli/terminal.ts';
import { createCertificate } from '../support/certificate.ts';
import { makeCertificate } from '../support/certificate-authority.ts';
import { findFreePort } from '../support/port.ts';
import { openDatabase, type TestDatabase } from '../support/postgres.ts';
import { serve, startProcess } from '../support/process.ts';
import { testSecret } from '../support/server.ts';

let folder: string;
let database: TestDatabase;
let good: Record<string, string>;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'postern-settings-'));
  database = await openDatabase();
  const port = await findFreePort();
  good = {
    POSTERN_ISSUER: `http://localhost:${port}`,
    POSTERN_SECRET: testSecret,
    DATABASE_URL: database.url,
  };
});
after(async () => {
  await rm(folder, { recursive: true });
  await database.drop();
});

async function fileWith(name: string, text: string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, text);
  return path;
}

/** The names of the settings that are refused. */
function refused(env: Record<string, string | undefined>): string[] {
  try {
    loadConfig(env);
  } catch (error) {
    assert.ok(error instanceof AppError);
    assert.deepEqual([error.code, error.exitCode], ['configuration', 78]);
    const [, ...lines] = error.publicMessage.split('\n');
    return lines.map((line) => line.trim().split(':')[0] ?? '').sort();
  }
  return [];
}

describe('wrong settings', () => {
  it('are told all at once, each by its name with what to write, in a process that exits with 78', async () => {
    const wrong = startProcess([inRoot('bin/postern'), 'serve'], {
      POSTERN_MODE: 'staging',
      POSTERN_ISSUER: 'login.example.com',
      POSTERN_PORT: '70000',
      DATABASE_URL: 'mysql://user:hunter2@host/db',
      POSTERN_SECRET: 'hunter3',
      POSTERN_TLS_CERT: '/nowhere/cert.pem',
      POSTERN_TRUSTED_PROXIES: '10.0.0.0/99',
      POSTERN_TOKEN_PREFIX: 'P_',
      POSTERN_LOG_LEVEL: 'loud',
    });
    assert.equal((await wrong.ended).code, 78);
    assert.equal(wrong.stdout(), '');
    const lines = wrong.stderr().trimEnd().split('\n');
    assert.deepEqual(lines, [
      'postern: The configuration is not valid.',
      '  POSTERN_MODE: write development or production',
      '  POSTERN_ISSUER: write a URL such as https://login.example.com',
      '  POSTERN_PORT: write a port number from 0 to 65535',
      '  DATABASE_URL: write a URL such as postgres://user:password@host:5432/postern',
      '  POSTERN_SECRET: write at least 32 random bytes, for instance what `openssl rand -base64 48` prints',
      '  POSTERN_TLS_CERT: write the path of a PEM file that can be read',
      '  POSTERN_TRUSTED_PROXIES: write addresses or ranges such as 10.0.0.0/8, not 10.0.0.0/99',
      '  POSTERN_TOKEN_PREFIX: write 2 to 16 lower-case letters and digits, a letter first',
      '  POSTERN_LOG_LEVEL: write a level such as info or warn',
      '  POSTERN_TLS_KEY: set both or neither',
    ]);
  });

  it('include every issuer that is not in its normal form', () => {
    const issuers = [
      'https://',
      'ftp://example.com',
      'https://user:pass@example.com',
      'https://example.com/',
      'https://example.com?x=1',
      'https://example.com/#x',
      'https://example.com/a/',
      'https://example.com//a',
      'https://example.com/a/../b',
      'https://example.com/%61',
      'https://EXAMPLE.com',
      'https://example.com:443',
      'example.com',
    ];
    for (const POSTERN_ISSUER of issuers) {
      assert.deepEqual(refused({ ...good, POSTERN_ISSUER }), ['POSTERN_ISSUER'], POSTERN_ISSUER);
    }
    for (const POSTERN_ISSUER of ['https://example.com', 'https://example.com/a/b', 'https://[::1]:8443']) {
      assert.equal(loadConfig({ ...good, POSTERN_ISSUER }).issuer, POSTERN_ISSUER);
    }
  });

  it('include ports, addresses and files that cannot be', async () => {
    const wrong: Record<string, string[]> = {
      POSTERN_PORT: ['-1', '65536', '80a', '0x50', '8 0'],
      POSTERN_TRUSTED_PROXIES: [
        'proxy.example.com',
        '10.0.0.0/',
        '10.0.0.0/33',
        '::1/129',
        '10.0.0.1;::1',
        '1',
      ],
      DATABASE_URL: ['localhost/db', 'http://localhost/db'],
    };
    for (const [name, values] of Object.entries(wrong)) {
      for (const value of values) {
        assert.deepEqual(refused({ ...good, [name]: value }), [name], value);
      }
    }
    const cert = await fileWith('cert.pem', createCertificate().cert);
    assert.deepEqual(refused({ ...good, POSTERN_TLS_CERT: cert }), ['POSTERN_TLS_KEY']);
    const missing = { POSTERN_TLS_CERT: cert, POSTERN_TLS_KEY: join(folder, 'missing.pem') };
    assert.deepEqual(refused({ ...good, ...missing }), ['POSTERN_TLS_KEY']);
  });
});

describe('the settings for certificates of clients', () => {
  it('want somebody who is believed, and a way for certificates to come', async () => {
    const authority = await fileWith('authority.pem', makeCertificate({ isAuthority: true }).cert);
    const header = { POSTERN_TLS_CLIENT_CERT_HEADER: 'Client-Cert' };
    const proxies = { POSTERN_TRUSTED_PROXIES: '10.0.0.1' };
    const judged = { POSTERN_TLS_CLIENT_CA: authority, POSTERN_MTLS_ORIGIN: 'https://mtls.example.com' };
    assert.deepEqual(refused({ ...good, ...header }), ['POSTERN_TLS_CLIENT_CERT_HEADER']);
    assert.deepEqual(refused({ ...good, ...judged }), Object.keys(judged).sort());
    const config = loadConfig({ ...good, ...header, ...proxies, ...judged });
    assert.deepEqual(config.mutualTls, {
      header: 'Client-Cert',
      authorities: authority,
      origin: 'https://mtls.example.com',
    });
    assert.equal(loadConfig({ ...good, ...proxies }).mutualTls, undefined);
    const asks = { POSTERN_TLS_ASK_CLIENT_CERT: 'true' };
    assert.deepEqual(refused({ ...good, ...asks }), Object.keys(asks));
    const wrong: Record<string, string[]> = {
      POSTERN_TLS_CLIENT_CERT_HEADER: ['Client Cert', 'Client-Cert:', 'Zertifikät'],
      POSTERN_TLS_CLIENT_CA: ['/nowhere/authority.pem'],
      POSTERN_MTLS_ORIGIN: ['http://mtls.example.com', 'https://mtls.example.com/', 'mtls.example.com'],
    };
    for (const [name, values] of Object.entries(wrong)) {
      for (const value of values)
        assert.deepEqual(refused({ ...good, ...header, ...proxies, [name]: value }), [name], value);
    }
  });

  it('want authorities in the file, and nothing else', async () => {
    const [authority, other] = [makeCertificate({ isAuthority: true }), makeCertificate()];
    const files = {
      'none.pem': 'nothing',
      'mixed.pem': authority.cert + other.cert,
      'key.pem': authority.key,
    };
    for (const [name, text] of Object.entries(files)) {
      const env = {
        ...good,
        POSTERN_TRUSTED_PROXIES: '10.0.0.1',
        POSTERN_TLS_CLIENT_CERT_HEADER: 'Client-Cert',
        POSTERN_TLS_CLIENT_CA: await fileWith(name, text),
        POSTERN_LOG_LEVEL: 'silent',
      };
      const { exitCode, stderr } = await runCommand(['serve'], { env });
      assert.equal(exitCode, 78);
      assert.match(stderr, new RegExp(`POSTERN_TLS_CLIENT_CA.*${name}`));
    }
  });
});

describe('the settings for mail', () => {
  const from = { POSTERN_MAIL_FROM: 'postern@example.com' };

  it('are a URL and a sender, both or neither, and no other URL than one of a mail server', () => {
    const url = { POSTERN_SMTP_URL: 'smtps://user:p%40ss@mail.example.com:465' };
    assert.deepEqual(refused({ ...good, ...url }), ['POSTERN_MAIL_FROM']);
    assert.deepEqual(refused({ ...good, ...from }), ['POSTERN_SMTP_URL']);
    const config = loadConfig({ ...good, ...url, ...from });
    assert.deepEqual(config.mail, { smtpUrl: url.POSTERN_SMTP_URL, from: from.POSTERN_MAIL_FROM });
    assert.equal(loadConfig(good).mail, undefined);
    const wrong: Record<string, string[]> = {
      POSTERN_SMTP_URL: [
        'mail.example.com',
        'https://mail.example.com',
        'smtp://',
        'smtp://mail.example.com/path',
        'smtp://mail.example.com?ignoreTLS=true',
        'smtp://user@mail.example.com',
        'smtp://user:%zz@mail.example.com',
        'smtp://user:a%0d%0ab@mail.example.com',
      ],
      POSTERN_MAIL_FROM: [
        'postern',
        'a@example.com, b@example.com',
        'Example <postern@example.com',
        'Example\nBcc: x@example.com <postern@example.com>',
      ],
    };
    for (const [name, values] of Object.entries(wrong)) {
      for (const value of values)
        assert.deepEqual(refused({ ...good, ...url, ...from, [name]: value }), [name], value);
    }
    const named = { POSTERN_MAIL_FROM: 'Example Company <postern@example.com>' };
    assert.equal(loadConfig({ ...good, ...url, ...named }).mail?.from, named.POSTERN_MAIL_FROM);
  });

  it('tell no password where they are wrong, and may keep it in a file', async () => {
    const POSTERN_SMTP_URL = 'smtp://user:hunter2@mail.example.com/path';
    assert.throws(
      () => loadConfig({ ...good, ...from, POSTERN_SMTP_URL }),
      (error: AppError) => !error.publicMessage.includes('hunter2'),
    );
    const POSTERN_SMTP_URL_FILE = await fileWith('smtp', 'smtps://user:hunter2@mail.example.com\n');
    const { mail } = loadConfig({ ...good, ...from, POSTERN_SMTP_URL_FILE });
    assert.equal(mail?.smtpUrl, 'smtps://user:hunter2@mail.example.com');
  });
});

describe('a setting', () => {
  it('that is empty counts as not set', () => {
    const config = loadConfig({
      ...good,
      POSTERN_PORT: '',
      POSTERN_HOST: '',
      POSTERN_TLS_CERT: '',
      POSTERN_DATA: '',
    });
    assert.equal(config.port, Number(new URL(config.issuer).port));
    assert.equal(config.host, 'localhost');
    assert.equal(config.tls, undefined);
  });

  it('that is secret may stand in a file', async () => {
    const files = {
      POSTERN_SECRET_FILE: await fileWith('secret', `${testSecret}\n`),
      DATABASE_URL_FILE: await fileWith('url', `${database.url}\n`),
    };
    const config = loadConfig({ POSTERN_ISSUER: good.POSTERN_ISSUER, ...files });
    assert.equal(config.secret, testSecret);
    assert.equal(config.databaseUrl, database.url);
    assert.deepEqual(refused({ ...good, ...files }), ['DATABASE_URL_FILE', 'POSTERN_SECRET_FILE']);
    const short = { ...files, POSTERN_SECRET_FILE: await fileWith('short', 'hunter2\n') };
    assert.deepEqual(refused(short), ['POSTERN_SECRET']);
    const missing = { ...files, POSTERN_SECRET_FILE: join(folder, 'missing') };
    assert.ok(refused(missing).includes('POSTERN_SECRET_FILE'));
  });
});

describe('a server that cannot start', () => {
  it('says which port another program has', async () => {
    const other = createServer().listen({ host: 'localhost', port: 0 });
    await once(other, 'listening');
    const { port } = other.address() as { port: number };
    const { exitCode, stderr } = await runCommand(['serve'], {
      env: { ...good, POSTERN_PORT: String(port), POSTERN_LOG_LEVEL: 'silent' },
    });
    other.close();
    assert.equal(exitCode, 78);
    assert.match(
      stderr,
      new RegExp(`^postern: Cannot listen on localhost port ${port} \\(EADDRINUSE\\)\\n$`),
    );
  });

  it('says that its database is away, in one line without its password', async () => {
    const url = new URL(database.url);
    url.port = String(await findFreePort());
    url.password = 'hunter2';
    const { exitCode, stderr } = await runCommand(['serve'], { env: { ...good, DATABASE_URL: url.href } });
    assert.equal(exitCode, 1);
    assert.match(stderr, /^postern: [^\n]*\(ECONNREFUSED\)\n$/);
    assert.ok(!stderr.includes('hunter2'));
  });

  it('says that a certificate and a key do not belong together', async () => {
    const POSTERN_TLS_CERT = await fileWith('one.pem', createCertificate().cert);
    const POSTERN_TLS_KEY = await fileWith('other.pem', createCertificate().key);
    const env = { ...good, POSTERN_TLS_CERT, POSTERN_TLS_KEY, POSTERN_LOG_LEVEL: 'silent' };
    const { exitCode, stderr } = await runCommand(['serve'], { env });
    assert.equal(exitCode, 78);
    assert.match(stderr, /one\.pem.*other\.pem/);
  });
});

describe('a certificate and a key', () => {
  it('make the server speak https itself', async () => {
    const { cert, key } = createCertificate();
    const issuer = `https://localhost:${await findFreePort()}`;
    const server = await serve({
      ...good,
      POSTERN_ISSUER: issuer,
      POSTERN_TLS_CERT: await fileWith('own.pem', cert),
      POSTERN_TLS_KEY: await fileWith('own-key.pem', key),
    });
    const get = request(`${issuer}/.well-known/oauth-authorization-server`, { ca: cert, agent: false }).end();
    const [answer] = await once(get, 'response');
    const metadata = (await json(answer)) as { issuer: string };
    assert.equal(metadata.issuer, issuer);
    assert.match(answer.headers['strict-transport-security'], /^max-age=\d{8,}$/);
    const page = request(`${issuer}/device`, { ca: cert, agent: false }).end();
    const [shown] = await once(page, 'response');
    shown.resume();
    for (const cookie of shown.headers['set-cookie']) assert.match(cookie, /^__Host-.*; secure/i);
    await server.end();
  });
});
