import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { apiScopes } from '../../src/api/scope.ts';
import { demoResource } from '../../src/development.ts';
import { sql } from '../../src/postgres/sql.ts';
import { randomText, sha256 } from '../../src/secret.ts';
import { addColleague, importLegacy, makeApiToken, showMe, takeValue } from '../support/api-token.ts';
import { basic, introspect, revoke } from '../support/client.ts';
import { startServer, type TestServer } from '../support/server.ts';

let server: TestServer;
/** Every value that somebody was shown, or has, by what it is. */
const values = new Map<string, string>();
let legacy: { id: string; secret: string };
before(async () => {
  server = await startServer();
  await driveEverything();
});
after(() => server.stop());

async function driveEverything(): Promise<void> {
  const { db, issuer } = server;
  const owner = await addColleague(db);
  const own = { [`${issuer}/api`]: Object.keys(apiScopes), [demoResource.uri]: ['read'] };
  const token = await makeApiToken(db, owner, { permissions: own });
  values.set('an API token', token.text);
  const call = async (path: string, body: object, headers: Record<string, string> = {}) => {
    const response = await fetch(`${issuer}/api/v1${path}`, {
      method: 'POST',
      body: JSON.stringify(body),
      headers: { authorization: `Bearer ${token.text}`, 'content-type': 'application/json', ...headers },
    });
    assert.ok(response.ok, await response.clone().text());
    // biome-ignore lint/suspicious/noExplicitAny: the reference names the members
    return (await response.json()) as any;
  };
  const chosen = { name: 'Made', permissions: { [demoResource.uri]: ['read'] } };
  const made = await call('/tokens', chosen, { 'idempotency-key': 'once' });
  values.set('a token that was made once', made.value);
  const rotated = await call(`/tokens/${made.id}/rotate`, { overlap_seconds: 600 });
  values.set('a token that was rotated', rotated.value);
  const shared = await call('/shared-tokens', chosen);
  values.set('a shared token', shared.value);
  const colleague = await addColleague(db, { organizationId: owner.organizationId });
  values.set('a value of a shared token', await takeValue(db, shared, colleague));
  const revoked = await makeApiToken(db, owner);
  values.set('a revoked token', revoked.text);
  await revoke(issuer, revoked.text);

  legacy = { id: randomUUID(), secret: randomText() };
  values.set('the secret of a legacy token', legacy.secret);
  const credential = {
    id: legacy.id,
    secretDigest: sha256(legacy.secret),
    ownerEmail: owner.email,
    name: 'Old',
  };
  assert.equal(await importLegacy(db, owner.organizationId, credential), 'imported');
  for (const text of values.values()) {
    await showMe(issuer, { authorization: `Bearer ${text}`, 'user-agent': 'curl' });
    await introspect(issuer, text);
  }
  await showMe(issuer, { authorization: basic(`${legacy.id}:${legacy.secret}`) });
}

/** Every row of every table as text; bytes in hexadecimal. */
async function readEverything(): Promise<string> {
  const tables = await server.db.query<{ name: string }>(
    sql`select tablename as name from pg_tables where schemaname = 'public'`,
  );
  const rows = await Promise.all(
    tables.map(({ name }) =>
      server.db.query<{ row: string }>(sql`select t::text as row from ${sql.identifier(name)} t`),
    ),
  );
  return rows
    .flat()
    .map(({ row }) => row)
    .join('\n');
}

const spellings = (value: string) => [
  value,
  ...(['hex', 'base64', 'base64url'] as const).map((form) =>
    Buffer.from(value).toString(form).replace(/=+$/, ''),
  ),
];

describe('a dump of the database', () => {
  it('holds no value of an API token, in no spelling, and no digest of a legacy secret alone', async () => {
    const dump = await readEverything();
    assert.ok(dump.includes(legacy.id));
    for (const [what, value] of values)
      for (const form of spellings(value)) assert.ok(!dump.includes(form), what);
    assert.ok(!dump.includes(sha256(legacy.secret).toString('hex')));
  });

  it('holds nothing that works in place of a value', async () => {
    const rows = await server.db.query<{ digest: Buffer; id: string; token_id: string }>(
      sql`select digest, id, token_id from api_token_values`,
    );
    assert.ok(rows.length > 5);
    for (const { digest, id, token_id } of rows) {
      for (const text of [digest.toString('hex'), digest.toString('base64'), id, token_id]) {
        assert.deepEqual((await introspect(server.issuer, text)).body, { active: false });
        assert.deepEqual((await introspect(server.issuer, `${legacy.id}:${text}`)).body, { active: false });
      }
    }
  });
});

describe('the log', () => {
  it('holds no value of an API token', () => {
    const lines = server.logged();
    assert.ok(lines.includes('/api/v1/users/me'));
    for (const [what, value] of values)
      for (const form of spellings(value)) assert.ok(!lines.includes(form), what);
    assert.ok(!lines.includes(Buffer.from(`${legacy.id}:${legacy.secret}`).toString('base64')));
  });
});
