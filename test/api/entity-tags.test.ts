import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { demoResource } from '../../src/development.ts';
import { sql } from '../../src/postgres/sql.ts';
import { type ApiCaller, createBrowserCaller, makeToken } from '../support/api.ts';
import { type EmployeeCall, foundCompany } from '../support/company.ts';
import { startServer, type TestServer } from '../support/server.ts';

let server: TestServer;
let call: ApiCaller;
before(async () => {
  server = await startServer({ settings: { POSTERN_API_RATE_LIMIT: '100000' } });
  call = await createBrowserCaller(server.issuer);
});
after(() => server.stop());

/** The present entity tag. */
async function tagOf(path: string): Promise<string> {
  const { headers } = await call('GET', path);
  const tag = headers.get('etag') ?? '';
  assert.match(tag, /^"[\w-]+"$/);
  return tag;
}

const change = (path: string, tag: string, note: string) =>
  call('PATCH', path, { headers: { 'if-match': tag }, body: { note } });

describe('If-Match', () => {
  it('lets a change through where nothing has changed, and the answer has the next tag', async () => {
    const path = `/tokens/${(await makeToken(call)).id}`;
    const changed = await change(path, await tagOf(path), 'b');
    assert.deepEqual([changed.status, changed.body.note], [200, 'b']);
    assert.equal(changed.headers.get('etag'), await tagOf(path));
    assert.equal((await change(path, `"other", ${await tagOf(path)}`, 'c')).status, 200);
    assert.equal((await change(path, '*', 'd')).status, 200);
  });

  it('lets one of two administrators win, and tells the other', async () => {
    const path = `/tokens/${(await makeToken(call)).id}`;
    for (let round = 0; round < 5; round += 1) {
      const tag = await tagOf(path);
      const notes = [`one ${round}`, `two ${round}`];
      const answers = await Promise.all(notes.map((note) => change(path, tag, note)));
      assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 412]);
      const winner = answers.find(({ status }) => status === 200);
      assert.deepEqual((await call('GET', path)).body, winner?.body);
    }
  });

  it('loses nothing of two changes at once that name no tag', async () => {
    const path = `/tokens/${(await makeToken(call)).id}`;
    const changes = [{ note: 'b' }, { name: 'c' }, { address_ranges: ['192.0.2.0/24'] }];
    const answers = await Promise.all(changes.map((body) => call('PATCH', path, { body })));
    assert.deepEqual(
      answers.map(({ status }) => status),
      [200, 200, 200],
    );
    const { note, name, address_ranges } = (await call('GET', path)).body;
    assert.deepEqual({ note, name, address_ranges }, Object.assign({}, ...changes));
  });

  it('is about what people change: that a token is used meanwhile is in nobody’s way', async () => {
    const { id } = await makeToken(call);
    const tag = await tagOf(`/tokens/${id}`);
    await server.db.query(sql`
      update api_tokens set last_used_at = now(), last_used_address = '192.0.2.1', last_used_agent = 'curl'
      where id = ${id}`);
    assert.notEqual(await tagOf(`/tokens/${id}`), tag);
    assert.equal((await change(`/tokens/${id}`, tag, 'b')).status, 200);
    assert.equal((await change(`/tokens/${id}`, tag, 'c')).status, 412);
  });

  it('is about what people change of a program: that it is used meanwhile is in nobody’s way', async () => {
    const resources = { [demoResource.uri]: ['read'] };
    const body = { client_name: 'Busy import', grant_types: ['client_credentials'], resources };
    const path = `/clients/${(await call('POST', '/clients', { body })).body.client_id}`;
    const tag = await tagOf(path);
    await server.db.query(sql`update clients set last_used_at = now()`);
    const used = await tagOf(path);
    assert.notEqual(used, tag);
    const rename = (client_name: string) =>
      call('PATCH', path, { headers: { 'if-match': tag }, body: { client_name } });
    const renamed = await rename('Busier import');
    assert.deepEqual([renamed.status, renamed.body.client_name], [200, 'Busier import']);
    assert.equal((await rename('Busiest import')).status, 412);
  });

  it('holds for members too', async () => {
    const { body: me } = await call('GET', '/users/me');
    const path = `/members/${me.id}`;
    const tag = await tagOf(path);
    const body = { taken: { [demoResource.uri]: ['write'] } };
    const changed = await call('PATCH', path, { headers: { 'if-match': tag }, body });
    assert.equal(changed.status, 200, JSON.stringify(changed.body));
    const late = await call('PATCH', path, { headers: { 'if-match': tag }, body: { taken: {} } });
    assert.equal(late.status, 412);
    const given = { headers: { 'if-match': changed.headers.get('etag') ?? '' }, body: { taken: {} } };
    assert.notEqual((await call('PATCH', path, given)).status, 412);
  });

  it('is refused where it is not looked at, and nothing is done', async () => {
    const path = `/tokens/${(await makeToken(call)).id}`;
    for (const [method, at] of [
      ['DELETE', path],
      ['POST', `${path}/disable`],
    ] as const)
      assert.equal((await call(method, at, { headers: { 'if-match': '"another"' } })).status, 400);
    assert.equal((await call('GET', path)).body.state, 'active');
    const body = { enrolment: 'x', code: '123456' };
    const totp = await call('PUT', '/users/me/totp', { headers: { 'if-match': '"another"' }, body });
    assert.equal(totp.status, 412);
  });
});

describe('If-None-Match', () => {
  it('is answered with 304 and nothing else while nothing has changed', async () => {
    for (const path of [
      '/users/me',
      '/tokens',
      '/policies/tokens',
      `/tokens/${(await makeToken(call)).id}`,
    ]) {
      const tag = await tagOf(path);
      for (const condition of [tag, `W/${tag}`, `"other", ${tag}`, '*']) {
        const answer = await call('GET', path, { headers: { 'if-none-match': condition } });
        assert.deepEqual([answer.status, answer.body], [304, ''], condition);
        assert.equal(answer.headers.get('etag'), tag);
      }
      const other = await call('GET', path, { headers: { 'if-none-match': '"other"' } });
      assert.equal(other.status, 200);
    }
  });

  it('is answered with 304 to HEAD as to GET', async () => {
    const headers = { 'if-none-match': await tagOf('/users/me') };
    assert.equal((await call('HEAD', '/users/me', { headers })).status, 304);
  });

  it('shows what has changed, when it was last used too', async () => {
    const { id } = await makeToken(call);
    const headers = { 'if-none-match': await tagOf(`/tokens/${id}`) };
    await server.db.query(sql`
      update api_tokens set last_used_at = now(), last_used_address = '192.0.2.1', last_used_agent = 'curl'
      where id = ${id}`);
    const answer = await call('GET', `/tokens/${id}`, { headers });
    assert.deepEqual([answer.status, answer.body.last_used.address], [200, '192.0.2.1']);
  });
});

describe('the answer to a POST', () => {
  it('has no entity tag: it is no representation of its address', async () => {
    const body = { name: 'a', permissions: {} };
    const made = await call('POST', '/tokens', { body });
    assert.equal(made.headers.get('etag'), null);
    assert.equal(made.status, 201, JSON.stringify(made.body));
    const location = URL.parse(made.headers.get('location') ?? '', `${server.issuer}/api/v1/tokens`);
    assert.equal(location?.pathname, `/api/v1/tokens/${made.body.id}`);
  });
});

describe('If-Match on PUT', () => {
  const policy = {
    longest_lifetime_seconds: null,
    expiry_required: false,
    approval_required: false,
    permissions: null,
  };
  const replace = (tag: string, seconds: number) =>
    call('PUT', '/policies/tokens', {
      headers: { 'if-match': tag },
      body: { ...policy, longest_lifetime_seconds: seconds },
    });

  it('lets one of two administrators win from the first policy on', async () => {
    for (let round = 0; round < 5; round += 1) {
      const tag = await tagOf('/policies/tokens');
      const answers = await Promise.all([1000, 2000].map((seconds) => replace(tag, seconds + round)));
      assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 412]);
      const winner = answers.find(({ status }) => status === 200);
      assert.deepEqual((await call('GET', '/policies/tokens')).body, winner?.body);
      assert.equal(await tagOf('/policies/tokens'), winner?.headers.get('etag'));
    }
  });
});

describe('If-Match on the choice of an organization', () => {
  const choose = (by: EmployeeCall, id: string, condition: string) =>
    by('PUT', '/users/me/organization', { id }, { 'if-match': condition });

  it('lets one of two pages win, and tells the other', async () => {
    const [ours, theirs] = [await foundCompany(server), await foundCompany(server)];
    const person = await ours.join('member');
    const only = (await person.call('GET', '/users/me/organization')).headers.get('etag') ?? '';
    await theirs.join('member', person);
    assert.equal((await choose(person.call, theirs.id, only)).status, 412, 'of two, none is chosen yet');
    assert.equal((await choose(person.call, theirs.id, '*')).status, 412, 'there is nothing to be replaced');
    assert.equal((await person.call('PUT', '/users/me/organization', { id: ours.id })).status, 200);
    for (let round = 0; round < 3; round += 1) {
      const tag = (await person.call('GET', '/users/me/organization')).headers.get('etag') ?? '';
      const other = round % 2 === 0 ? theirs : ours;
      const answers = await Promise.all([1, 2].map(() => choose(person.call, other.id, tag)));
      assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 412]);
      const shown = await person.call('GET', '/users/me/organization');
      assert.deepEqual(shown.body, { id: other.id });
      const winner = answers.find(({ status }) => status === 200);
      assert.equal(winner?.headers.get('etag'), shown.headers.get('etag'));
    }
  });
});
