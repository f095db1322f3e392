import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { demoResource } from '../../src/development.ts';
import { sql } from '../../src/postgres/sql.ts';
import { type Answer, introspect, poll, requestDevice } from '../support/client.ts';
import { callApi, foundCompany, hire } from '../support/company.ts';
import { machine, register, requestToken } from '../support/program.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { until } from '../support/until.ts';

let server: TestServer;
let api: string;
before(async () => {
  server = await startServer({ settings: { POSTERN_API_RATE_LIMIT: '10000' } });
  api = `${server.issuer}/api`;
});
after(() => server.stop());

const resource = demoResource.uri;
const device = 'urn:ietf:params:oauth:grant-type:device_code';
const problemsOf = ({ body }: Answer): string[] =>
  body.errors.map(({ pointer }: { pointer: string }) => pointer);

describe('a program of an organization', () => {
  it('is registered with a secret that is shown once, and gets tokens', async () => {
    const { administrator } = await foundCompany(server);
    const { client_id, client_secret } = await register(administrator);
    assert.match(client_id, /^client-[0-9A-Za-z]{22}$/, 'its id is nobody’s choice');
    const token = await requestToken(server.issuer, [client_id, client_secret]);
    assert.deepEqual([token.status, token.body.scope], [200, 'read']);
    const { body: shown } = await administrator.call('GET', `/clients/${client_id}`);
    assert.equal(shown.client_secret, undefined);
    assert.equal(shown.secrets.length, 1);
    const { body: list } = await administrator.call('GET', '/clients');
    assert.deepEqual(
      list.items.map(({ client_id: id }: { client_id: string }) => id),
      [client_id],
    );
  });

  it('may not choose its id, its publisher, what it introspects or exchanges, nor how long its device codes live', async () => {
    const { administrator } = await foundCompany(server);
    for (const field of ['client_id', 'publisher', 'audiences', 'exchanges', 'device_code_lifetime']) {
      const answer = await administrator.call('POST', '/clients', { ...machine, [field]: 'x' });
      assert.deepEqual([answer.status, problemsOf(answer)], [422, [`#/${field}`]]);
    }
    for (const [field, value] of [
      ['grant_types', ['urn:ietf:params:oauth:grant-type:token-exchange']],
      ['token_endpoint_auth_method', 'tls_client_auth'],
    ] as const) {
      assert.equal(
        (await administrator.call('POST', '/clients', { ...machine, [field]: value })).status,
        422,
      );
    }
  });

  it('gets tokens that live as long as was said, at most a day, and as usual again when that is taken back', async () => {
    const { administrator } = await foundCompany(server);
    const { client_id, client_secret } = await register(administrator, {
      ...machine,
      access_token_lifetime: 120,
    });
    assert.equal((await requestToken(server.issuer, [client_id, client_secret])).body.expires_in, 120);
    const path = `/clients/${client_id}`;
    const tooLong = await administrator.call('PATCH', path, { access_token_lifetime: 86_401 });
    assert.deepEqual([tooLong.status, problemsOf(tooLong)], [422, ['#/access_token_lifetime']]);
    const { body } = await administrator.call('PATCH', path, { access_token_lifetime: null });
    assert.ok(!('access_token_lifetime' in body));
    assert.notEqual((await requestToken(server.issuer, [client_id, client_secret])).body.expires_in, 120);
  });

  it('is found by a part of its name or its id, and not in another organization', async () => {
    const { administrator } = await foundCompany(server);
    const { administrator: other } = await foundCompany(server);
    const { client_id } = await register(administrator, { ...machine, client_name: 'Café counter' });
    await register(administrator);
    await register(other, { ...machine, client_name: 'Café elsewhere' });
    for (const search of ['CAFÉ', client_id.slice(7, 20)]) {
      const { body } = await administrator.call('GET', `/clients?search=${encodeURIComponent(search)}`);
      assert.deepEqual(
        body.items.map((item: { client_id: string }) => item.client_id),
        [client_id],
      );
    }
  });

  it('tells how many sign-ins end with it', async () => {
    const { administrator, join } = await foundCompany(server);
    const member = await join('member');
    const { client_id } = await register(administrator, {
      client_name: 'Reader',
      grant_types: [device, 'refresh_token'],
      token_endpoint_auth_method: 'none',
      resources: { [resource]: ['read'] },
    });
    const holdings = async () => (await administrator.call('GET', `/clients/${client_id}`)).body.holdings;
    assert.deepEqual(await holdings(), { grants: 0 });
    const { body } = await requestDevice(server.issuer, { client_id, scope: 'read' });
    await member.person.enterCode(body.user_code);
    await member.person.decide('allow');
    assert.deepEqual(await holdings(), { grants: 1 });
    const page = await administrator.person.open(`/admin/clients/${client_id}`);
    assert.match(page.html, /stop at once\. Devices and apps that stop with it: 1\./);
    const { body: shown } = await administrator.call('GET', `/members/${member.id}`);
    assert.deepEqual(shown.holdings, { tokens: 0, devices: 1 });
  });

  it('is told every wrong field at once, also where fields do not go together', async () => {
    const { administrator } = await foundCompany(server);
    const fields = await administrator.call('POST', '/clients', { client_name: '', grant_types: ['x'] });
    assert.deepEqual(problemsOf(fields).sort(), ['#/client_name', '#/grant_types/0']);
    for (const client_name of [' ', '\u00a0', '\u200b'])
      assert.deepEqual(
        problemsOf(await administrator.call('POST', '/clients', { ...machine, client_name })),
        ['#/client_name'],
      );
    const together = await administrator.call('POST', '/clients', {
      client_name: 'x',
      token_endpoint_auth_method: 'none',
      grant_types: ['client_credentials', 'refresh_token'],
    });
    assert.deepEqual(problemsOf(together).sort(), [
      '#/grant_types',
      '#/resources',
      '#/token_endpoint_auth_method',
    ]);
  });

  it('does not go by a name of the operator’s programs', async () => {
    const { administrator } = await foundCompany(server);
    const taken = await administrator.call('POST', '/clients', { ...machine, client_name: 'demo  CLI' });
    assert.deepEqual([taken.status, problemsOf(taken)], [422, ['#/client_name']]);
    const { client_id } = await register(administrator);
    const renamed = await administrator.call('PATCH', `/clients/${client_id}`, { client_name: 'DEMO-cli' });
    assert.equal(renamed.status, 422);
    await register((await foundCompany(server)).administrator);
  });

  it('has a name that is as it looks: no character in it turns others around or cannot be seen', async () => {
    const { administrator } = await foundCompany(server);
    const { client_id } = await register(administrator);
    for (const client_name of [
      '\u202eILC omeD',
      'Demo\u200b CLI',
      '\u200b',
      '\u3164',
      'Demo\ufe0f CLI',
      '…',
    ]) {
      for (const [method, path, body] of [
        ['POST', '/clients', { ...machine, client_name }],
        ['PATCH', `/clients/${client_id}`, { client_name }],
      ] as const) {
        const refused = await administrator.call(method, path, body);
        assert.deepEqual([refused.status, problemsOf(refused)], [422, ['#/client_name']], client_name);
      }
    }
    assert.equal(
      (await administrator.call('PATCH', `/clients/${client_id}`, { client_name: 'שלום' })).status,
      200,
    );
  });

  it('can ask for no scope that its administrator lacks', async () => {
    const { administrator, join } = await foundCompany(server);
    const narrowed = await join('administrator');
    const taken = { [resource]: ['write'] };
    await administrator.call('PATCH', `/members/${narrowed.id}`, { taken });
    const wide = { ...machine, resources: { [resource]: ['read', 'write'] } };
    const answer = await narrowed.call('POST', '/clients', wide);
    assert.equal(answer.status, 422);
    assert.deepEqual(problemsOf(answer), ['#/resources/https%3A~1~1api.example.com']);
    assert.equal(
      (await administrator.call('POST', '/clients', { ...machine, resources: { [api]: ['keys:write'] } }))
        .status,
      422,
    );
    assert.equal(
      (
        await administrator.call('POST', '/clients', {
          ...machine,
          resources: { 'https://nowhere.example': ['x'] },
        })
      ).status,
      422,
    );
  });

  it('that may do more than an administrator cannot be taken over by them, only disabled or narrowed', async () => {
    const { administrator, join } = await foundCompany(server);
    const { client_id } = await register(administrator, {
      ...machine,
      resources: { [resource]: ['read', 'write'] },
    });
    const narrowed = await join('administrator');
    await administrator.call('PATCH', `/members/${narrowed.id}`, { taken: { [resource]: ['write'] } });
    const path = `/clients/${client_id}`;
    assert.equal((await narrowed.call('POST', `${path}/secrets`, {})).status, 422);
    assert.equal((await narrowed.call('PATCH', path, { client_name: 'Mine' })).status, 422);
    assert.equal((await narrowed.call('PATCH', path, { token_endpoint_auth_method: 'none' })).status, 422);
    assert.equal((await narrowed.call('PATCH', path, { disabled: true })).status, 200);
    assert.equal((await narrowed.call('PATCH', path, { disabled: false })).status, 422);
    assert.equal((await narrowed.call('PATCH', path, { resources: { [resource]: ['read'] } })).status, 200);
    assert.equal((await narrowed.call('POST', `${path}/secrets`, {})).status, 201);
  });

  it('is nothing to members without the permission, and to other organizations', async () => {
    const ours = await foundCompany(server);
    const { administrator: stranger } = await foundCompany(server);
    const member = await ours.join('member');
    const { client_id, secrets } = await register(ours.administrator);
    const path = `/clients/${client_id}`;
    assert.equal((await member.call('GET', path)).status, 200);
    const changes = [
      ['PATCH', path, { disabled: true }],
      ['DELETE', path],
      ['POST', `${path}/secrets`, {}],
      ['DELETE', `${path}/secrets/${secrets[0].id}`],
    ] as const;
    for (const [method, where, body] of changes) {
      assert.equal((await member.call(method, where, body)).status, 403, `${method} ${where}`);
      assert.equal((await stranger.call(method, where, body)).status, 404, `${method} ${where}`);
    }
    assert.equal((await stranger.call('GET', path)).status, 404);
    assert.deepEqual((await stranger.call('GET', '/clients')).body.items, []);
    for (const operators of ['demo-machine', 'demo-cli', 'nothing', 'a b', '%00'])
      assert.equal((await ours.administrator.call('DELETE', `/clients/${operators}`)).status, 404);
  });

  it('is changed field by field, by who saw what stands there', async () => {
    const { administrator } = await foundCompany(server);
    const { client_id } = await register(administrator);
    const path = `/clients/${client_id}`;
    const seen = { 'if-match': (await administrator.call('GET', path)).headers.get('etag') ?? '' };
    const changed = await administrator.call('PATCH', path, { resources: { [resource]: ['write'] } }, seen);
    assert.deepEqual(changed.body.resources, { [resource]: ['write'] });
    assert.deepEqual(
      [changed.body.client_name, changed.body.grant_types],
      [machine.client_name, machine.grant_types],
    );
    assert.equal((await administrator.call('PATCH', path, { client_name: 'Other' }, seen)).status, 412);
  });

  it('can be changed in everything that was chosen for it', async () => {
    const { administrator } = await foundCompany(server);
    const { client_id } = await register(administrator);
    const path = `/clients/${client_id}`;
    const jwks = { keys: [{ kty: 'OKP', crv: 'Ed25519', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo' }] };
    for (const [body, part] of [
      [{ verification_uri_complete: false, dpop_bound_access_tokens: true }, undefined],
      [{ number_matching: true, same_network: true, refresh_token_lifetime: 3600 }, undefined],
      [{ resources: { [api]: ['members:read'] } }, { default_resource: api, number_matching: true }],
      [{ step_up_scopes: ['members:read', 'offline_access'] }, undefined],
      [{ refresh_token_lifetime: null }, { refresh_token_lifetime: undefined }],
      [{ token_endpoint_auth_method: 'private_key_jwt', jwks }, { secrets: [] }],
      [{ jwks: null, jwks_uri: 'https://example.com/jwks' }, { jwks: undefined }],
      [{ default_resource: null }, { default_resource: api }],
    ] as const) {
      const { status, body: changed } = await administrator.call('PATCH', path, body);
      assert.equal(status, 200, JSON.stringify(changed));
      for (const [name, value] of Object.entries(part ?? body)) assert.deepEqual(changed[name], value, name);
    }
  });

  it('is dead at once while disabled, and for good when removed', async () => {
    const { administrator } = await foundCompany(server);
    const { client_id, client_secret } = await register(administrator);
    const path = `/clients/${client_id}`;
    const { body: token } = await requestToken(server.issuer, [client_id, client_secret]);
    const isActive = async () => (await introspect(server.issuer, token.access_token)).body.active;
    await administrator.call('PATCH', path, { disabled: true });
    assert.equal(await isActive(), false);
    assert.equal((await requestToken(server.issuer, [client_id, client_secret])).status, 401);
    await administrator.call('PATCH', path, { disabled: false });
    assert.equal(await isActive(), true);
    assert.equal((await administrator.call('DELETE', path)).status, 204);
    assert.equal(await isActive(), false);
    assert.equal((await administrator.call('GET', path)).status, 404);
  });

  it('acts in its organization at the management API', async () => {
    const { administrator, id } = await foundCompany(server);
    const registered = await register(administrator, {
      ...machine,
      resources: { [api]: ['members:read', 'clients:write'] },
    });
    const { body: token } = await requestToken(server.issuer, [
      registered.client_id,
      registered.client_secret,
    ]);
    const authorization = `Bearer ${token.access_token}`;
    const { body: me } = await callApi(server.issuer, ['GET', '/users/me'], { authorization });
    assert.deepEqual([me.kind, me.organization], ['program', { id }]);
    const { body: members } = await callApi(server.issuer, ['GET', '/members'], { authorization });
    assert.deepEqual(
      members.items.map((item: { user_id: string }) => item.user_id),
      [administrator.id],
    );
    const wider = await callApi(server.issuer, ['POST', '/clients', machine], { authorization });
    assert.equal(wider.status, 422, 'it hands on no more than it has');
  });

  it('tells when it authenticated last, which no failure changes', async () => {
    const { administrator } = await foundCompany(server);
    const [one, other] = [await register(administrator), await register(administrator)];
    const lastUsed = ({ client_id }: { client_id: string }) =>
      until<string>(async () => (await administrator.call('GET', `/clients/${client_id}`)).body.last_used_at);
    await requestToken(server.issuer, [one.client_id, one.client_secret]);
    const first = await lastUsed(one);
    const [row] = await server.db.query<{ recent: boolean }>(
      sql`select ${first}::timestamptz > now() - interval '1 minute' as recent`,
    );
    assert.equal(row?.recent, true);
    await requestToken(server.issuer, [one.client_id, 'wrong']);
    await requestToken(server.issuer, [other.client_id, other.client_secret]);
    await lastUsed(other);
    assert.equal(await lastUsed(one), first);
  });
});

describe('a device program of an organization', () => {
  const publicProgram = {
    ...machine,
    token_endpoint_auth_method: 'none',
    grant_types: [device, 'refresh_token'],
  };

  it('is let in by its members, for it, wherever their browser acts', async () => {
    const ours = await foundCompany(server);
    const theirs = await foundCompany(server);
    const { client_id } = await register(ours.administrator, publicProgram);
    const member = await ours.join('member');
    await theirs.join('member', member);
    await member.call('PUT', '/users/me/organization', { id: theirs.id });
    const { body: request } = await requestDevice(server.issuer, { client_id, scope: 'read' });
    await member.person.enterCode(request.user_code, member.account);
    await member.person.decide('allow');
    const { status } = await poll(server.issuer, request.device_code, { client_id });
    assert.equal(status, 200);
    const [grant] = await server.db.query(
      sql`select organization_id from grants where client_id = ${client_id}`,
    );
    assert.deepEqual(grant, { organization_id: ours.id });
  });

  it('is let in by nobody else', async () => {
    const ours = await foundCompany(server);
    const { client_id } = await register(ours.administrator, publicProgram);
    for (const stranger of [await hire(server), (await foundCompany(server)).administrator]) {
      const { body: request } = await requestDevice(server.issuer, { client_id, scope: 'read' });
      const page = await stranger.person.enterCode(request.user_code, stranger.account);
      assert.match(page.html, /belongs to an organization that you are not in/);
      await stranger.person.decide('allow');
      const { body } = await poll(server.issuer, request.device_code, { client_id });
      assert.equal(body.error, 'authorization_pending');
    }
  });
});
