import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { demoUser } from '../../src/development.ts';
import { sql } from '../../src/postgres/sql.ts';
import { introspect, poll, refresh, requestDevice } from '../support/client.ts';
import { ada, addAccount, createPerson } from '../support/person.ts';
import { startServer, type TestServer } from '../support/server.ts';

let server: TestServer;
before(async () => {
  server = await startServer();
  await addAccount(server.db, ada);
});
after(() => server.stop());
beforeEach(() => server.db.query(sql`delete from rate_limits`));

describe('the sign-in page', () => {
  it('signs a person in with email and password, and every page then says who', async () => {
    const person = createPerson(server.issuer);
    const page = await person.signIn(ada);
    assert.equal(page.url, `${server.issuer}/account`);
    for (const path of ['/', '/device']) {
      assert.match((await person.open(path)).html, /Signed in as <strong><bdi>ada@example\.com<\/bdi>/);
    }
  });

  it('takes the email in any case and with spaces around it', async () => {
    for (const email of ['ADA@EXAMPLE.COM', '  ada@example.com ', 'Ada@Example.Com']) {
      const page = await createPerson(server.issuer).signIn({ ...ada, email });
      assert.equal(page.url, `${server.issuer}/account`, email);
    }
  });

  it('takes the password exactly as it is', async () => {
    for (const password of [
      ada.password.toUpperCase(),
      ` ${ada.password}`,
      `${ada.password} `,
      ada.password.slice(0, -1),
    ]) {
      assert.equal((await createPerson(server.issuer).signIn({ ...ada, password })).status, 400, password);
    }
  });

  it('says that the two do not go together, and keeps the email but not the password', async () => {
    const person = createPerson(server.issuer);
    await person.open('/sign-in');
    const page = await person.submit('/sign-in', { email: ada.email, password: 'not the password at all' });
    assert.equal(page.status, 400);
    assert.match(page.html, /<title>Error: Sign in/);
    assert.match(page.html, /This email and password do not go together/);
    assert.match(page.html, /name="email" value="ada@example\.com"/);
    assert.doesNotMatch(page.html, /not the password at all/);
  });

  it('asks for what is missing without counting it as a try', async () => {
    const person = createPerson(server.issuer);
    for (const fields of [
      {},
      { email: ada.email },
      { password: ada.password },
      { email: ' ', password: 'x' },
    ]) {
      await person.open('/sign-in');
      const page = await person.submit('/sign-in', fields);
      assert.equal(page.status, 400);
      assert.match(page.html, /Enter your email and your password/);
    }
    assert.deepEqual(await server.db.query(sql`select from rate_limits`), []);
  });

  it('sends who is signed in already on to the code', async () => {
    const person = createPerson(server.issuer);
    await person.signIn(ada);
    assert.equal((await person.open('/sign-in')).url, `${server.issuer}/account`);
  });

  it('leads from the API reference back to it, and nowhere else', async () => {
    for (const search of ['', '?next=https://evil.example/', '?//evil.example/']) {
      const person = createPerson(server.issuer);
      const { html } = await person.open('/api/docs');
      const [, address] = /<a href="([^"]+)">Sign in<\/a> to try it out/.exec(html) ?? [];
      const page = await person.goTo(new URL(`${address}${search}`, server.issuer).href);
      assert.equal(page.url, `${server.issuer}/sign-in`);
      const back = await person.submit('/sign-in', ada);
      assert.equal(back.url, `${server.issuer}/api/docs`, search);
      assert.match(back.html, /You try it out as <strong><bdi>ada@example\.com/);
      assert.equal((await person.open(`/api/docs/sign-in${search}`)).url, `${server.issuer}/api/docs`);
    }
  });

  it('gives the demo sign-in away in development', async () => {
    const { html } = await createPerson(server.issuer).open('/sign-in');
    assert.ok(html.includes(demoUser.email) && html.includes(demoUser.password));
  });

  it('gives nothing away in production', async () => {
    const production = await startServer({ settings: { POSTERN_MODE: 'production' } });
    try {
      const { html } = await createPerson(production.issuer).open('/sign-in');
      assert.doesNotMatch(html, /demo/i);
    } finally {
      await production.stop();
    }
  });

  it('names the code that waits, and goes on with it', async () => {
    const { user_code } = (await requestDevice(server.issuer)).body;
    const person = createPerson(server.issuer);
    await person.open('/device');
    const page = await person.submit('/device', { user_code: user_code.toLowerCase() });
    assert.match(page.html, new RegExp(`to allow the device that shows <code><bdi>${user_code}</bdi>`));
    await person.submit('/sign-in', { email: ada.email, password: 'not the password at all' });
    assert.equal((await person.submit('/sign-in', ada)).url, `${server.issuer}/device/confirm`);
  });
});

describe('a person who closes the sign-in page', () => {
  it('can enter the same code again in the same browser', async () => {
    const { body: device } = await requestDevice(server.issuer);
    const person = createPerson(server.issuer);
    for (let count = 0; count < 3; count += 1) {
      await person.open('/device');
      assert.equal(
        (await person.submit('/device', { user_code: device.user_code })).url,
        `${server.issuer}/sign-in`,
      );
    }
    await person.submit('/sign-in', ada);
    await person.decide('allow');
    assert.equal((await poll(server.issuer, device.device_code)).status, 200);
  });

  it('can enter the same code again after opening the confirmation page', async () => {
    const { body: device } = await requestDevice(server.issuer);
    await createPerson(server.issuer).enterCode(device.user_code, ada);
    const again = createPerson(server.issuer);
    await again.enterCode(device.user_code, ada);
    await again.decide('allow');
    assert.equal((await poll(server.issuer, device.device_code)).status, 200);
  });

  it('finds the code in the field when coming back', async () => {
    const { user_code } = (await requestDevice(server.issuer)).body;
    const person = createPerson(server.issuer);
    await person.open('/device');
    await person.submit('/device', { user_code });
    assert.ok((await person.open('/device')).html.includes(`value="${user_code}"`));
  });
});

describe('signing out', () => {
  it('ends the session in this browser and leaves devices signed in', async () => {
    const { body: device } = await requestDevice(server.issuer);
    const person = createPerson(server.issuer);
    await person.enterCode(device.user_code, ada);
    await person.decide('allow');
    const { body: tokens } = await poll(server.issuer, device.device_code);

    const page = await person.submit('/sign-out', {});
    assert.equal(page.url, `${server.issuer}/signed-out`);
    assert.match(page.html, /Devices that you allowed stay signed in/);
    assert.doesNotMatch((await person.open('/')).html, /Signed in as/);

    assert.equal((await introspect(server.issuer, tokens.access_token)).body.active, true);
    assert.equal((await refresh(server.issuer, tokens.refresh_token)).status, 200);
  });

  it('leaves a device signed in that has not fetched its tokens yet', async () => {
    const { body: device } = await requestDevice(server.issuer);
    const person = createPerson(server.issuer);
    await person.enterCode(device.user_code, ada);
    await person.decide('allow');
    await person.submit('/sign-out', {});
    assert.equal((await poll(server.issuer, device.device_code)).status, 200);
  });

  it('leaves other browsers of the same person signed in', async () => {
    const [here, elsewhere] = [createPerson(server.issuer), createPerson(server.issuer)];
    await Promise.all([here.signIn(ada), elsewhere.signIn(ada)]);
    await here.submit('/sign-out', {});
    assert.match((await elsewhere.open('/')).html, /Signed in as/);
  });

  it('lets the next person sign in', async () => {
    const person = createPerson(server.issuer);
    await person.signIn(ada);
    await person.submit('/sign-out', {});
    assert.match((await person.signIn(demoUser)).html, /demo@example\.com/);
  });
});
