import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { decodeJwt } from 'jose';
import { demoMachine, demoResource } from '../../src/development.ts';
import { sql } from '../../src/postgres/sql.ts';
import { type Answer, introspect, post, requestMachineToken } from '../support/client.ts';
import { accessTokenType, exchangeGrant, registerGateway } from '../support/exchange.ts';
import { signAsServer } from '../support/forger.ts';
import type { TestClient } from '../support/registration.ts';
import { startServer, type TestServer } from '../support/server.ts';

let server: TestServer;
let gateway: TestClient;
before(async () => {
  server = await startServer();
  ({ gateway } = await registerGateway(server.db, demoResource.uri));
  await server.db.query(sql`update resources set access_token_format = 'jwt'`);
});
after(() => server.stop());

/** A live JWT that names who may act in it. */
async function jwtNaming(may_act: object): Promise<string> {
  const { body } = await requestMachineToken(server.issuer);
  const token = await signAsServer(server.db, { ...decodeJwt(body.access_token), may_act });
  assert.equal((await introspect(server.issuer, token)).body.active, true);
  return token;
}

const exchange = (subject_token: string, more: Record<string, string> = {}): Promise<Answer> =>
  post(
    `${server.issuer}/oauth/token`,
    { grant_type: exchangeGrant, subject_token, subject_token_type: accessTokenType, ...more },
    { basic: gateway.basic },
  );

describe('a JWT that names who may act (RFC 8693 section 4.4)', () => {
  it('is exchanged by nobody else, with or without an actor', async () => {
    const actor = {
      actor_token: (await requestMachineToken(server.issuer)).body.access_token,
      actor_token_type: accessTokenType,
    };
    for (const may_act of [{ sub: 'somebody-else' }, { client_id: 'another-client' }, {}]) {
      for (const more of [{}, actor]) {
        const { status, body } = await exchange(await jwtNaming(may_act), more);
        assert.deepEqual([status, body.error], [400, 'invalid_request'], JSON.stringify(may_act));
      }
    }
    const ofGateway = await exchange(await jwtNaming({ sub: gateway.id }), actor);
    assert.equal(ofGateway.body.error, 'invalid_request', 'the actor is not the one that is named');
  });

  it('is exchanged by the one that it names', async () => {
    assert.equal((await exchange(await jwtNaming({ client_id: gateway.id }))).status, 200);
    const actor_token = (await requestMachineToken(server.issuer)).body.access_token;
    const actor = { actor_token, actor_token_type: accessTokenType };
    const { status, body } = await exchange(await jwtNaming({ sub: demoMachine.id }), actor);
    assert.equal(status, 200);
    assert.deepEqual(decodeJwt(body.access_token).act, { sub: demoMachine.id, client_id: demoMachine.id });
  });
});
