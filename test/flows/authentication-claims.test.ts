import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { decodeJwt } from 'jose';
import { demoJwtResource, demoResource } from '../../src/development.ts';
import { sql } from '../../src/postgres/sql.ts';
import { introspect, poll, post, refresh, requestDevice, requestMachineToken } from '../support/client.ts';
import { hire } from '../support/company.ts';
import { accessTokenType, exchangeGrant, registerGateway } from '../support/exchange.ts';
import { createPerson } from '../support/person.ts';
import { setUpApp } from '../support/second-factor.ts';
import { startServer, type TestServer } from '../support/server.ts';

let server: TestServer;
before(async () => {
  server = await startServer({ settings: { POSTERN_API_RATE_LIMIT: '10000' } });
});
beforeEach(() => issueAs('opaque'));
after(() => server.stop());

const multiFactor = 'urn:postern:acr:multi-factor';

/** What access tokens for the demo API are from now on. */
const issueAs = (format: 'opaque' | 'jwt') =>
  server.db.query(sql`update resources set access_token_format = ${format} where uri = ${demoResource.uri}`);

/** Somebody with an app lets a device in; what it gets, and when they signed in. */
async function letIn() {
  const { issuer, db } = server;
  const employee = await hire(server);
  const app = await setUpApp(server, employee);
  const person = createPerson(issuer);
  const { body: device } = await requestDevice(issuer);
  await person.enterCode(device.user_code, employee.account);
  await person.submit('/sign-in/second-factor', { code: app.code() });
  await person.decide('allow');
  const { body: tokens } = await poll(issuer, device.device_code);
  const [session] = await db.query<{ auth_time: number }>(sql`
    select floor(extract(epoch from authenticated_at))::int as auth_time from sessions
    where user_id = ${employee.id}::uuid order by created_at desc limit 1`);
  return { tokens, auth_time: session?.auth_time, userId: employee.id };
}

/** What an answer says of how its person authenticated. */
function authenticationIn({ auth_time, acr, amr }: Record<string, unknown>) {
  return { auth_time, acr, amr };
}

const nothing = { auth_time: undefined, acr: undefined, amr: undefined };

describe('an access token of a person', () => {
  it('tells in introspection when and how they authenticated, also after a refresh (RFC 9470 section 6.2)', async () => {
    const { tokens, auth_time } = await letIn();
    const { body: renewed } = await refresh(server.issuer, tokens.refresh_token);
    for (const { access_token } of [tokens, renewed]) {
      const { body } = await introspect(server.issuer, access_token);
      assert.equal(body.active, true);
      assert.deepEqual(authenticationIn(body), { auth_time, acr: multiFactor, amr: ['pwd', 'otp', 'mfa'] });
    }
  });

  it('tells it as claims where it is a JWT, also after a refresh (RFC 9068 section 2.2.1)', async () => {
    await issueAs('jwt');
    const { tokens, auth_time } = await letIn();
    const { body: renewed } = await refresh(server.issuer, tokens.refresh_token);
    for (const { access_token } of [tokens, renewed]) {
      const expected = { auth_time, acr: multiFactor, amr: ['pwd', 'otp', 'mfa'] };
      assert.deepEqual(authenticationIn(decodeJwt(access_token)), expected);
      assert.deepEqual(authenticationIn((await introspect(server.issuer, access_token)).body), expected);
    }
  });

  it('hands it on to what it is exchanged for, and that to what comes after', async () => {
    const { gateway, inner } = await registerGateway(server.db, demoResource.uri);
    const { tokens, auth_time } = await letIn();
    const expected = { auth_time, acr: multiFactor, amr: ['pwd', 'otp', 'mfa'] };
    let subject: string = tokens.access_token;
    for (let step = 0; step < 2; step += 1) {
      const form = { grant_type: exchangeGrant, subject_token: subject, subject_token_type: accessTokenType };
      const { body } = await post(`${server.issuer}/oauth/token`, form, { basic: gateway.basic });
      subject = body.access_token;
      assert.deepEqual(authenticationIn(decodeJwt(subject)), expected);
      const asked = await post(
        `${server.issuer}/oauth/introspect`,
        { token: subject },
        { basic: inner.basic },
      );
      assert.deepEqual(authenticationIn(asked.body), expected);
    }
  });

  it('tells nothing of it where it was approved before that was remembered', async () => {
    await issueAs('jwt');
    const { tokens, userId } = await letIn();
    await server.db.query(
      sql`update grants set payload = (payload::jsonb - 'authentication')::json where account_id = ${userId}`,
    );
    const { body } = await refresh(server.issuer, tokens.refresh_token);
    assert.deepEqual(authenticationIn(decodeJwt(body.access_token)), nothing);
    assert.deepEqual(authenticationIn((await introspect(server.issuer, body.access_token)).body), nothing);
  });
});

describe('an access token of a machine', () => {
  it('tells of no authentication of a person', async () => {
    for (const resource of [demoResource.uri, demoJwtResource.uri]) {
      const { body } = await requestMachineToken(server.issuer, { resource });
      assert.deepEqual(authenticationIn((await introspect(server.issuer, body.access_token)).body), nothing);
    }
  });
});

describe('the metadata', () => {
  it('names the authentication context classes (RFC 9470 section 7)', async () => {
    const response = await fetch(`${server.issuer}/.well-known/oauth-authorization-server`);
    const metadata = (await response.json()) as Record<string, unknown>;
    assert.deepEqual(metadata.acr_values_supported, ['urn:postern:acr:single-factor', multiFactor]);
  });
});
