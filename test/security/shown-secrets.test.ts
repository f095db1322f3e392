import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { serverChain } from '../../src/audit/chain.ts';
import { createPool } from '../../src/postgres/pool.ts';
import { sql } from '../../src/postgres/sql.ts';
import { sha256 } from '../../src/secret.ts';
import { createOwner } from '../cli/terminal.ts';
import { findDemoColleague } from '../support/api-token.ts';
import { untilRecorded } from '../support/audit.ts';
import { introspect, poll } from '../support/client.ts';
import { findFreePort } from '../support/port.ts';
import { openDatabase, type TestDatabase } from '../support/postgres.ts';
import { type Process, readLog, serve } from '../support/process.ts';
import { findAnywhere, findWords, spellings, unfold } from '../support/search.ts';
import type { Secrets } from '../support/secrets.ts';
import { testSecret } from '../support/server.ts';
import { testLog } from '../support/temporary-postgres.ts';
import { type ShownSecrets, watchTraffic } from '../support/traffic.ts';
import { administrate, driveEverything, type LegacyToken, type Stage } from './every-flow.ts';

/** Everything that this process has sent and got here that nobody else may know. */
let shown: ShownSecrets;
const end = new AbortController();
/** The same as far as somebody wrote down what was secret, and what never left the server. */
let known: Secrets;
/** All of it, each value with what it is. */
let secrets: Map<string, string>;

const owner = createOwner();
let database: TestDatabase;
let stage: Stage;
let served: Process;
let legacy: LegacyToken;
let dump: string;
before(async () => {
  shown = watchTraffic(end.signal);
  database = await openDatabase();
  const port = await findFreePort();
  const issuer = `http://localhost:${port}`;
  served = await serve({
    POSTERN_MODE: 'development',
    POSTERN_ISSUER: issuer,
    POSTERN_PORT: `${port}`,
    POSTERN_SECRET: testSecret,
    POSTERN_LOG_LEVEL: 'trace',
    POSTERN_REGISTRATION: 'on',
    POSTERN_API_RATE_LIMIT: '100000',
    POSTERN_TRUSTED_PROXIES: '127.0.0.1 ::1',
    DATABASE_URL: database.url,
  });
  const db = createPool({ url: database.url, log: testLog, max: 4 });
  stage = { issuer, db, databaseUrl: database.url, owner };
  ({ known, legacy } = await driveEverything(stage));
  secrets = new Map(shown);
  for (const [what, value] of known) secrets.set(value, what);
  await untilRecorded(db, serverChain, { action: 'sign_in.failed' });
  dump = await readEverything();
});
after(async () => {
  end.abort();
  await owner.end();
  await served.end();
  await stage.db.close();
  await database.drop();
});

/** Every row of every table as text; bytes in hexadecimal. */
async function readEverything(): Promise<string> {
  const { db } = stage;
  const tables = await db.query<{ name: string }>(
    sql`select tablename as name from pg_tables where schemaname = 'public' order by tablename`,
  );
  const texts: string[] = [];
  for (const { name } of tables) {
    const rows = await db.query<{ row: string }>(sql`select t::text as row from ${sql.identifier(name)} t`);
    texts.push(...rows.map(({ row }) => `${name} ${row}`));
  }
  return texts.join('\n');
}

describe('what passes between clients and the server', () => {
  it('is heard, whatever it is called and wherever it stands', () => {
    const neverSent = /^the (master secret|signing key|new secret)|user code as it is kept|for the address$/;
    for (const [what, value] of known) {
      if (!neverSent.test(what)) assert.ok(shown.has(value), what);
      assert.ok(value.length >= 8, what);
    }
    const names = new Set(shown.values());
    for (const name of [
      'access_token',
      'refresh_token',
      'device_code',
      'user_code',
      'client_secret',
      'client_assertion',
      'registration_access_token',
      'value',
      'link',
      'invitation',
      'password',
      'csrf',
      'ticket',
      'a cookie',
      'a password of Basic',
      'basic',
      'bearer',
      'dpop',
    ])
      assert.ok(names.has(name), name);
  });
});

describe('a dump of the database', () => {
  it('is of all that happened', () => {
    for (const table of [
      'access_tokens_',
      'api_token_values',
      'audit_events_',
      'audit_keys',
      'client_secrets',
      'device_codes',
      'grants',
      'idempotent_requests',
      'initial_access_tokens',
      'invitations',
      'rate_limits',
      'records',
      'refresh_tokens_',
      'revoked_tokens_',
      'sessions',
    ])
      assert.match(dump, new RegExp(`^${table}`, 'm'));
    assert.ok(dump.includes(legacy.id));
  });

  it('holds no secret, in no spelling', () => {
    assert.deepEqual(findAnywhere(unfold(dump), secrets), []);
  });

  it('holds what was shown as its digest', () => {
    for (const kind of ['access_token', 'refresh_token', 'device_code', 'client_secret', 'value']) {
      const found = [...shown].filter(
        ([value, name]) => name === kind && dump.includes(sha256(value).toString('hex')),
      );
      assert.ok(found.length > 0, kind);
    }
  });

  it('holds no plain digest of what is short enough to be guessed', () => {
    const guessable = [...secrets].filter(([, name]) => /password$|user.code|again|legacy/.test(name));
    assert.ok(guessable.length > 10);
    const unfolded = unfold(dump);
    for (const [value, name] of guessable)
      assert.ok(!unfolded.includes(sha256(value).toString('latin1')), name);
  });

  it('holds nothing that works in place of a token or a code', async () => {
    const { db, issuer } = stage;
    const [row] = await db.query<{ token: Buffer; code: Buffer }>(
      sql`select (select digest from access_tokens limit 1) as token,
            (select digest from device_codes where decided_at is not null and consumed_at is null limit 1) as code`,
    );
    assert.ok(row);
    for (const form of ['hex', 'base64', 'base64url', 'latin1'] as const) {
      assert.deepEqual((await introspect(issuer, row.token.toString(form))).body, { active: false });
      const { status, body } = await poll(issuer, row.code.toString(form));
      assert.deepEqual([status, body.error], [400, 'invalid_grant']);
    }
  });

  it('holds nothing that works in place of a value of an API token', async () => {
    const { db, issuer } = stage;
    const rows = await db.query<{ digest: Buffer; id: string; token_id: string }>(
      sql`select digest, id, token_id from api_token_values`,
    );
    assert.ok(rows.length > 5);
    for (const { digest, id, token_id } of rows) {
      for (const text of [digest.toString('hex'), digest.toString('base64'), id, token_id]) {
        assert.deepEqual((await introspect(issuer, text)).body, { active: false });
        assert.deepEqual((await introspect(issuer, `${legacy.id}:${text}`)).body, { active: false });
      }
    }
  });
});

describe('an export of the audit log', () => {
  it('holds no secret, in no spelling', async () => {
    const { organizationId } = await findDemoColleague(stage.db);
    for (const flags of [[], ['--organization', organizationId]]) {
      const events = await administrate(stage, 'audit', 'export', '--database', ...flags);
      assert.ok(events.includes('"token.created"') || events.includes('"sign_in.failed"'));
      assert.deepEqual(findAnywhere(unfold(events), secrets), []);
    }
  });
});

describe('the log of a server, at its most talkative', () => {
  it('holds no secret that was shown or sent, in no spelling', () => {
    const log = readLog(served);
    for (const path of ['/oauth/token', '/oauth/register', '/api/v1/tokens', '/join', '/sign-in'])
      assert.ok(log.includes(`"${path}"`), path);
    assert.deepEqual(findAnywhere(unfold(log), secrets), []);
    assert.deepEqual(findWords(log, secrets), []);
  });
});

describe('the search', () => {
  const spelled: Record<string, (value: string) => string> = {
    'as it is': (value) => `before ${value} behind`,
    'in JSON': (value) => JSON.stringify({ [value]: [value] }),
    'in hexadecimal': (value) => `\\x${Buffer.from(`before ${value}`).toString('hex')}`,
    'in base64': (value) => `before=${Buffer.from(`"${value}"`).toString('base64')}`,
    'in base64url, in bytes': (value) =>
      `\\x${Buffer.from(`{"a":"${Buffer.from(value).toString('base64url')}"}`).toString('hex')}`,
  };
  for (const [how, spell] of Object.entries(spelled)) {
    it(`finds every secret in a dump ${how}`, async () => {
      const { db } = stage;
      await db.query(
        sql`create table planted (value) as select unnest(${[...secrets.keys()].map(spell)}::text[])`,
      );
      const planted = unfold(await readEverything());
      await db.query(sql`drop table planted`);
      assert.equal(findAnywhere(planted, secrets).length, secrets.size);
    });
  }

  it('finds every secret in a log, in every spelling', () => {
    for (const spelling of [0, 1, 2, 3]) {
      const lines = [...secrets.keys()].map((value) =>
        JSON.stringify({ msg: `a\n${spellings(value)[spelling]}` }),
      );
      assert.equal(findWords(lines.join('\n'), secrets).length, secrets.size);
    }
  });
});
