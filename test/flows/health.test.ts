import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { sql } from '../../src/postgres/sql.ts';
import { startServer, type TestServer } from '../support/server.ts';

let server: TestServer;
before(async () => {
  server = await startServer();
});
after(() => server.stop());

async function probe(name: 'live' | 'ready') {
  const answer = await fetch(`${server.issuer}/health/${name}`);
  assert.match(answer.headers.get('content-type') ?? '', /^application\/json/);
  assert.equal(answer.headers.get('cache-control'), 'no-store');
  return { status: answer.status, headers: answer.headers, body: await answer.json() };
}

describe('the liveness probe', () => {
  it('says that the process answers', async () => {
    const { status, body } = await probe('live');
    assert.deepEqual([status, body], [200, { status: 'ok' }]);
  });
});

describe('the readiness probe', () => {
  it('says what it has looked at', async () => {
    const { status, body } = await probe('ready');
    assert.equal(status, 200);
    assert.deepEqual(body, {
      status: 'ready',
      checks: { serving: 'ok', database: 'ok', signing_key: 'ok' },
    });
  });

  it('is 503 while the database lacks a migration that this version wants, and alive', async () => {
    const [last] = await server.db.query<{ name: string; run_on: Date }>(
      sql`delete from migrations where id = (select max(id) from migrations) returning name, run_on`,
    );
    try {
      const { status, headers, body } = await probe('ready');
      assert.equal(status, 503);
      assert.match(headers.get('retry-after') ?? '', /^\d+$/);
      assert.deepEqual(body, {
        status: 'not ready',
        checks: { serving: 'ok', database: 'failed', signing_key: 'ok' },
      });
      assert.equal((await probe('live')).status, 200);
    } finally {
      await server.db.query(
        sql`insert into migrations (name, run_on) values (${last?.name}, ${last?.run_on})`,
      );
    }
    assert.equal((await probe('ready')).status, 200);
  });

  it('is ready for a database that a newer version has migrated further', async () => {
    await server.db.query(sql`insert into migrations (name, run_on) values ('9999_from_tomorrow', now())`);
    assert.equal((await probe('ready')).status, 200);
  });
});
