import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import fc from 'fast-check';
import { decodeJwt } from 'jose';
import { disableClient } from '../../src/clients/client.ts';
import { parseRegistration } from '../../src/clients/registration.ts';
import { demoUser } from '../../src/development.ts';
import { sql } from '../../src/postgres/sql.ts';
import { addResource } from '../../src/resources/resource.ts';
import { sha256 } from '../../src/secret.ts';
import { findUserByEmail } from '../../src/users/user.ts';
import { type Answer, post, revoke } from '../support/client.ts';
import { letDeviceIn } from '../support/device-login.ts';
import { createProver } from '../support/proof.ts';
import { registerClient, type TestClient } from '../support/registration.ts';
import { startServer, type TestServer } from '../support/server.ts';

const exchangeGrant = 'urn:ietf:params:oauth:grant-type:token-exchange' as const;
const deviceGrant = 'urn:ietf:params:oauth:grant-type:device_code' as const;
const accessTokenType = 'urn:ietf:params:oauth:token-type:access_token';
const jwtType = 'urn:ietf:params:oauth:token-type:jwt';
const front = 'https://front.example.com';
const inner = 'https://inner.example.com';
const deep = 'https://deep.example.com';
const all = {
  [front]: ['read', 'write', 'front'],
  [inner]: ['read', 'write', 'inner'],
  [deep]: ['read', 'write'],
};

let server: TestServer;
let device: TestClient;
let machine: TestClient;
let gateway: TestClient;
let service: TestClient;
before(async () => {
  server = await startServer();
  for (const [uri, scopes] of Object.entries(all)) {
    await addResource(server.db, {
      uri,
      name: uri,
      scopes: Object.fromEntries(scopes.map((scope) => [scope, scope])),
      accessTokenFormat: uri === inner ? 'jwt' : 'opaque',
    });
  }
  device = await registerClient(server.db, {
    allowed: { [front]: all[front] ?? [] },
    defaultResource: front,
    authentication: 'none',
    grantTypes: [deviceGrant, 'refresh_token'],
  });
  machine = await registerClient(server.db, { allowed: all, defaultResource: front });
  gateway = await registerClient(server.db, {
    allowed: { [inner]: ['read', 'write', 'inner'], [front]: ['read'] },
    defaultResource: inner,
    audiences: [front],
    grantTypes: [exchangeGrant, 'client_credentials'],
    exchanges: { [front]: [inner] },
  });
  service = await registerClient(server.db, {
    allowed: { [deep]: ['read', 'write'] },
    defaultResource: deep,
    audiences: [inner, deep],
    grantTypes: [exchangeGrant],
    exchanges: { [inner]: [deep] },
  });
});
after(() => server.stop());

const exchange = (subject: string, form: Record<string, string> = {}, client = gateway): Promise<Answer> =>
  post(
    `${server.issuer}/oauth/token`,
    { grant_type: exchangeGrant, subject_token: subject, subject_token_type: accessTokenType, ...form },
    { basic: client.basic },
  );

const signIn = (scope = 'read write front offline_access') =>
  letDeviceIn(server.issuer, { client_id: device.id, scope });

const machineToken = async (client = machine, form: Record<string, string> = {}): Promise<string> =>
  (
    await post(
      `${server.issuer}/oauth/token`,
      { grant_type: 'client_credentials', ...form },
      { basic: client.basic },
    )
  ).body.access_token;

const introspect = async (token: string, client = service) =>
  (await post(`${server.issuer}/oauth/introspect`, { token }, { basic: client.basic })).body;

async function assertRefused(answer: Promise<Answer>, error: string): Promise<void> {
  const { status, body } = await answer;
  assert.deepEqual([status, body.error], [400, error]);
}

const inactive = { active: false };

describe('token exchange', () => {
  it('gives a token of the same person for the next API, in the shape of RFC 8693 section 2.2.1', async () => {
    const { access_token } = await signIn();
    const { status, headers, body } = await exchange(access_token);
    assert.equal(status, 200);
    assert.equal(headers.get('cache-control'), 'no-store');
    assert.deepEqual(Object.keys(body).sort(), [
      'access_token',
      'expires_in',
      'issued_token_type',
      'scope',
      'token_type',
    ]);
    assert.equal(body.issued_token_type, accessTokenType);
    assert.equal(body.token_type, 'Bearer');
    assert.equal(body.scope, 'read write');
    const user = await findUserByEmail(server.db, demoUser.email);
    const claims = decodeJwt(body.access_token);
    assert.deepEqual([claims.sub, claims.aud, claims.client_id], [user?.id, inner, gateway.id]);
    const seen = await introspect(body.access_token);
    assert.equal(seen.active, true);
    assert.deepEqual(
      [seen.sub, seen.username, seen.aud, seen.scope],
      [user?.id, demoUser.email, inner, 'read write'],
    );
    assert.equal(seen.lineage, undefined);
  });

  it('goes on from API to API, opaque and JWT, for people and for machines', async () => {
    const first = await machineToken();
    const { body: second } = await exchange(first);
    const { body: third } = await exchange(second.access_token, { subject_token_type: jwtType }, service);
    assert.match(third.access_token, /^pst_at_/);
    const seen = await introspect(third.access_token);
    assert.deepEqual([seen.active, seen.sub, seen.client_id, seen.aud], [true, machine.id, service.id, deep]);
  });

  it('nests who acts (RFC 8693 section 4.1)', async () => {
    const { access_token } = await signIn();
    const actor = await machineToken(gateway, { resource: front });
    const { body: second } = await exchange(access_token, {
      actor_token: actor,
      actor_token_type: accessTokenType,
    });
    assert.deepEqual(decodeJwt(second.access_token).act, { sub: gateway.id, client_id: gateway.id });
    const other = await machineToken();
    const { body: third } = await exchange(
      second.access_token,
      { actor_token: other, actor_token_type: accessTokenType },
      service,
    );
    const seen = await introspect(third.access_token);
    assert.deepEqual(seen.act, {
      sub: machine.id,
      client_id: machine.id,
      act: { sub: gateway.id, client_id: gateway.id },
    });
  });

  it('never lives longer than the subject’s token', async () => {
    const { access_token } = await signIn();
    await server.db.query(
      sql`update access_tokens set expires_at = now() + interval '100 seconds',
            payload = jsonb_set(payload::jsonb, '{exp}', to_jsonb(floor(extract(epoch from now()) + 100)))::json
          where digest = ${sha256(access_token)}`,
    );
    const { body } = await exchange(access_token);
    assert.ok(body.expires_in <= 100, `${body.expires_in}`);
    const { exp = 0, iat = 0 } = decodeJwt(body.access_token);
    assert.ok(exp - iat <= 100);
  });

  it('never widens scope: whatever is asked, the answer is within the subject’s token and the client’s list', async () => {
    const scopes = ['read', 'write', 'front', 'inner', 'admin', 'offline_access'];
    const { access_token } = await signIn('read front');
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(fc.constantFrom(...scopes), { maxLength: 4 }), async (asked) => {
        const { status, body } = await exchange(
          access_token,
          asked.length > 0 ? { scope: asked.join(' ') } : {},
        );
        const isWithin = asked.every((scope) => scope === 'read');
        assert.deepEqual(
          [status, body.error ?? body.scope],
          isWithin ? [200, 'read'] : [400, 'invalid_scope'],
        );
      }),
      { numRuns: 25 },
    );
  });
});

describe('token exchange with a DPoP proof (RFC 9449)', () => {
  const exchangeProven = (subject: string, proof: string | undefined, client: TestClient) =>
    post(
      `${server.issuer}/oauth/token`,
      { grant_type: exchangeGrant, subject_token: subject, subject_token_type: accessTokenType },
      { basic: client.basic, ...(proof && { headers: { DPoP: proof } }) },
    );

  it('binds the new token to the key, once for each proof', async () => {
    const prover = await createProver();
    const subject = await machineToken();
    const proof = await prover.prove(`${server.issuer}/oauth/token`);
    const { status, body } = await exchangeProven(subject, proof, gateway);
    assert.deepEqual([status, body.token_type], [200, 'DPoP']);
    assert.deepEqual((await introspect(body.access_token)).cnf, { jkt: prover.thumbprint });
    await assertRefused(exchangeProven(subject, proof, gateway), 'invalid_dpop_proof');
  });

  it('is demanded of a client whose tokens are bound', async () => {
    const bound = await registerClient(server.db, {
      allowed: { [inner]: ['read'] },
      defaultResource: inner,
      grantTypes: [exchangeGrant],
      exchanges: { [front]: [inner] },
      dpopBoundAccessTokens: true,
    });
    const subject = await machineToken();
    await assertRefused(exchangeProven(subject, undefined, bound), 'invalid_grant');
    const proof = await (await createProver()).prove(`${server.issuer}/oauth/token`);
    assert.equal((await exchangeProven(subject, proof, bound)).status, 200);
  });
});

describe('an exchanged token', () => {
  it('dies with the token that it was exchanged for, however many steps away', async () => {
    const { access_token } = await signIn();
    const { body: second } = await exchange(access_token);
    const { body: third } = await exchange(second.access_token, {}, service);
    assert.equal((await introspect(third.access_token)).active, true);
    await revoke(server.issuer, access_token, { client_id: device.id });
    assert.deepEqual(await introspect(second.access_token), inactive);
    assert.deepEqual(await introspect(third.access_token), inactive);
    await assertRefused(exchange(second.access_token, {}, service), 'invalid_request');
  });

  it('dies when a JWT in between is revoked', async () => {
    const { access_token } = await signIn();
    const { body: second } = await exchange(access_token);
    const { body: third } = await exchange(second.access_token, {}, service);
    await post(`${server.issuer}/oauth/revoke`, { token: second.access_token }, { basic: gateway.basic });
    assert.deepEqual(await introspect(third.access_token), inactive);
    assert.equal((await introspect(access_token, gateway)).active, true);
  });

  it('dies with the grant of its person', async () => {
    const tokens = await signIn();
    const { body } = await exchange(tokens.access_token);
    await revoke(server.issuer, tokens.refresh_token, { client_id: device.id });
    assert.deepEqual(await introspect(body.access_token), inactive);
  });

  it('dies with the grant of its person, also where their first token was a JWT', async () => {
    const phone = await registerClient(server.db, {
      allowed: { [inner]: ['read'] },
      defaultResource: inner,
      authentication: 'none',
      grantTypes: [deviceGrant, 'refresh_token'],
    });
    const form = { client_id: phone.id, scope: 'read offline_access' };
    const tokens = await letDeviceIn(server.issuer, form);
    const { body } = await exchange(tokens.access_token, {}, service);
    assert.equal((await introspect(body.access_token)).active, true);
    await revoke(server.issuer, tokens.refresh_token, { client_id: phone.id });
    assert.deepEqual(await introspect(body.access_token), inactive);

    const again = await exchange((await letDeviceIn(server.issuer, form)).access_token, {}, service);
    assert.equal((await introspect(again.body.access_token)).active, true);
    await disableClient(server.db, phone.id);
    assert.deepEqual(await introspect(again.body.access_token), inactive);
  });

  it('dies with a client on its way', async () => {
    const first = await registerClient(server.db, { allowed: all, defaultResource: front });
    const { body } = await exchange(await machineToken(first));
    assert.equal((await introspect(body.access_token)).active, true);
    await disableClient(server.db, first.id);
    assert.deepEqual(await introspect(body.access_token), inactive);
  });
});

describe('an exchange is refused', () => {
  it('for a token that is not alive or not ours, as invalid_request', async () => {
    const { access_token, refresh_token } = await signIn();
    await assertRefused(exchange('garbage'), 'invalid_request');
    await assertRefused(
      exchange('eyJhbGciOiJFUzI1NiJ9.e30.AAAA', { subject_token_type: jwtType }),
      'invalid_request',
    );
    await assertRefused(exchange(refresh_token), 'invalid_request');
    await revoke(server.issuer, access_token, { client_id: device.id });
    await assertRefused(exchange(access_token), 'invalid_request');
  });

  it('without the parameters that belong together', async () => {
    const { access_token } = await signIn();
    const { issuer } = server;
    const grant = { grant_type: exchangeGrant };
    await assertRefused(post(`${issuer}/oauth/token`, grant, { basic: gateway.basic }), 'invalid_request');
    await assertRefused(exchange(access_token, { subject_token_type: '' }), 'invalid_request');
    await assertRefused(exchange(access_token, { subject_token_type: 'urn:else' }), 'invalid_request');
    await assertRefused(exchange(access_token, { actor_token: access_token }), 'invalid_request');
    await assertRefused(exchange(access_token, { actor_token_type: accessTokenType }), 'invalid_request');
    await assertRefused(
      exchange(access_token, { actor_token: 'garbage', actor_token_type: accessTokenType }),
      'invalid_request',
    );
    await assertRefused(
      exchange(access_token, { requested_token_type: 'urn:ietf:params:oauth:token-type:refresh_token' }),
      'invalid_request',
    );
  });

  it('for an API that is not on the client’s list, and says why in the log', async () => {
    const { access_token } = await signIn();
    await assertRefused(exchange(access_token, { resource: deep }), 'invalid_target');
    await assertRefused(
      exchange(access_token, { audience: 'https://elsewhere.example.com' }),
      'invalid_target',
    );
    await assertRefused(exchange(access_token, {}, service), 'invalid_target');
    const { body } = await exchange(access_token, { audience: inner, resource: inner });
    assert.equal(body.scope, 'read write');
    assert.ok(server.logged().includes('refused an exchange: not on the list'));
  });

  it('for two APIs at once', async () => {
    const { access_token } = await signIn();
    await assertRefused(exchange(access_token, { resource: inner, audience: front }), 'invalid_target');
  });

  it('to a client that does not have the grant', async () => {
    const { access_token } = await signIn();
    await assertRefused(exchange(access_token, {}, machine), 'unauthorized_client');
  });

  it('to who is not the one that the token lets act (RFC 8693 section 4.4)', async () => {
    const { access_token } = await signIn();
    const name = async (who: object) => {
      await server.db.query(
        sql`update access_tokens set payload = jsonb_set(payload::jsonb, '{extra}', ${JSON.stringify({ may_act: who })}::jsonb)::json
            where digest = ${sha256(access_token)}`,
      );
    };
    await name({ sub: 'somebody-else' });
    await assertRefused(exchange(access_token), 'invalid_request');
    await name({ sub: gateway.id });
    assert.equal((await exchange(access_token)).status, 200);
    const actor = { actor_token: await machineToken(), actor_token_type: accessTokenType };
    await assertRefused(exchange(access_token, actor), 'invalid_request');
    await name({ client_id: machine.id });
    assert.equal((await exchange(access_token, actor)).status, 200);
    await name({});
    await assertRefused(exchange(access_token), 'invalid_request');
  });

  it('beyond a bounded number of steps', async () => {
    const ring = await registerClient(server.db, {
      allowed: { [front]: ['read'] },
      defaultResource: front,
      grantTypes: [exchangeGrant],
      exchanges: { [front]: [front] },
    });
    let token = await machineToken(machine, { scope: 'read' });
    let steps = 0;
    for (; steps < 50; steps += 1) {
      const { status, body } = await exchange(token, {}, ring);
      if (status !== 200) break;
      token = body.access_token;
    }
    assert.ok(steps > 3 && steps < 20, `${steps} steps`);
  });
});

describe('the registration of a client that exchanges', () => {
  it('names what for what, among its resources, and is not for public clients', () => {
    const registration = {
      client_id: 'gateway',
      client_name: 'Gateway',
      grant_types: [exchangeGrant],
      resources: { [inner]: ['read'] },
      exchanges: { [front]: [inner] },
    };
    const problems = (changes: object) => {
      const parsed = parseRegistration({ ...registration, ...changes });
      return 'problems' in parsed ? parsed.problems.join('\n') : '';
    };
    assert.equal(problems({}), '');
    assert.match(problems({ exchanges: undefined }), /exchanges/);
    assert.match(problems({ exchanges: { [front]: [deep] } }), /among its resources/);
    assert.match(problems({ grant_types: ['client_credentials'] }), /exchanges/);
    assert.match(problems({ token_endpoint_auth_method: 'none' }), /token-exchange/);
  });
});
