import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { basic, credentials, requestDevice } from '../support/client.ts';
import { createPerson, hiddenField } from '../support/person.ts';
import { exchange, type RawRequest } from '../support/raw.ts';
import { startServer, type TestServer } from '../support/server.ts';

let server: TestServer;
before(async () => {
  server = await startServer();
});
after(() => server.stop());

/** NUL, bytes that are no UTF-8, half a character, a surrogate, a byte order mark, broken percent signs, line ends. */
const hostile = [
  '%00',
  'read%00',
  '%FF',
  '%C3%28',
  '%ED%A0%80',
  '%EF%BB%BF',
  '%',
  '%zz',
  '%0D%0A',
  '\xff',
  '\x00',
  '\u00e9',
];

const grants: Record<string, string> = {
  client_id: 'grant_type=client_credentials',
  client_secret: 'grant_type=client_credentials&client_id=demo-machine',
  scope: 'grant_type=client_credentials',
  resource: 'grant_type=client_credentials',
  grant_type: '',
  device_code: 'grant_type=urn:ietf:params:oauth:grant-type:device_code&client_id=demo-cli',
  refresh_token: 'grant_type=refresh_token&client_id=demo-cli',
};

/** Sends a request and returns its status; the text is sent byte by byte. */
async function statusOf(request: RawRequest & { body?: string }): Promise<number> {
  const body = Buffer.from(request.body ?? '', 'latin1');
  const headers = {
    Host: 'localhost',
    ...(request.method === 'POST' && {
      'Content-Type': 'application/x-www-form-urlencoded',
      'Content-Length': String(body.length),
    }),
    ...request.headers,
  };
  return (await exchange(server.issuer, { ...request, body, headers })).status;
}

async function assertRefused(requests: (RawRequest & { body?: string })[]): Promise<void> {
  for (const request of requests) {
    const status = await statusOf(request);
    assert.ok(status >= 400 && status < 500, `${status} ${JSON.stringify(request)}`);
  }
}

describe('bytes that nobody should send', () => {
  it('are refused in every parameter of the token endpoint', async () => {
    for (const [name, rest] of Object.entries(grants)) {
      const isOfClient = name.startsWith('client_') || rest.includes('client_id');
      const headers: Record<string, string> = isOfClient ? {} : { Authorization: basic(credentials.machine) };
      await assertRefused(
        hostile.map((bytes) => ({
          method: 'POST',
          target: '/oauth/token',
          headers,
          body: `${rest}&${name}=${bytes}`,
        })),
      );
    }
  });

  it('are refused, or unknown, at the other endpoints', async () => {
    for (const bytes of hostile) {
      const headers = { Authorization: basic(credentials.api) };
      for (const target of ['/oauth/introspect', '/oauth/revoke']) {
        for (const body of [`token=${bytes}`, `token=x&token_type_hint=${bytes}`, `${bytes}=x&token=x`]) {
          const status = await statusOf({ method: 'POST', target, headers, body });
          assert.ok(status === 200 || status === 400, `${status} ${target} ${body}`);
        }
      }
      const target = '/oauth/device_authorization';
      await assertRefused([
        { method: 'POST', target, body: `client_id=${bytes}` },
        { method: 'POST', target, body: `client_id=demo-cli&scope=${bytes}` },
        { method: 'POST', target, body: `client_id=demo-cli&resource=${bytes}` },
      ]);
    }
  });

  it('are refused in credentials', async () => {
    const texts = [
      '\0',
      'demo-machine:\0',
      '\xff\xfe:x',
      'demo-machine:\xff',
      '%00:x',
      '%FF:x',
      '%:%',
      ':',
      '',
      'x',
    ];
    const body = 'grant_type=client_credentials';
    for (const text of texts) {
      const headers = { Authorization: `Basic ${Buffer.from(text, 'latin1').toString('base64')}` };
      assert.equal(await statusOf({ method: 'POST', target: '/oauth/token', headers, body }), 401, text);
    }
    for (const Authorization of ['Basic', 'Basic \xff\xff', 'Basic ====', 'Bearer x', '\xff', 'Basic a b']) {
      const status = await statusOf({
        method: 'POST',
        target: '/oauth/token',
        headers: { Authorization },
        body,
      });
      assert.equal(status, 401, Authorization);
    }
  });

  it('are refused in paths, queries and cookies, or make an ordinary page', async () => {
    const { body: device } = await requestDevice(server.issuer);
    for (const bytes of hostile.filter((text) => /^[\x20-\x7e]+$/.test(text))) {
      for (const target of [`/${bytes}`, `/assets/${bytes}`, `/oauth/token${bytes}`, `/device/${bytes}`]) {
        assert.equal(await statusOf({ target }), 404, target);
      }
      for (const target of [`/device?user_code=${bytes}`, `/device?${bytes}`, `/sign-in?${bytes}=${bytes}`]) {
        assert.equal(await statusOf({ target }), 200, target);
      }
      for (const name of ['session', 'visit', 'device', 'browser']) {
        const headers = { Cookie: `postern-${name}=${bytes}; postern-visit=${bytes}` };
        assert.equal(await statusOf({ target: '/device', headers }), 200, `${name}=${bytes}`);
      }
    }
    assert.ok(device.user_code);
  });

  it('are refused in the forms of the pages', async () => {
    const person = createPerson(server.issuer);
    const csrf = hiddenField(await person.open('/device'), 'csrf');
    const Cookie = [...person.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const forms = [
      ['/device', 'user_code'],
      ['/sign-in', 'email'],
      ['/sign-in', 'password'],
      ['/device/confirm', 'ticket'],
    ];
    for (const [target = '', name] of forms) {
      for (const bytes of hostile) {
        const body = `csrf=${csrf}&email=a%40example.com&password=x&decision=allow&${name}=${bytes}`.replace(
          /(email|password)=[^&]*&(?=.*\1=)/,
          '',
        );
        const status = await statusOf({ method: 'POST', target, headers: { Cookie }, body });
        assert.ok(status === 303 || (status >= 400 && status < 500), `${status} ${target} ${name}=${bytes}`);
      }
    }
    assert.doesNotMatch(server.logged(), /"level":"error"/);
  });
});
