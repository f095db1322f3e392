import assert from 'node:assert/strict';
import { request } from 'node:http';
import { after, before, describe, it } from 'node:test';
import { demoResource } from '../../src/development.ts';
import { addMember, changeMember, removeMember } from '../../src/organizations/member.ts';
import { sql } from '../../src/postgres/sql.ts';
import { createTokenFormat, sha256 } from '../../src/secret.ts';
import { changeApiToken, removeApiToken } from '../../src/tokens/api-token.ts';
import { setTokenPolicy } from '../../src/tokens/policy.ts';
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
import { type Answer, basic } from '../support/client.ts';
import { startServer, type TestServer } from '../support/server.ts';

const api = demoResource.uri;

let server: TestServer;
let administrator: Colleague;
before(async () => {
  server = await startServer({
    settings: {
      POSTERN_TOKEN_HEADER: 'X-Example-Token',
      POSTERN_TRUSTED_PROXIES: '127.0.0.1 ::1',
      POSTERN_API_RATE_LIMIT: '100000',
    },
  });
  administrator = await addColleague(server.db);
});
after(() => server.stop());

const ways: Record<string, (text: string, username: string) => Record<string, string>> = {
  ...presentations,
  'bearer, in another spelling': (text) => ({ authorization: `bEARER  ${text}` }),
  'the header of the operator’s name': (text) => ({ 'x-example-token': text }),
  'named, in another spelling': (text, username) => ({
    authorization: basic(`${username.toUpperCase()}:${text}`),
  }),
};

let addresses = 0;
/** From an address of its own, so that no limit on wrong credentials is met. */
const present = (headers: Record<string, string>): Promise<Answer> => {
  addresses += 1;
  const address = `198.18.${addresses >> 8}.${addresses & 255}`;
  return showMe(server.issuer, { 'x-forwarded-for': address, ...headers });
};

const statusOf = async (text: string, headers: Record<string, string> = {}) =>
  (await present({ ...presentations.bearer(text), ...headers })).status;

async function makeWorld() {
  const owner = await addColleague(server.db, { organizationId: administrator.organizationId });
  const token = await makeApiToken(server.db, owner);
  return { owner, token };
}
type World = { owner: Colleague; token: TestApiToken };
const memberOf = ({ owner }: World) => ({ organizationId: owner.organizationId, userId: owner.id });

describe('an API token', () => {
  for (const [name, headersOf] of Object.entries(ways)) {
    it(`is taken as ${name}, and speaks for its owner`, async () => {
      const { owner, token } = await makeWorld();
      const { status, body } = await present(headersOf(token.text, owner.email));
      assert.equal(status, 200);
      assert.deepEqual(
        [body.id, body.email, body.presented, body.organization.id, body.permissions],
        [owner.id, owner.email, 'api_token', owner.organizationId, { [api]: ['read'] }],
      );
    });
  }

  it('is not taken under another’s name, under no name, with a proof’s scheme, or altered', async () => {
    const { token } = await makeWorld();
    const { text } = token;
    const letter = text.at(30) === 'A' ? 'B' : 'A';
    const checksum = text.at(-1) === 'A' ? 'B' : 'A';
    for (const headers of [
      presentations.named(text, administrator.email),
      presentations.named(text, ''),
      presentations.named('', text),
      { authorization: `DPoP ${text}` },
      { authorization: text },
      { authorization: `Basic ${text}` },
      { 'x-other-token': text },
      presentations.bearer(text.slice(0, -1) + checksum),
      presentations.bearer(text.slice(0, 30) + letter + text.slice(31)),
      presentations.bearer(text.toLowerCase()),
      presentations.bearer(`${text}0`),
      presentations.bearer(createTokenFormat('pst').issue('api', new Date())),
      presentations.bearer(text.replace('pst_api_', 'pst_at_')),
      presentations.bearer(token.id),
      presentations.bearer(sha256(text).toString('hex')),
    ]) {
      const { status, headers: answered, body } = await present(headers);
      assert.equal(status, 401, JSON.stringify(headers));
      assert.match(answered.get('www-authenticate') ?? '', /\bBearer /);
      assert.equal(body.email, undefined);
    }
  });

  it('is refused with 400 beside another credential, even beside itself', async () => {
    const { owner, token } = await makeWorld();
    const bearer = `Bearer ${token.text}`;
    const named = presentations.named(token.text, owner.email).authorization;
    for (const headers of [
      { authorization: bearer, 'x-example-token': token.text },
      { authorization: named, 'x-example-token': token.text },
      { authorization: [bearer, bearer] },
      { 'x-example-token': [token.text, token.text] },
    ]) {
      const { status, challenge } = await sendRaw(headers);
      assert.deepEqual([status, /error="invalid_request"/.test(challenge)], [400, true]);
    }
  });
});

/** A request that can have one header twice, which `fetch` cannot. */
function sendRaw(headers: Record<string, string | string[]>): Promise<{ status: number; challenge: string }> {
  return new Promise((resolve, reject) => {
    const sent = request(`${server.issuer}/api/v1/users/me`, { headers }, (answer) => {
      answer.resume();
      resolve({ status: answer.statusCode ?? 0, challenge: answer.headers['www-authenticate'] ?? '' });
    });
    sent.on('error', reject).end();
  });
}

/** What makes a token dead at once; where it can be undone, how. */
const ends: Record<
  string,
  [end: (world: World) => Promise<unknown>, undo?: (world: World) => Promise<unknown>]
> = {
  'it is disabled': [
    ({ token }) => changeApiToken(server.db, token, { isDisabled: true }),
    ({ token }) => changeApiToken(server.db, token, { isDisabled: false }),
  ],
  'it expires': [
    ({ token }) => changeApiToken(server.db, token, { expiresAt: new Date(Date.now() - 1000) }),
    ({ token }) => changeApiToken(server.db, token, { expiresAt: null }),
  ],
  'it is removed': [({ token }) => removeApiToken(server.db, token.organizationId, token.id)],
  'its owner is disabled': [
    ({ owner }) => disableUser(server.db, owner.id),
    ({ owner }) => enableUser(server.db, owner.id),
  ],
  'its owner is disabled in the organization': [
    (world) => changeMember(server.db, memberOf(world), { isDisabled: true }),
    (world) => changeMember(server.db, memberOf(world), { isDisabled: false }),
  ],
  'its owner leaves the organization': [(world) => removeMember(server.db, memberOf(world))],
  'an administrator refuses it': [
    ({ token }) =>
      changeApiToken(server.db, token, { approval: { isGranted: false, decidedBy: administrator.id } }),
  ],
};

describe('an API token that was good', () => {
  for (const [what, [end, undo]] of Object.entries(ends)) {
    it(`is dead at once when ${what}${undo ? ', and as before when that is undone' : ''}`, async () => {
      const world = await makeWorld();
      assert.equal(await statusOf(world.token.text), 200);
      await end(world);
      assert.equal(await statusOf(world.token.text), 401);
      await undo?.(world);
      if (undo) assert.equal(await statusOf(world.token.text), 200);
    });
  }

  it('waits for the approval that was asked for', async () => {
    const { owner } = await makeWorld();
    const token = await makeApiToken(server.db, owner, { isApprovalNeeded: true, approvalReason: 'Backups' });
    assert.equal(await statusOf(token.text), 401);
    await changeApiToken(server.db, token, { approval: { isGranted: true, decidedBy: administrator.id } });
    assert.equal(await statusOf(token.text), 200);
  });

  it('loses what its owner and the policy lose, and gets it back with them', async () => {
    const world = await makeWorld();
    const permissions = async () => (await present(presentations.bearer(world.token.text))).body.permissions;
    await changeMember(server.db, memberOf(world), { taken: { [api]: ['read'] } });
    assert.deepEqual(await permissions(), {});
    await changeMember(server.db, memberOf(world), { taken: {}, given: { [api]: ['write'] } });
    assert.deepEqual(await permissions(), { [api]: ['read'] });
    const other = await addColleague(server.db);
    const policy = { longestLifetimeSeconds: undefined, isExpiryRequired: false, isApprovalRequired: false };
    await setTokenPolicy(server.db, other.organizationId, { ...policy, permissions: {} });
    assert.deepEqual(await permissions(), { [api]: ['read'] });
  });

  it('lives on under its old text for the overlap of a rotation, and no longer', async () => {
    const { owner, token } = await makeWorld();
    const next = await takeValue(server.db, token, owner, 3600);
    assert.deepEqual([await statusOf(token.text), await statusOf(next)], [200, 200]);
    await server.db.query(sql`
      update api_token_values set expires_at = now() - interval '1 millisecond'
      where token_id = ${token.id} and expires_at is not null`);
    assert.deepEqual([await statusOf(token.text), await statusOf(next)], [401, 200]);
    const last = await takeValue(server.db, token, owner, 0);
    assert.deepEqual([await statusOf(next), await statusOf(last)], [401, 200]);
  });

  it('never gets a longer overlap from a second rotation', async () => {
    const { owner, token } = await makeWorld();
    await takeValue(server.db, token, owner, 0);
    await takeValue(server.db, token, owner, 3600);
    assert.equal(await statusOf(token.text), 401);
  });
});

describe('an API token with address ranges', () => {
  it('is good from them alone, IPv4, IPv6 and IPv4 in IPv6', async () => {
    const { owner } = await makeWorld();
    const { text } = await makeApiToken(server.db, owner, {
      addressRanges: ['192.0.2.0/25', '203.0.113.9', '2001:db8:1::/48'],
    });
    for (const [address, status] of [
      ['192.0.2.1', 200],
      ['192.0.2.127', 200],
      ['::ffff:192.0.2.1', 200],
      ['203.0.113.9', 200],
      ['2001:db8:1:ffff::1', 200],
      ['192.0.2.128', 401],
      ['::ffff:192.0.2.128', 401],
      ['203.0.113.8', 401],
      ['2001:db8:2::1', 401],
      ['::1', 401],
    ] as const) {
      assert.equal(await statusOf(text, { 'x-forwarded-for': address }), status, address);
    }
    await changeApiToken(server.db, await tokenOf(text), { addressRanges: ['198.51.100.0/24'] });
    assert.equal(await statusOf(text, { 'x-forwarded-for': '192.0.2.1' }), 401);
    assert.equal(await statusOf(text, { 'x-forwarded-for': '198.51.100.1' }), 200);
  });
});

async function tokenOf(text: string): Promise<{ id: string; organizationId: string }> {
  const [row] = await server.db.query<{ id: string; organization_id: string }>(sql`
    select id, organization_id from api_tokens
    where id = (select token_id from api_token_values where digest = ${sha256(text)})`);
  return { id: row?.id ?? '', organizationId: row?.organization_id ?? '' };
}

describe('a shared API token', () => {
  it('speaks for each member who holds a value, and ends with them alone', async () => {
    const { organizationId } = administrator;
    const owner = await addColleague(server.db, { organizationId, role: 'administrator' });
    const members = [
      await addColleague(server.db, { organizationId }),
      await addColleague(server.db, { organizationId }),
    ] as const;
    const token = await makeApiToken(server.db, owner, { kind: 'shared' });
    const [left, right] = [
      await takeValue(server.db, token, members[0]),
      await takeValue(server.db, token, members[1]),
    ];
    assert.equal((await present(presentations.bearer(left))).body.id, members[0].id);
    assert.equal((await present(presentations.named(right, members[1].email))).body.id, members[1].id);
    assert.equal((await present(presentations.named(right, owner.email))).status, 401);
    await takeValue(server.db, token, members[0]);
    assert.deepEqual([await statusOf(left), await statusOf(right)], [401, 200]);
    await removeMember(server.db, { organizationId, userId: members[0].id });
    const remaining = { organizationId, userId: members[1].id };
    await changeMember(server.db, remaining, { isDisabled: true });
    assert.deepEqual([await statusOf(right), await statusOf(token.text)], [401, 200]);
    await changeMember(server.db, remaining, { isDisabled: false });
    assert.equal(await statusOf(right), 200);
    await disableUser(server.db, members[1].id);
    assert.deepEqual([await statusOf(right), await statusOf(token.text)], [401, 200]);
    await enableUser(server.db, members[1].id);
    assert.equal(await statusOf(right), 200);
    for (const end of [
      () => changeMember(server.db, { organizationId, userId: owner.id }, { isDisabled: true }),
      () => disableUser(server.db, owner.id),
    ]) {
      await end();
      assert.deepEqual([await statusOf(right), await statusOf(token.text)], [401, 401]);
      await changeMember(server.db, { organizationId, userId: owner.id }, { isDisabled: false });
    }
  });

  it('is worth nothing to who has left, not even when they come back', async () => {
    const { organizationId } = administrator;
    const member = await addColleague(server.db, { organizationId });
    const token = await makeApiToken(server.db, administrator, { kind: 'shared' });
    const text = await takeValue(server.db, token, member);
    await removeMember(server.db, { organizationId, userId: member.id });
    assert.equal(await statusOf(text), 401);
    await addMember(server.db, { organizationId, userId: member.id, role: 'administrator' });
    assert.equal(await statusOf(text), 401);
  });
});

describe('a legacy token', () => {
  const secret = 'the:secret key of before';
  async function makeLegacy() {
    const { owner } = await makeWorld();
    const id = crypto.randomUUID();
    const credential = { id, secretDigest: sha256(secret), ownerEmail: owner.email, name: 'Old key' };
    const outcome = await importLegacy(server.db, owner.organizationId, credential);
    assert.equal(outcome, 'imported');
    return { owner, id };
  }
  const legacy = (id: string, text: string) => present({ authorization: basic(`${id}:${text}`) });

  it('authenticates its owner with its id and its secret, for all that the owner may', async () => {
    const { owner, id } = await makeLegacy();
    const { status, body } = await legacy(id.toUpperCase(), secret);
    assert.deepEqual([status, body.id], [200, owner.id]);
    assert.deepEqual(body.permissions[api], ['read', 'write']);
    assert.ok(body.permissions[`${server.issuer}/api`].includes('tokens:write'));
  });

  it('is nothing with another secret, another id, or the digest of the secret', async () => {
    const { id, owner } = await makeLegacy();
    for (const [name, text] of [
      [id, `${secret} `],
      [id, ''],
      [id, sha256(secret).toString('hex')],
      [crypto.randomUUID(), secret],
      [owner.email, secret],
    ] as const) {
      assert.equal((await legacy(name, text)).status, 401, `${name}:${text}`);
    }
    assert.equal((await present({ authorization: `Bearer ${id}` })).status, 401);
  });

  it('is dead while its owner must sign in at an identity provider', async () => {
    const { owner, id } = await makeLegacy();
    const who = { organizationId: owner.organizationId, userId: owner.id };
    await changeMember(server.db, who, { requiresIdentityProvider: true });
    assert.equal((await legacy(id, secret)).status, 401);
    await changeMember(server.db, who, { requiresIdentityProvider: false });
    assert.equal((await legacy(id, secret)).status, 200);
  });
});
