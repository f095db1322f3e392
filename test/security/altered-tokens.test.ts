import assert from 'node:assert/strict';
import { after, before, describe, it, type TestContext } from 'node:test';
import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { demoCli } from '../../src/development.ts';
import { createTokenFormat } from '../../src/secret.ts';
import { introspect, poll, post, refresh, requestMachineToken, revoke } from '../support/client.ts';
import { type DeviceTokens, letDeviceIn } from '../support/device-login.ts';
import { listQueries, untilSwept } from '../support/queries.ts';
import { startServer, type TestServer } from '../support/server.ts';

let server: TestServer;
let token: string;
let device: DeviceTokens;
before(async () => {
  server = await startServer();
  await untilSwept(server.db);
  token = (await requestMachineToken(server.issuer)).body.access_token;
  device = await letDeviceIn(server.issuer);
});
after(() => server.stop());

const digits = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** The text with the checksum that belongs to it: what an attacker who knows the format can make. */
function withChecksum(text: string): string {
  let checksum = '';
  for (let rest = crc32(text); checksum.length < 6; rest = Math.floor(rest / 62))
    checksum = digits[rest % 62] + checksum;
  return text + checksum;
}

const swapCase = (letter: string) =>
  letter === letter.toLowerCase() ? letter.toUpperCase() : letter.toLowerCase();

const replaceAt = (text: string, at: number, letter: string) =>
  text.slice(0, at) + letter + text.slice(at + 1);

async function assertInactive(altered: string): Promise<void> {
  const { status, body } = await introspect(server.issuer, altered);
  assert.deepEqual([status, body], [200, { active: false }], altered);
}

/** The statements about tokens and codes that asking takes. */
const lookUps = async (t: TestContext, ask: () => Promise<unknown>) =>
  (await listQueries(t, ask)).filter((query) => /_tokens|device_codes|grants|records/.test(query));

describe('a token that was altered', () => {
  it('is inactive when it is shortened, lengthened or padded', async () => {
    for (const altered of [
      token.slice(0, -1),
      token.slice(1),
      token.slice(0, 20),
      `${token}0`,
      `${token}=`,
      `0${token}`,
      ` ${token}`,
      `${token} `,
      `${token}\n`,
      `${token}\0`,
      token + token,
      `Bearer ${token}`,
    ]) {
      await assertInactive(altered);
    }
  });

  it('is inactive when its prefix or kind is swapped, also with the right checksum', async () => {
    for (const altered of [
      token.replace('pst_at_', 'pst_rt_'),
      token.replace('pst_at_', 'pst_dc_'),
      token.replace('pst_at_', 'abc_at_'),
      token.replace('pst_at_', 'PST_AT_'),
      token.replace('pst_at_', ''),
      device.refresh_token.replace('pst_rt_', 'pst_at_'),
    ]) {
      await assertInactive(altered);
      await assertInactive(withChecksum(altered.slice(0, -6)));
    }
  });

  it('is inactive with any letter in it changed', async () => {
    const places = fc.integer({ min: 0, max: token.length - 1 });
    await fc.assert(
      fc.asyncProperty(places, fc.constantFrom(...digits), async (at, letter) => {
        fc.pre(letter !== token[at]);
        const altered = replaceAt(token, at, letter);
        await assertInactive(altered);
        if (at < token.length - 6) await assertInactive(withChecksum(altered.slice(0, -6)));
      }),
      { numRuns: 40 },
    );
  });

  it('is inactive with the case of any letter changed', async () => {
    for (const [at, letter] of [...token].entries()) {
      if (swapCase(letter) !== letter) await assertInactive(replaceAt(token, at, swapCase(letter)));
    }
  });

  it('costs no look-up without the right checksum, and one with it', async (t) => {
    const altered = replaceAt(token, 20, swapCase(token[20] === '0' ? 'a' : (token[20] ?? 'a')));
    const garbage = altered === token ? replaceAt(token, 20, '0') : altered;
    for (const text of [garbage, 'garbage']) {
      for (const ask of [introspect, revoke, refresh, poll]) {
        assert.deepEqual(await lookUps(t, () => ask(server.issuer, text)), []);
      }
    }
    const forged = withChecksum(garbage.slice(0, -6));
    const [statement, ...others] = await lookUps(t, () => introspect(server.issuer, forged));
    assert.match(statement ?? '', /access_tokens/);
    for (const other of others) assert.match(other, /access_tokens/);
  });

  it('is no token at any time that it claims to be from', async () => {
    for (const time of ['000000', '1a2b3c', 'zzzzzz']) {
      await assertInactive(withChecksum(`pst_at_${time}${token.slice(13, -6)}`));
    }
  });

  it('is not made by who knows how tokens are made', async () => {
    const format = createTokenFormat('pst');
    const forged = format.issue('at', new Date());
    assert.ok(format.parse(forged));
    await assertInactive(forged);
    const refused = await refresh(server.issuer, format.issue('rt', new Date()));
    assert.deepEqual([refused.status, refused.body.error], [400, 'invalid_grant']);
  });
});

describe('a token in a place that is not its own', () => {
  it('refreshes nothing when it is an access token, and introspects as nothing when it is a secret', async () => {
    for (const misplaced of [token, device.access_token]) {
      const refused = await refresh(server.issuer, misplaced);
      assert.deepEqual([refused.status, refused.body.error], [400, 'invalid_grant']);
    }
    await assertInactive(createTokenFormat('pst').issue('cs', new Date()));
  });

  it('redeems nothing when it is a refresh token in place of a device code', async () => {
    const { status, body } = await post(`${server.issuer}/oauth/token`, {
      grant_type: 'urn:ietf:params:oauth:grant-type:device_code',
      device_code: device.refresh_token,
      client_id: demoCli.id,
    });
    assert.deepEqual([status, body.error], [400, 'invalid_grant']);
    assert.equal((await refresh(server.issuer, device.refresh_token)).status, 200);
  });
});
