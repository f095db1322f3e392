import assert from 'node:assert/strict';
import { after, before, describe, type TestContext, test } from 'node:test';
import { calculateJwkThumbprint } from 'jose';
import { openCredentials } from '../../src/cli/credentials.ts';
import { sql } from '../../src/postgres/sql.ts';
import { introspect, refresh } from '../support/client.ts';
import { createPerson } from '../support/person.ts';
import { registerClient } from '../support/registration.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { makeHome, runCommand, startCommand } from './terminal.ts';

let server: TestServer;

async function signIn(t: TestContext, ...flags: string[]) {
  const env = { ...(await makeHome(t)), POSTERN_ISSUER: server.issuer };
  const login = startCommand(['login', ...flags], { env });
  const [userCode] = await login.heard(/[A-Z]{4}-[A-Z]{4}/);
  const person = createPerson(server.issuer);
  await person.enterCode(userCode);
  await person.decide('allow');
  const { exitCode, stderr } = await login.outcome;
  assert.equal(exitCode, 0, stderr);
  const credentials = openCredentials(env);
  const account = await credentials.find();
  assert.ok(account);
  /** The token that `postern token` brings once the present one looks expired here. */
  const renew = async () => {
    await credentials.replace({ ...account, expires_at: new Date(0).toISOString() });
    const outcome = await runCommand(['token'], { env });
    assert.equal(outcome.exitCode, 0, outcome.stderr);
    return outcome.stdout.trim();
  };
  return { account, renew };
}

const keyOf = async (token: string) => (await introspect(server.issuer, token)).body.cnf?.jkt;

// Each login waits out the interval of its first poll, so they wait together.
describe('postern login at a server that knows DPoP', { concurrency: true }, () => {
  before(async () => {
    server = await startServer();
  });
  after(() => server.stop());

  test('binds the code from the first request, and every token, to a key that it keeps', async (t) => {
    const { account, renew } = await signIn(t);
    assert.ok(account.dpop_key);
    assert.equal(account.token_type, 'dpop');
    const thumbprint = await calculateJwkThumbprint(account.dpop_key);
    const bound = await server.db.query(
      sql`select 1 from device_codes where payload->>'jkt' = ${thumbprint}`,
    );
    assert.equal(bound.length, 1);
    assert.equal(await keyOf(account.access_token), thumbprint);
    const stolen = await refresh(server.issuer, account.refresh_token ?? '');
    assert.equal(stolen.body.error, 'invalid_grant');
    const renewed = await renew();
    assert.notEqual(renewed, account.access_token);
    assert.equal(await keyOf(renewed), thumbprint);
  });

  test('takes a bearer token with --no-dpop, and renews it, as it does a sign-in from before', async (t) => {
    const { account, renew } = await signIn(t, '--no-dpop');
    assert.deepEqual([account.token_type, account.dpop_key], ['bearer', undefined]);
    assert.equal(await keyOf(account.access_token), undefined);
    const renewed = await renew();
    assert.notEqual(renewed, account.access_token);
    assert.equal((await introspect(server.issuer, renewed)).body.active, true);
  });

  test('minds the nonces of a server that demands them', async (t) => {
    const { id } = await registerClient(server.db, {
      authentication: 'none',
      grantTypes: ['urn:ietf:params:oauth:grant-type:device_code', 'refresh_token'],
      requireDpopNonce: true,
      dpopBoundAccessTokens: true,
    });
    const { account, renew } = await signIn(t, '--client', id);
    assert.equal(account.token_type, 'dpop');
    assert.equal(await keyOf(await renew()), await keyOf(account.access_token));
  });
});
