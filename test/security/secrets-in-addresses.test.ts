import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { demoUser } from '../../src/development.ts';
import { requestDevice } from '../support/client.ts';
import { createPerson, hiddenField } from '../support/person.ts';
import { startServer, type TestServer } from '../support/server.ts';

let server: TestServer;
before(async () => {
  server = await startServer();
});
after(() => server.stop());

/** A whole device login with a wrong password and a wrong code on the way; everything in it that nobody else may know. */
async function logIn() {
  const person = createPerson(server.issuer);
  const secrets = new Set<string>([demoUser.password, 'not the password at all']);
  const remember = () => {
    for (const value of person.cookies.values()) secrets.add(value);
  };
  const { body: device } = await requestDevice(server.issuer);
  for (const secret of [device.user_code, device.user_code.replace('-', ''), device.device_code])
    secrets.add(secret);
  await person.open('/device');
  await person.submit('/device', { user_code: 'BCDF-GHJK' });
  const signIn = await person.submit('/device', { user_code: device.user_code });
  secrets.add(hiddenField(signIn, 'csrf'));
  remember();
  await person.submit('/sign-in', { email: demoUser.email, password: 'not the password at all' });
  const confirmation = await person.submit('/sign-in', demoUser);
  secrets.add(hiddenField(confirmation, 'csrf')).add(hiddenField(confirmation, 'ticket'));
  remember();
  await person.decide('allow');
  remember();
  await person.submit('/sign-out', {});
  return { person, secrets, device };
}

describe('the addresses of the pages', () => {
  it('hold nothing but paths: no code, no id, no token, no name', async () => {
    const { person } = await logIn();
    const paths = new Set([
      '/device',
      '/sign-in',
      '/device/confirm',
      '/device/done',
      '/sign-out',
      '/signed-out',
    ]);
    for (const { url, headers } of person.hops) {
      const location = headers.get('location');
      for (const address of [url, ...(location ? [new URL(location, url).href] : [])]) {
        assert.ok(paths.has(address.slice(server.issuer.length)), address);
      }
    }
  });

  it('go to no other site in a Referer, and no page loads or links anything from another site', async () => {
    const { person } = await logIn();
    for (const { headers } of person.hops) assert.equal(headers.get('referrer-policy'), 'same-origin');
    const { html } = await person.open('/signed-out');
    assert.doesNotMatch(html, /\s(?:href|src|action)="(?!\/(?!\/)|#)/);
  });

  it('answer a form that holds a password or a code with 303, so that nothing sends it once more', async () => {
    const { person } = await logIn();
    const posts = person.hops.filter(({ method, status }) => method === 'POST' && status < 400);
    assert.deepEqual(
      posts.map(({ status }) => status),
      [303, 303, 303, 303],
    );
  });
});

describe('the log', () => {
  it('holds no password, code, cookie, form token or ticket of a device login', async () => {
    const { secrets, device } = await logIn();
    await createPerson(server.issuer).open(`/device?user_code=${device.user_code}`);
    const lines = server.logged();
    assert.match(lines, /\/device\/confirm/);
    for (const secret of secrets) assert.ok(!lines.includes(secret), secret);
  });
});
