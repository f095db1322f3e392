import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { demoResource } from '../../src/development.ts';
import { problemsOf } from '../support/api.ts';
import { type Employee, foundCompany } from '../support/company.ts';
import { startServer, type TestServer } from '../support/server.ts';

const [sooner, soon, later] = ['2038-01-01T00:00:00Z', '2039-01-01T00:00:00Z', '2040-01-01T00:00:00Z'];
const advice = 'an administrator must approve this; make a new token';

let server: TestServer;
let administrator: Employee;
let member: Employee;
before(async () => {
  server = await startServer({ settings: { POSTERN_API_RATE_LIMIT: '100000' } });
  const company = await foundCompany(server);
  administrator = company.administrator;
  member = await company.join('member');
  const policy = { longest_lifetime_seconds: null, expiry_required: false, permissions: null };
  const set = await administrator.call('PUT', '/policies/tokens', { ...policy, approval_required: true });
  assert.equal(set.status, 200);
});
after(() => server.stop());

async function requestToken(): Promise<string> {
  const { status, body } = await member.call('POST', '/tokens', {
    name: 'Approved',
    permissions: { [demoResource.uri]: ['read'] },
    expires_at: soon,
    address_ranges: ['10.1.0.0/16', '192.0.2.1'],
    reason: 'Reads the orders at night',
  });
  assert.deepEqual([status, body.state], [201, 'waiting']);
  return `/tokens/${body.id}`;
}

describe('a token that an administrator must approve', () => {
  it('is asked for with a reason by who cannot approve it', async () => {
    const wanted = { name: 'Approved', permissions: {}, expires_at: soon };
    for (const reason of [{}, { reason: ' ' }]) {
      const answer = await member.call('POST', '/tokens', { ...wanted, ...reason });
      assert.equal(answer.status, 422);
      assert.match(String(problemsOf(answer)), /^#\/reason/);
    }
    const { status, body } = await administrator.call('POST', '/tokens', wanted);
    assert.deepEqual([status, body.state], [201, 'active']);
  });

  for (const state of ['waiting', 'active']) {
    it(`cannot be widened by its owner while it is ${state}`, async () => {
      const path = await requestToken();
      if (state === 'active') await administrator.call('POST', `${path}/approve`);
      const before = (await member.call('GET', path)).body;
      assert.equal(before.state, state);
      const widenings = [
        { permissions: { [demoResource.uri]: ['read', 'write'] } },
        { expires_at: later },
        { expires_at: null },
        { address_ranges: [] },
        { address_ranges: ['10.0.0.0/8'] },
        { address_ranges: ['10.1.2.0/24', '192.0.2.2'] },
        { address_ranges: ['::/0'] },
      ];
      for (const body of widenings) {
        const answer = await member.call('PATCH', path, body);
        assert.equal(answer.status, 422, JSON.stringify(body));
        assert.ok(problemsOf(answer)[0]?.endsWith(advice));
      }
      assert.deepEqual((await member.call('GET', path)).body, before);
    });
  }

  it('can be renamed and narrowed by its owner, and widened by an administrator', async () => {
    const path = await requestToken();
    const narrowed = {
      name: 'New',
      expires_at: sooner,
      address_ranges: ['10.1.2.0/24', '192.0.2.1/32', '::ffff:10.1.3.4'],
    };
    assert.equal((await member.call('PATCH', path, narrowed)).status, 200);
    const widened = {
      permissions: { [demoResource.uri]: ['read', 'write'] },
      expires_at: later,
      address_ranges: [],
    };
    assert.equal((await administrator.call('PATCH', path, widened)).status, 200);
  });
});
