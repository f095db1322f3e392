import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { decodeJwt } from 'jose';
import { disableClient } from '../../src/clients/client.ts';
import { changeMember, removeMember } from '../../src/organizations/member.ts';
import { sql } from '../../src/postgres/sql.ts';
import { addResource } from '../../src/resources/resource.ts';
import type { Scopes } from '../../src/scopes.ts';
import { sha256 } from '../../src/secret.ts';
import { type ApiTokenRegistration, changeApiToken, removeApiToken } from '../../src/tokens/api-token.ts';
import { setTokenPolicy } from '../../src/tokens/policy.ts';
import { removeValues } from '../../src/tokens/value.ts';
import { disableUser, enableUser } from '../../src/users/user.ts';
import {
  addColleague,
  type Colleague,
  importLegacy,
  makeApiToken,
  presentations,
  showMe,
  type TestApiToken,
  takeValue,
} from '../support/api-token.ts';
import { type Answer, post, requestMachineToken, revoke } from '../support/client.ts';
import { registerClient, type TestClient } from '../support/registration.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { until } from '../support/until.ts';

const exchangeGrant = 'urn:ietf:params:oauth:grant-type:token-exchange' as const;
const accessTokenType = 'urn:ietf:params:oauth:token-type:access_token';
const front = 'https://front.example.com';
const inner = 'https://inner.example.com';
const aside = 'https://aside.example.com';
const everything: Scopes = { [front]: ['read', 'write'], [inner]: ['erase', 'read'], [aside]: ['read'] };

let server: TestServer;
/** Exchanges what is for `front` for tokens of `inner` (JWT) and of `front` itself (opaque), and serves both. */
let gateway: TestClient;
before(async () => {
  server = await startServer();
  for (const [uri, scopes] of Object.entries(everything)) {
    await addResource(server.db, {
      uri,
      name: uri,
      scopes: Object.fromEntries(scopes.map((scope) => [scope, scope])),
      accessTokenFormat: uri === inner ? 'jwt' : 'opaque',
    });
  }
  gateway = await registerClient(server.db, {
    allowed: { [inner]: ['read', 'erase'], [front]: ['read'], [aside]: ['read'] },
    defaultResource: inner,
    audiences: [front, inner],
    grantTypes: [exchangeGrant],
    exchanges: { [front]: [inner, front] },
  });
});
after(() => server.stop());

const exchange = (subject: string, form: Record<string, string> = {}, client = gateway): Promise<Answer> =>
  post(
    `${server.issuer}/oauth/token`,
    { grant_type: exchangeGrant, subject_token: subject, subject_token_type: accessTokenType, ...form },
    { basic: client.basic },
  );

const introspect = async (token: string) =>
  (await post(`${server.issuer}/oauth/introspect`, { token }, { basic: gateway.basic })).body;

async function makeWorld(changes: Partial<ApiTokenRegistration> = {}) {
  const administrator = await addColleague(server.db);
  const { organizationId } = administrator;
  const owner = await addColleague(server.db, { organizationId });
  const token = await makeApiToken(server.db, owner, { permissions: everything, ...changes });
  return { administrator, owner, token };
}

async function assertRefused(answer: Promise<Answer>, error: string): Promise<void> {
  const { status, body } = await answer;
  assert.deepEqual([status, body.error], [400, error]);
}

describe('the exchange of an API token', () => {
  it('gives a short-lived JWT of its owner for the next API', async () => {
    const { owner, token } = await makeWorld();
    const { status, headers, body } = await exchange(token.text);
    assert.equal(status, 200, JSON.stringify(body));
    assert.equal(headers.get('cache-control'), 'no-store');
    assert.deepEqual(
      [body.issued_token_type, body.token_type, body.scope, body.expires_in],
      [accessTokenType, 'Bearer', 'erase read', 900],
    );
    const { sub, aud, client_id, scope, exp = 0, iat = 0 } = decodeJwt(body.access_token);
    assert.deepEqual([sub, aud, client_id, scope], [owner.id, inner, gateway.id, 'erase read']);
    assert.equal(exp - iat, 900);
    const seen = await introspect(body.access_token);
    assert.deepEqual([seen.active, seen.sub, seen.username], [true, owner.id, owner.email]);
    assert.equal(seen.lineage, undefined);
  });

  it('gives an opaque token for an API that it is itself for', async () => {
    const { token } = await makeWorld();
    const { body } = await exchange(token.text, { resource: front });
    assert.match(body.access_token, /^pst_at_/);
    const { aud, scope } = await introspect(body.access_token);
    assert.deepEqual([aud, scope], [front, 'read']);
  });

  it('speaks for the member who holds the value of a shared one', async () => {
    const { administrator, owner } = await makeWorld();
    const shared = await makeApiToken(server.db, administrator, { kind: 'shared', permissions: everything });
    const { body } = await exchange(await takeValue(server.db, shared, owner));
    assert.equal(decodeJwt(body.access_token).sub, owner.id);
  });

  it('is noted in the log of the organization that the token is of', async () => {
    const { owner, token } = await makeWorld();
    await exchange(token.text);
    const noted = sql`
      select target_id, target_name, actor_id from audit_events
      where action = 'access_token.issued' and chain_id = ${owner.organizationId}`;
    const event = await until(async () => (await server.db.query(noted))[0]);
    assert.deepEqual(event, { target_id: owner.id, target_name: owner.email, actor_id: gateway.id });
  });

  it('takes a legacy token, as uuid:secret', async () => {
    const { owner } = await makeWorld();
    const [id, secret] = [crypto.randomUUID(), 'an old key'];
    const credential = { id, secretDigest: sha256(secret), ownerEmail: owner.email, name: 'Old key' };
    await importLegacy(server.db, owner.organizationId, credential);
    const { access_token } = (await exchange(`${id}:${secret}`)).body;
    assert.equal((await introspect(access_token)).sub, owner.id);
    await revoke(server.issuer, `${id}:${secret}`);
    assert.equal((await introspect(access_token)).active, false);
  });

  it('never widens scope: each API has scopes of its own, of which only the present ones count', async () => {
    const { owner, token } = await makeWorld({
      permissions: { [front]: ['read', 'write'], [inner]: ['read'] },
    });
    assert.equal((await exchange(token.text)).body.scope, 'read');
    await assertRefused(exchange(token.text, { scope: 'erase' }), 'invalid_scope');
    await assertRefused(exchange(token.text, { resource: front, scope: 'write' }), 'invalid_scope');
    const who = { organizationId: owner.organizationId, userId: owner.id };
    await changeMember(server.db, who, { taken: { [inner]: ['read'] } });
    await assertRefused(exchange(token.text), 'invalid_scope');
    assert.equal((await exchange(token.text, { resource: front })).body.scope, 'read');
  });

  it('is for targets on the client’s list, from an API that the token has', async () => {
    const { owner, token } = await makeWorld();
    await assertRefused(exchange(token.text, { resource: aside }), 'invalid_target');
    const onlyInner = await makeApiToken(server.db, owner, { permissions: { [inner]: ['read'] } });
    await assertRefused(exchange(onlyInner.text), 'invalid_target');
    const onlyFront = await makeApiToken(server.db, owner, { permissions: { [front]: ['read'] } });
    await assertRefused(exchange(onlyFront.text), 'invalid_scope');
    await assertRefused(exchange(onlyFront.text, { resource: 'constructor' }), 'invalid_target');
  });

  it('never lasts longer than the token, nor than the text that is replaced', async () => {
    const { owner, token } = await makeWorld({ expiresAt: new Date(Date.now() + 300_000) });
    const first = (await exchange(token.text)).body;
    assert.ok(first.expires_in <= 300);
    await takeValue(server.db, token, owner, 60);
    const second = (await exchange(token.text)).body;
    assert.ok(second.expires_in <= 60);
    const [row] = await server.db.query<{ end: number }>(sql`
      select extract(epoch from expires_at)::float8 as end from api_token_values
      where token_id = ${token.id} and expires_at is not null`);
    assert.ok((decodeJwt(second.access_token).exp ?? Infinity) <= (row?.end ?? 0));
  });

  it('refuses what is dead, bound to an address, of another kind, or from a client that may not', async () => {
    const { owner, token } = await makeWorld();
    const bound = await makeApiToken(server.db, owner, {
      permissions: everything,
      addressRanges: ['0.0.0.0/0', '::/0'],
    });
    await assertRefused(exchange(bound.text), 'invalid_request');
    await assertRefused(
      exchange(token.text, { subject_token_type: 'urn:ietf:params:oauth:token-type:refresh_token' }),
      'invalid_request',
    );
    await assertRefused(exchange(token.text, {}, await registerClient(server.db)), 'unauthorized_client');
    await changeApiToken(server.db, token, { isDisabled: true });
    await assertRefused(exchange(token.text), 'invalid_request');
  });

  it('takes a program as the actor, and never an API token', async () => {
    const { administrator, owner, token } = await makeWorld();
    const actor = (await requestMachineToken(server.issuer)).body.access_token;
    const { body } = await exchange(token.text, { actor_token: actor, actor_token_type: accessTokenType });
    assert.deepEqual(decodeJwt(body.access_token).act, { sub: 'demo-machine', client_id: 'demo-machine' });
    const acting = await makeApiToken(server.db, administrator, { permissions: everything });
    for (const subject of [token.text, actor])
      await assertRefused(
        exchange(subject, { actor_token: acting.text, actor_token_type: accessTokenType }),
        'invalid_request',
      );
    assert.ok(owner.id);
  });

  it('yields nothing that our own API takes, at which its person may do more', async () => {
    const own = `${server.issuer}/api`;
    const scopes = { [own]: ['tokens:read', 'tokens:write'] };
    const client = await registerClient(server.db, {
      allowed: scopes,
      defaultResource: own,
      grantTypes: [exchangeGrant],
      audiences: [own],
      exchanges: { [own]: [own] },
    });
    const { token } = await makeWorld({ permissions: scopes });
    const first = (await exchange(token.text, {}, client)).body.access_token;
    const second = (await exchange(first, {}, client)).body.access_token;
    assert.equal((await showMe(server.issuer, presentations.bearer(token.text))).status, 200);
    for (const text of [first, second]) {
      const { body } = await post(
        `${server.issuer}/oauth/introspect`,
        { token: text },
        { basic: client.basic },
      );
      assert.equal(body.active, true);
      assert.equal((await showMe(server.issuer, presentations.bearer(text))).status, 401);
    }
  });
});

type World = { administrator: Colleague; owner: Colleague; token: TestApiToken };
const memberOf = ({ owner }: World) => ({ organizationId: owner.organizationId, userId: owner.id });
const policy = { longestLifetimeSeconds: undefined, isExpiryRequired: false, isApprovalRequired: false };

/** Everything that ends a token got by exchange; where it can be undone, how. */
const ends: Record<
  string,
  [end: (world: World) => Promise<unknown>, undo?: (world: World) => Promise<unknown>]
> = {
  'the text is revoked': [({ token }) => revoke(server.issuer, token.text)],
  'the text is replaced': [({ owner, token }) => takeValue(server.db, token, owner)],
  'every text is given back': [({ token }) => removeValues(server.db, token.id)],
  'the token is removed': [({ token }) => removeApiToken(server.db, token.organizationId, token.id)],
  'the token is disabled': [
    ({ token }) => changeApiToken(server.db, token, { isDisabled: true }),
    ({ token }) => changeApiToken(server.db, token, { isDisabled: false }),
  ],
  'the token expires': [({ token }) => changeApiToken(server.db, token, { expiresAt: new Date(0) })],
  'the token is bound to addresses': [
    ({ token }) => changeApiToken(server.db, token, { addressRanges: ['0.0.0.0/0'] }),
  ],
  'the token loses one of the scopes': [
    ({ token }) => changeApiToken(server.db, token, { permissions: { [inner]: ['read'] } }),
    ({ token }) => changeApiToken(server.db, token, { permissions: everything }),
  ],
  'the owner loses one of the scopes': [
    (world) => changeMember(server.db, memberOf(world), { taken: { [inner]: ['erase'] } }),
    (world) => changeMember(server.db, memberOf(world), { taken: {} }),
  ],
  'the policy forbids one of the scopes': [
    ({ token }) =>
      setTokenPolicy(server.db, token.organizationId, { ...policy, permissions: { [inner]: ['read'] } }),
    ({ token }) => setTokenPolicy(server.db, token.organizationId, { ...policy, permissions: undefined }),
  ],
  'the member is disabled': [
    (world) => changeMember(server.db, memberOf(world), { isDisabled: true }),
    (world) => changeMember(server.db, memberOf(world), { isDisabled: false }),
  ],
  'the member is removed': [(world) => removeMember(server.db, memberOf(world))],
  'the person is disabled': [
    ({ owner }) => disableUser(server.db, owner.id),
    ({ owner }) => enableUser(server.db, owner.id),
  ],
};

describe('a token got for an API token', () => {
  for (const [what, [end, undo]] of Object.entries(ends)) {
    it(`is dead as soon as ${what}, and so is what was got for it`, async () => {
      const world = await makeWorld();
      const jwt = (await exchange(world.token.text)).body.access_token;
      const chain = await registerClient(server.db, {
        allowed: { [front]: ['read'] },
        defaultResource: front,
        grantTypes: [exchangeGrant],
        exchanges: { [inner]: [front] },
      });
      const further = (await exchange(jwt, {}, chain)).body.access_token;
      assert.deepEqual([(await introspect(jwt)).active, (await introspect(further)).active], [true, true]);
      await end(world);
      assert.deepEqual([(await introspect(jwt)).active, (await introspect(further)).active], [false, false]);
      await undo?.(world);
      if (undo) assert.equal((await introspect(jwt)).active, true);
    });
  }

  it('lives on when the token loses what it was not exchanged for', async () => {
    const world = await makeWorld();
    const { access_token } = (await exchange(world.token.text, { scope: 'read' })).body;
    await changeMember(server.db, memberOf(world), { taken: { [inner]: ['erase'], [front]: ['read'] } });
    assert.equal((await introspect(access_token)).active, true);
  });

  it('is dead when the holder of a shared one’s value leaves, or its owner is disabled', async () => {
    for (const who of ['holder', 'owner'] as const) {
      const { administrator, owner: member } = await makeWorld();
      const leader = await addColleague(server.db, {
        organizationId: administrator.organizationId,
        role: 'administrator',
      });
      const shared = await makeApiToken(server.db, leader, { kind: 'shared', permissions: everything });
      const text = await takeValue(server.db, shared, member);
      const { access_token } = (await exchange(text)).body;
      assert.equal((await introspect(access_token)).active, true);
      if (who === 'holder')
        await removeMember(server.db, { organizationId: member.organizationId, userId: member.id });
      else await disableUser(server.db, leader.id);
      assert.equal((await introspect(access_token)).active, false, who);
    }
  });

  it('is dead when the client that exchanged it is disabled', async () => {
    const { token } = await makeWorld();
    const client = await registerClient(server.db, {
      allowed: { [inner]: ['read'] },
      defaultResource: inner,
      grantTypes: [exchangeGrant],
      exchanges: { [inner]: [inner] },
    });
    const { access_token } = (await exchange(token.text, {}, client)).body;
    assert.equal((await introspect(access_token)).active, true);
    await disableClient(server.db, client.id);
    assert.equal((await introspect(access_token)).active, false);
  });
});
