import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { demoResource } from '../../src/development.ts';
import { sql } from '../../src/postgres/sql.ts';
import { sha256 } from '../../src/secret.ts';
import { type Answer, credentials, introspect, post } from '../support/client.ts';
import { createProver, type Prover } from '../support/proof.ts';
import { registerClient, type TestClient } from '../support/registration.ts';
import { startServer, type TestServer } from '../support/server.ts';

const exchangeGrant = 'urn:ietf:params:oauth:grant-type:token-exchange' as const;

let server: TestServer;
let gateway: TestClient;
before(async () => {
  server = await startServer();
  gateway = await registerClient(server.db, {
    grantTypes: [exchangeGrant],
    exchanges: { [demoResource.uri]: [demoResource.uri] },
  });
});
after(() => server.stop());

/** A token request, with a proof where there is a prover. */
async function ask(form: Record<string, string>, basic: string, prover?: Prover): Promise<Answer> {
  const url = `${server.issuer}/oauth/token`;
  return await post(url, form, { basic, ...(prover && { headers: { DPoP: await prover.prove(url) } }) });
}

const requestToken = async (prover?: Prover): Promise<string> =>
  (await ask({ grant_type: 'client_credentials' }, credentials.machine, prover)).body.access_token;

const exchange = (subject_token: string, prover?: Prover): Promise<Answer> =>
  ask(
    {
      grant_type: exchangeGrant,
      subject_token,
      subject_token_type: 'urn:ietf:params:oauth:token-type:access_token',
    },
    gateway.basic,
    prover,
  );

describe('a token that is bound to a key', () => {
  it('is exchanged for none that is not, at no step', async () => {
    const bound = await requestToken(await createProver());
    const refused = await exchange(bound);
    assert.deepEqual([refused.status, refused.body.error], [400, 'invalid_request']);
    const gate = await createProver();
    const { status, body } = await exchange(bound, gate);
    assert.deepEqual([status, body.token_type], [200, 'DPoP']);
    const seen = await introspect(server.issuer, body.access_token);
    assert.deepEqual(seen.body.cnf, { jkt: gate.thumbprint });
    assert.equal((await exchange(body.access_token)).body.error, 'invalid_request');
  });

  it('is not bound to a certificate in vain either (RFC 8705 section 3)', async () => {
    const subject = await requestToken();
    await server.db.query(
      sql`update access_tokens set payload = jsonb_set(payload::jsonb, '{x5t#S256}', '"thumbprint"')::json
          where digest = ${sha256(subject)}`,
    );
    assert.equal((await exchange(subject)).body.error, 'invalid_request');
    assert.equal((await exchange(subject, await createProver())).body.token_type, 'DPoP');
  });

  it('may come from a bearer token', async () => {
    const { body } = await exchange(await requestToken(), await createProver());
    assert.equal(body.token_type, 'DPoP');
    assert.equal((await exchange(await requestToken())).body.token_type, 'Bearer');
  });
});
