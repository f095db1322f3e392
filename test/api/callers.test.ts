import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { createOperations } from '../../src/api/operations.ts';
import { apiScopes } from '../../src/api/scope.ts';
import { systemClock } from '../../src/clock.ts';
import type { Limits } from '../../src/limits/limits.ts';
import type { Notices } from '../../src/notices/notices.ts';
import { sql } from '../../src/postgres/sql.ts';
import { createTokenFormat } from '../../src/secret.ts';
import { type ApiCaller, createApiCaller, createTokenCaller } from '../support/api.ts';
import { addColleague, makeApiToken } from '../support/api-token.ts';
import { post } from '../support/client.ts';
import { foundCompany, hire } from '../support/company.ts';
import { letDeviceIn } from '../support/device-login.ts';
import { registerClient } from '../support/registration.ts';
import { startServer, type TestServer, testSecret } from '../support/server.ts';

const scopes = Object.keys(apiScopes);
const operations = createOperations({
  secrets: [testSecret],
  format: createTokenFormat('pst'),
  clock: systemClock,
  issuer: 'https://login.example.com',
  notices: {} as Notices,
  brandName: 'Postern',
  issueOwnToken: async () => ({ refusal: 'unknown_resource' }),
  limits: {} as Limits,
});

let server: TestServer;
let api: string;
before(async () => {
  server = await startServer({ settings: { POSTERN_API_RATE_LIMIT: '100000' } });
  api = `${server.issuer}/api`;
});
after(() => server.stop());

/** A machine with every scope, of an organization or of none. */
async function employMachine(organizationId?: string): Promise<ApiCaller> {
  const machine = await registerClient(server.db, { allowed: { [api]: scopes }, defaultResource: api });
  await server.db.query(
    sql`update clients set organization_id = ${organizationId}::uuid where id = ${machine.id}`,
  );
  const form = { grant_type: 'client_credentials', scope: scopes.join(' ') };
  const { body } = await post(`${server.issuer}/oauth/token`, form, { basic: machine.basic });
  return createTokenCaller(server.issuer, body.access_token);
}

/** Gives a member every scope, those of operators too. */
async function giveEverything(userId: string): Promise<void> {
  await server.db.query(sql`
    insert into member_scopes (organization_id, user_id, resource, scope, is_given)
    select organization_id, user_id, ${api}, scope, true
    from members, unnest(${scopes}::text[]) as scope where user_id = ${userId}::uuid`);
}

/** Everybody who may call in some way. */
const callers: Record<string, () => Promise<ApiCaller>> = {
  'a session of nobody’s member': async () => {
    const { call } = await hire(server);
    return (method, path, { body } = {}) => call(method, path, body);
  },
  'a session whose person is disabled in the organization that was chosen': async () => {
    const [ours, theirs] = [await foundCompany(server), await foundCompany(server)];
    const { id, call } = await theirs.join('member', await ours.join('member'));
    await call('PUT', '/users/me/organization', { id: ours.id });
    await server.db.query(sql`
      update members set disabled_at = now() where organization_id = ${ours.id}::uuid and user_id = ${id}::uuid`);
    return (method, path, { body } = {}) => call(method, path, body);
  },
  'a session of an administrator with every permission': async () => {
    const { administrator } = await foundCompany(server);
    await giveEverything(administrator.id);
    return (method, path, { body } = {}) => administrator.call(method, path, body);
  },
  'an access token of nobody’s member': async () => {
    const { account } = await hire(server);
    const cli = await registerClient(server.db, {
      authentication: 'none',
      grantTypes: ['urn:ietf:params:oauth:grant-type:device_code', 'refresh_token'],
      allowed: { [api]: scopes },
      defaultResource: api,
    });
    const form = { client_id: cli.id, resource: api, scope: scopes.join(' ') };
    const { access_token } = await letDeviceIn(server.issuer, form, account);
    return createTokenCaller(server.issuer, access_token);
  },
  'a machine of an organization': async () => employMachine((await foundCompany(server)).id),
  'a machine of no organization': () => employMachine(),
  'an API token with every permission': async () => {
    const owner = await addColleague(server.db);
    await giveEverything(owner.id);
    const { text } = await makeApiToken(server.db, owner, { permissions: { [api]: scopes } });
    return createTokenCaller(server.issuer, text);
  },
  'an API token without any': async () => {
    const { text } = await makeApiToken(server.db, await addColleague(server.db), { permissions: {} });
    return createTokenCaller(server.issuer, text);
  },
  nobody: async () => createApiCaller(server.issuer),
};

/** A path that is well-formed, and names nothing that there is. */
const pathOf = (path: string): string =>
  path.replace(/\{(\w+)\}/g, (_, name) =>
    /^(session|grant)_id$/.test(name) ? 'ab'.repeat(32) : randomUUID(),
  );

describe('every operation', () => {
  for (const [who, make] of Object.entries(callers)) {
    it(`answers ${who}, with a problem where it refuses, and never fails`, async () => {
      const call = await make();
      for (const { id, method, path, body, example } of operations) {
        const bodies = body === undefined ? [undefined] : [example, {}, { nonsense: true }];
        for (const sent of bodies) {
          const answer = await call(method, pathOf(path), sent === undefined ? {} : { body: sent });
          const told = `${id}: ${answer.status} ${JSON.stringify(answer.body)}`;
          assert.ok(answer.status < 500, told);
          if (answer.status < 400) continue;
          assert.equal(answer.headers.get('content-type'), 'application/problem+json', told);
          assert.deepEqual([answer.body.status, answer.body.type], [answer.status, 'about:blank'], told);
          if (who === 'nobody') assert.equal(answer.status, 401, told);
        }
      }
    });
  }

  it('is 403 with clear words to who acts nowhere, unless it concerns them alone', async () => {
    const call = await (
      callers[
        'a session whose person is disabled in the organization that was chosen'
      ] as () => Promise<ApiCaller>
    )();
    for (const { id, method, path, scope, isOwnAffair, body, example } of operations) {
      if (scope === undefined || isOwnAffair) continue;
      const answer = await call(method, pathOf(path), body === undefined ? {} : { body: example });
      assert.deepEqual([answer.status, answer.body.code], [403, 'forbidden'], id);
      assert.match(answer.body.detail, /^You act in no organization/, id);
    }
  });
});
