import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { apiScopes } from '../../src/api/scope.ts';
import { startApp } from '../../src/app.ts';
import { loadConfig } from '../../src/config.ts';
import { addDevelopmentData, demoUser, hasDevelopmentData } from '../../src/development.ts';
import { AppError } from '../../src/errors.ts';
import { sql } from '../../src/postgres/sql.ts';
import { addResource, findResource } from '../../src/resources/resource.ts';
import { openProduction, type Production, requestRobotToken } from '../support/production.ts';
import { captureLog } from '../support/server.ts';

let production: Production;
before(async () => {
  production = await openProduction();
});
after(() => production.drop());

/** Why no server starts under these settings. */
async function refusal(changes: Record<string, string>): Promise<string> {
  try {
    const server = await startApp(loadConfig({ ...production.settings(), ...changes }), captureLog().log);
    await server.stop();
  } catch (error) {
    assert.ok(error instanceof AppError);
    assert.deepEqual([error.code, error.exitCode], ['configuration', 78]);
    return error.publicMessage;
  }
  assert.fail('it starts');
}

describe('production', () => {
  it('is what a server runs in that is told nothing', () => {
    assert.equal(loadConfig(production.settings()).mode, 'production');
  });

  it('demands a secret that nobody can guess', async () => {
    for (const POSTERN_SECRET of ['', 'short', 'x'.repeat(64), 'abcabcabc'.repeat(8)]) {
      assert.match(await refusal({ POSTERN_SECRET }), /POSTERN_SECRET: .*32 random bytes/, POSTERN_SECRET);
    }
  });

  it('demands a database', async () => {
    assert.match(await refusal({ DATABASE_URL: '' }), /DATABASE_URL: set a URL/);
  });

  it('demands https of an issuer that is not loopback', async () => {
    for (const POSTERN_ISSUER of [
      'http://login.example.com',
      'http://10.0.0.1',
      'http://localhost.example.com',
    ]) {
      assert.match(await refusal({ POSTERN_ISSUER }), /POSTERN_ISSUER: write an https URL/, POSTERN_ISSUER);
    }
    for (const POSTERN_ISSUER of [
      'http://127.0.0.1:8628',
      'http://[::1]:8628',
      'https://login.example.com',
    ]) {
      const config = loadConfig({ ...production.settings(), POSTERN_ISSUER });
      assert.equal(config.issuer, POSTERN_ISSUER);
    }
  });

  it('neither makes nor shows the development data', async () => {
    const config = loadConfig(production.settings());
    const server = await startApp(config, captureLog().log);
    try {
      assert.equal(await hasDevelopmentData(production.db), false);
      const page = await (await fetch(`${production.issuer}/sign-in`)).text();
      assert.ok(!page.includes(demoUser.email) && !page.includes(demoUser.password));
    } finally {
      await server.stop();
    }
  });

  it('refuses a database whose keys another secret has sealed, and leaves them alone', async () => {
    const keys = () => production.db.query(sql`select * from signing_keys`);
    const kept = await keys();
    assert.equal(kept.length, 1);
    const POSTERN_SECRET = 'another-master-secret-0123456789-abcdefghij';
    assert.match(
      await refusal({ POSTERN_SECRET }),
      /POSTERN_SECRET: write the master secret that this database/,
    );
    assert.deepEqual(await keys(), kept);
  });

  it('refuses an issuer whose management API is somebody’s own API, and leaves that alone', async () => {
    const { db } = production;
    const POSTERN_ISSUER = 'https://other.example.com';
    const uri = `${POSTERN_ISSUER}/api`;
    await addResource(db, { uri, name: 'Ours', scopes: { read: 'See', 'tokens:read': 'See tokens' } });
    const kept = await findResource(db, uri);
    assert.match(
      await refusal({ POSTERN_ISSUER }),
      /POSTERN_ISSUER: write another one; .* as an API of yours/,
    );
    assert.deepEqual(await findResource(db, uri), kept);
  });

  it('keeps its management API up to date at every start', async () => {
    const { db } = production;
    const uri = `${production.issuer}/api`;
    await db.query(sql`delete from resource_scopes where resource = ${uri} and scope <> 'tokens:read'`);
    await db.query(
      sql`insert into resource_scopes (resource, scope, description) values (${uri}, 'gone', '')`,
    );
    await db.query(sql`update resources set name = 'Before' where uri = ${uri}`);
    const server = await startApp(loadConfig(production.settings()), captureLog().log);
    await server.stop();
    const found = await findResource(db, uri);
    assert.equal(found?.name, 'Your account');
    assert.deepEqual(Object.keys(found?.scopes ?? {}), Object.keys(apiScopes).sort());
  });

  it('refuses any part of the development data, even disabled', async () => {
    const { db } = production;
    await addDevelopmentData(db);
    const said = /DATABASE_URL: use another database; this one holds the development data/;
    assert.match(await refusal({}), said);
    await db.query(sql`delete from users`);
    await db.query(sql`delete from clients where id in ('demo-machine', 'demo-api')`);
    await db.query(sql`update clients set disabled_at = now() where id = 'demo-cli'`);
    assert.match(await refusal({}), said);
    await db.query(sql`delete from clients where id = 'demo-cli'`);
    const server = await startApp(loadConfig(production.settings()), captureLog().log);
    try {
      assert.equal((await requestRobotToken(production.issuer)).status, 200);
    } finally {
      await server.stop();
    }
  });
});
