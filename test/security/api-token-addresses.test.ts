import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import {
  type ApiCaller,
  createApiCaller,
  createBrowserCaller,
  makeToken,
  problemsOf,
} from '../support/api.ts';
import { startServer, type TestServer } from '../support/server.ts';

let server: TestServer;
let call: ApiCaller;
before(async () => {
  const settings = { POSTERN_API_RATE_LIMIT: '100000', POSTERN_TRUSTED_PROXIES: '127.0.0.1 ::1' };
  server = await startServer({ settings });
  call = await createBrowserCaller(server.issuer);
});
after(() => server.stop());

/** Uses a token from an address. */
const useFrom = async (text: string, address: string): Promise<number> => {
  const headers = { authorization: `Bearer ${text}`, 'x-forwarded-for': address };
  return (await createApiCaller(server.issuer, headers)('GET', '/users/me')).status;
};

/** Ranges, how they are shown, addresses within, and addresses outside. */
const ranges: [range: string, shown: string, within: string[], outside: string[]][] = [
  ['10.0.0.0/8', '10.0.0.0/8', ['10.1.2.3', '::ffff:10.1.2.3', '::ffff:a01:203'], ['11.0.0.1', '::a01:203']],
  ['::ffff:10.0.0.0/104', '10.0.0.0/8', ['10.1.2.3', '::ffff:10.1.2.3'], ['11.0.0.1', '::ffff:11.0.0.1']],
  ['::ffff:a00:0/104', '10.0.0.0/8', ['10.1.2.3'], ['11.0.0.1']],
  ['::ffff:192.0.2.7', '192.0.2.7/32', ['192.0.2.7', '::ffff:192.0.2.7'], ['192.0.2.8']],
  ['::ffff:0:0/96', '0.0.0.0/0', ['192.0.2.7', '::ffff:192.0.2.7'], ['2001:db8::1']],
  ['::ffff:10.9.9.9/104', '10.0.0.0/8', ['10.1.2.3'], ['11.0.0.1']],
  ['2001:db8::/32', '2001:db8::/32', ['2001:db8::1'], ['2001:db9::1', '10.1.2.3']],
  ['::/0', '::/0', ['2001:db8::1'], ['10.1.2.3', '::ffff:10.1.2.3']],
];

describe('an address range of an API token', () => {
  for (const [range, shown, within, outside] of ranges) {
    it(`${range} is ${shown}, for callers in either form`, async () => {
      const token = await makeToken(call, { address_ranges: [range] });
      assert.deepEqual(token.address_ranges, [shown]);
      const statuses = async (addresses: string[]) =>
        new Set(await Promise.all(addresses.map((address) => useFrom(token.value, address))));
      assert.deepEqual(await statuses(within), new Set([200]));
      assert.deepEqual(await statuses(outside), new Set([401]));
    });
  }

  it('is the same when it is changed', async () => {
    const { id } = await makeToken(call);
    const body = { address_ranges: ['::ffff:10.0.0.0/104'] };
    assert.deepEqual((await call('PATCH', `/tokens/${id}`, { body })).body.address_ranges, ['10.0.0.0/8']);
  });

  it('is refused where it mixes IPv4 with other addresses, or is no range', async () => {
    const nonsense = [
      '::ffff:10.0.0.0/90',
      '::ffff:0:0/0',
      '10.0.0.0/33',
      '::/129',
      '10.0.0.0/',
      'fe80::1%eth0',
      '010.0.0.1',
    ];
    for (const range of nonsense) {
      const body = { name: 'a', permissions: {}, address_ranges: [range] };
      const [problem = ''] = problemsOf(await call('POST', '/tokens', { body }));
      assert.match(problem, /^#\/address_ranges\/0: /, range);
    }
  });
});
