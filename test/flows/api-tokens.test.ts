import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { createLocalJWKSet, jwtVerify } from 'jose';
import { demoApi, demoCli, demoMachine, demoResource, demoUser } from '../../src/development.ts';
import { changeMember } from '../../src/organizations/member.ts';
import { sql } from '../../src/postgres/sql.ts';
import { addResource } from '../../src/resources/resource.ts';
import { sha256 } from '../../src/secret.ts';
import { changeApiToken } from '../../src/tokens/api-token.ts';
import { setTokenPolicy } from '../../src/tokens/policy.ts';
import {
  addColleague,
  type Colleague,
  findDemoColleague,
  importLegacy,
  makeApiToken,
  presentations,
  showMe,
  takeValue,
} from '../support/api-token.ts';
import { basic, credentials, introspect, post, requestMachineToken, revoke } from '../support/client.ts';
import { registerClient, type TestClient } from '../support/registration.ts';
import { startServer, type TestServer } from '../support/server.ts';

const api = demoResource.uri;
const other = 'https://other.example.com';
const inactive = { active: false };

let server: TestServer;
let demo: Colleague;
/** Serves both APIs. */
let both: TestClient;
before(async () => {
  server = await startServer();
  demo = await findDemoColleague(server.db);
  await addResource(server.db, { uri: other, name: 'Other', scopes: { read: 'See', erase: 'Erase' } });
  both = await registerClient(server.db, { audiences: [api, other] });
});
after(() => server.stop());

const ask = async (token: string, form: Record<string, string> = {}, client: { basic: string } = both) =>
  (await post(`${server.issuer}/oauth/introspect`, { token, ...form }, { basic: client.basic })).body;

const atBoth = { [api]: ['read', 'write'], [other]: ['erase', 'read'] };

/** A credential of an earlier system of the demo person's, as `uuid:secret`. */
async function addLegacy(): Promise<string> {
  const [id, secret] = [crypto.randomUUID(), 'an old key, with . and :'];
  const credential = { id, secretDigest: sha256(secret), ownerEmail: demo.email, name: 'Old key' };
  assert.equal(await importLegacy(server.db, demo.organizationId, credential), 'imported');
  return `${id}:${secret}`;
}

describe('introspection of an API token', () => {
  it('tells a resource server whose it is, what it may do there, and until when', async () => {
    const expiresAt = new Date(Date.now() + 3_600_000);
    const token = await makeApiToken(server.db, demo, { expiresAt });
    const { status, headers, body } = await introspect(server.issuer, token.text);
    assert.equal(status, 200);
    assert.equal(headers.get('cache-control'), 'no-store');
    const { iat, ...rest } = body;
    assert.ok(Number.isInteger(iat));
    assert.deepEqual(rest, {
      active: true,
      sub: demo.id,
      username: demoUser.email,
      organization: demo.organizationId,
      permissions: { [api]: ['read'] },
      scope: 'read',
      aud: api,
      exp: Math.floor(expiresAt.getTime() / 1000),
      jti: token.id,
      iss: server.issuer,
      token_type: 'Bearer',
    });
  });

  it('has no end for a token that has none, and the earlier one for a text that is replaced', async () => {
    const token = await makeApiToken(server.db, demo);
    assert.equal((await ask(token.text)).exp, undefined);
    await takeValue(server.db, token, demo, 600);
    const { exp, active } = await ask(token.text);
    assert.equal(active, true);
    const [row] = await server.db.query<{ end: number }>(
      sql`select floor(extract(epoch from expires_at))::float8 as end from api_token_values
          where token_id = ${token.id} and expires_at is not null`,
    );
    assert.equal(exp, row?.end);
  });

  it('is narrowed to the APIs that the caller serves, and is nothing to any other client', async () => {
    const token = await makeApiToken(server.db, demo, { permissions: atBoth });
    const atApi = (await introspect(server.issuer, token.text)).body;
    assert.deepEqual(
      [atApi.aud, atApi.scope, atApi.permissions],
      [api, 'read write', { [api]: ['read', 'write'] }],
    );
    for (const client of [
      await registerClient(server.db),
      await registerClient(server.db, { audiences: [`${server.issuer}/api`] }),
    ]) {
      assert.deepEqual(await ask(token.text, {}, client), inactive);
    }
    const { body } = await post(`${server.issuer}/oauth/introspect`, {
      token: token.text,
      client_id: 'demo-cli',
    });
    assert.deepEqual(body, inactive);
  });

  it('tells of several APIs only the scopes that it has at each, and of each what it has there', async () => {
    const token = await makeApiToken(server.db, demo, { permissions: atBoth });
    const { aud, scope, permissions } = await ask(token.text);
    assert.deepEqual([aud, scope, permissions], [[api, other], 'read', atBoth]);
  });

  it('follows what its owner and the policy allow at that moment', async () => {
    const owner = await addColleague(server.db);
    const member = await addColleague(server.db, { organizationId: owner.organizationId });
    const token = await makeApiToken(server.db, member, { permissions: atBoth });
    const who = { organizationId: owner.organizationId, userId: member.id };
    await changeMember(server.db, who, { taken: { [api]: ['write'], [other]: ['read', 'erase'] } });
    assert.deepEqual((await ask(token.text)).permissions, { [api]: ['read'] });
    const policy = { longestLifetimeSeconds: undefined, isExpiryRequired: false, isApprovalRequired: false };
    await setTokenPolicy(server.db, owner.organizationId, { ...policy, permissions: { [api]: ['write'] } });
    assert.deepEqual(await ask(token.text), inactive);
    await changeMember(server.db, who, { taken: {} });
    assert.deepEqual((await ask(token.text)).permissions, { [api]: ['write'] });
  });

  it('names the member who holds the value of a shared one', async () => {
    const administrator = await addColleague(server.db);
    const member = await addColleague(server.db, { organizationId: administrator.organizationId });
    const token = await makeApiToken(server.db, administrator, { kind: 'shared' });
    const theirs = await ask(await takeValue(server.db, token, member));
    const own = await ask(token.text);
    assert.deepEqual([theirs.sub, theirs.username, theirs.jti], [member.id, member.email, token.id]);
    assert.deepEqual([own.sub, own.jti], [administrator.id, token.id]);
  });

  it('takes a legacy one as uuid:secret, and tells of it what its owner may do there', async () => {
    const legacy = await addLegacy();
    const { active, sub, aud, scope } = await ask(legacy);
    assert.deepEqual([active, sub, aud, scope], [true, demo.id, [api, other], 'read']);
    assert.deepEqual(await ask(`${legacy}x`), inactive);
    assert.deepEqual(await ask(legacy.replace(/^./, (digit) => (digit === '0' ? '1' : '0'))), inactive);
  });

  it('finds it whatever token_type_hint says', async () => {
    const { text } = await makeApiToken(server.db, demo);
    for (const hint of ['access_token', 'refresh_token', 'nonsense'])
      assert.equal((await ask(text, { token_type_hint: hint })).active, true, hint);
  });

  it('is signed for a caller that asks for it (RFC 9701)', async () => {
    const { text, id } = await makeApiToken(server.db, demo);
    const response = await fetch(`${server.issuer}/oauth/introspect`, {
      method: 'POST',
      body: new URLSearchParams({ token: text }),
      headers: { authorization: basic(credentials.api), accept: 'application/token-introspection+jwt' },
    });
    assert.match(response.headers.get('content-type') ?? '', /^application\/token-introspection\+jwt/);
    const keys = await (await fetch(`${server.issuer}/.well-known/jwks.json`)).json();
    const { payload } = await jwtVerify(await response.text(), createLocalJWKSet(keys as never), {
      issuer: server.issuer,
      audience: demoApi.id,
      typ: 'token-introspection+jwt',
    });
    const told = payload.token_introspection as Record<string, unknown>;
    assert.deepEqual([told.active, told.jti, told.sub, told.aud], [true, id, demo.id, api]);
  });

  it('of one with address ranges depends on the address that the resource server was asked from', async () => {
    const { text } = await makeApiToken(server.db, demo, {
      addressRanges: ['192.0.2.0/24', '2001:db8:1::/48'],
    });
    const from = (client_ip_address: string) => ask(text, { client_ip_address });
    assert.deepEqual(await ask(text), inactive);
    for (const address of ['192.0.2.7', '::ffff:192.0.2.7', '2001:DB8:1:0::7'])
      assert.equal((await from(address)).active, true, address);
    for (const address of ['192.0.3.7', '::ffff:192.0.3.7', '2001:db8:2::7', '::1'])
      assert.deepEqual(await from(address), inactive, address);
  });

  it('refuses an address that is none, and two', async () => {
    const { text } = await makeApiToken(server.db, demo);
    for (const pairs of [
      [['client_ip_address', '192.0.2.0/24']],
      [['client_ip_address', '1']],
      [
        ['client_ip_address', '192.0.2.1'],
        ['client_ip_address', '192.0.2.2'],
      ],
    ]) {
      const form = [['token', text], ...pairs] as [string, string][];
      const { status, body } = await post(`${server.issuer}/oauth/introspect`, form, {
        basic: credentials.api,
      });
      assert.deepEqual([status, body.error], [400, 'invalid_request']);
    }
  });
});

describe('revocation of an API token', () => {
  it('ends the text that was presented, by whichever client, and no other text of it', async () => {
    for (const how of ['public', 'confidential']) {
      const token = await makeApiToken(server.db, demo);
      const next = await takeValue(server.db, token, demo, 600);
      const { status } =
        how === 'public'
          ? await revoke(server.issuer, token.text)
          : await post(
              `${server.issuer}/oauth/revoke`,
              { token: token.text },
              { basic: credentials.machine },
            );
      assert.equal(status, 200);
      assert.deepEqual(await ask(token.text), inactive);
      assert.equal((await showMe(server.issuer, presentations.bearer(token.text))).status, 401);
      const events = await server.db.query<{ actor: string }>(sql`
        select actor_id as actor from audit_events
        where action = 'token.value_revoked' and target_id = ${token.id} and chain_id = ${demo.organizationId}`);
      assert.deepEqual(events, [{ actor: how === 'public' ? demoCli.id : demoMachine.id }]);
      assert.equal((await ask(next)).active, true);
    }
  });

  it('ends the text of a token that is disabled, for when it is enabled again', async () => {
    const token = await makeApiToken(server.db, demo);
    await changeApiToken(server.db, token, { isDisabled: true });
    assert.equal((await revoke(server.issuer, token.text)).status, 200);
    await changeApiToken(server.db, token, { isDisabled: false });
    assert.deepEqual(await ask(token.text), inactive);
  });

  it('ends a legacy one for good, even when it is imported again', async () => {
    const legacy = await addLegacy();
    assert.equal((await revoke(server.issuer, `${legacy}x`)).status, 200);
    assert.equal((await ask(legacy)).active, true);
    assert.equal((await revoke(server.issuer, legacy)).status, 200);
    assert.deepEqual(await ask(legacy), inactive);
    const [id = '', secret = ''] = legacy.split(/:(.*)/s);
    const credential = { id, secretDigest: sha256(secret), ownerEmail: demo.email, name: 'Old key' };
    assert.equal(await importLegacy(server.db, demo.organizationId, credential), 'exists');
    assert.deepEqual(await ask(legacy), inactive);
  });

  it('of an unknown one is 200, and a client that does not authenticate ends nothing', async () => {
    const token = await makeApiToken(server.db, demo);
    const unknown = await makeApiToken(server.db, demo);
    await revoke(server.issuer, unknown.text);
    assert.equal((await revoke(server.issuer, unknown.text)).status, 200);
    for (const wrong of ['demo-machine:wrong', 'nobody:'])
      assert.equal(
        (await post(`${server.issuer}/oauth/revoke`, { token: token.text }, { basic: wrong })).status,
        401,
      );
    assert.equal((await ask(token.text)).active, true);
  });

  it('leaves every other kind of token alone', async () => {
    const { body } = await requestMachineToken(server.issuer);
    const token = await makeApiToken(server.db, demo);
    await revoke(server.issuer, token.text);
    assert.equal((await introspect(server.issuer, body.access_token)).body.active, true);
  });
});
