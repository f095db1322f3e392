import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { sql } from '../../src/postgres/sql.ts';
import { runCommand } from '../cli/terminal.ts';
import { createBrowserCaller } from '../support/api.ts';
import { introspect, poll, post, refresh, requestDevice } from '../support/client.ts';
import { hire } from '../support/company.ts';
import { issueInitialAccessToken, register, send } from '../support/dynamic-client.ts';
import { createPerson, hiddenField } from '../support/person.ts';
import { registerClient } from '../support/registration.ts';
import { setUpApp } from '../support/second-factor.ts';
import { startServer, type TestServer, testSecret } from '../support/server.ts';
import { until } from '../support/until.ts';

const deviceGrant = 'urn:ietf:params:oauth:grant-type:device_code';

let server: TestServer;
before(async () => {
  server = await startServer({ settings: { POSTERN_REGISTRATION: 'on' } });
});
after(() => server.stop());

const settings = () => ({ DATABASE_URL: server.databaseUrl, POSTERN_SECRET: testSecret });

/** An operator changes a client. */
async function update(id: string, ...flags: string[]) {
  const { exitCode, stdout, stderr } = await runCommand(['client', 'update', id, ...flags, '--json'], {
    env: settings(),
  });
  assert.equal(exitCode, 0, stderr);
  return JSON.parse(stdout);
}

async function addDeviceClient(grants = [deviceGrant, 'refresh_token'] as const): Promise<string> {
  const { id } = await registerClient(server.db, { authentication: 'none', grantTypes: [...grants] });
  return id;
}

type Device = { device_code: string; user_code: string };

async function ask(client_id: string, scope = 'read offline_access'): Promise<Device> {
  const { status, body } = await requestDevice(server.issuer, { client_id, scope });
  assert.equal(status, 200, JSON.stringify(body));
  return body;
}

async function open(client_id: string, scope?: string) {
  const device = await ask(client_id, scope);
  const person = createPerson(server.issuer);
  const page = await person.enterCode(device.user_code);
  return { device, person, page };
}

describe('the device grant of a client', () => {
  it('is off unless it is asked for by name', async () => {
    const call = await createBrowserCaller(server.issuer);
    const made = await call('POST', '/clients', {
      body: {
        client_name: 'Import',
        grant_types: ['client_credentials'],
        resources: { 'https://api.example.com': ['read'] },
      },
    });
    assert.deepEqual(made.body.grant_types, ['client_credentials']);
    const token = await issueInitialAccessToken(server.db);
    assert.deepEqual((await register(server.issuer, token, {})).body.grant_types, ['client_credentials']);
  });

  it('is taken away by an operator, for codes that wait too', async () => {
    const { id, basic } = await registerClient(server.db, { grantTypes: [deviceGrant] });
    const url = `${server.issuer}/oauth/device_authorization`;
    const { body: device } = await post(url, { scope: 'read' }, { basic });
    await update(id, '--grant', 'client_credentials');
    const page = await createPerson(server.issuer).enterCode(device.user_code);
    assert.match(page.html, /This code does not work/);
    assert.equal((await post(url, { scope: 'read' }, { basic })).body.error, 'unauthorized_client');
  });

  it('is not given back by a client to itself', async () => {
    const token = await issueInitialAccessToken(server.db);
    const { body } = await register(server.issuer, token, {
      client_name: 'A lamp',
      grant_types: ['client_credentials', deviceGrant],
    });
    const { client_id, client_name, registration_client_uri: uri } = body;
    await update(client_id, '--grant', 'client_credentials', '--same-network', '--step-up', 'write');
    const grasp = { client_id, client_name, grant_types: ['client_credentials', deviceGrant] };
    const refused = await send('PUT', uri, body.registration_access_token, grasp);
    assert.equal(refused.status, 400);
    assert.match(refused.body.error_description, /grant_types/);
    const loose = { client_id, client_name, same_network: false, step_up_scopes: [], number_matching: false };
    assert.equal((await send('PUT', uri, body.registration_access_token, loose)).status, 200);
    const shown = JSON.parse(
      (await runCommand(['client', 'show', client_id, '--json'], { env: settings() })).stdout,
    );
    assert.deepEqual(
      [shown.grant_types, shown.same_network, shown.step_up_scopes],
      [['client_credentials'], true, ['write']],
    );
  });
});

describe('what an operator demands for a client', () => {
  it('is set and taken back flag by flag, and everything else stays', async () => {
    const id = await addDeviceClient();
    const changed = await update(
      id,
      ...['--typed-codes', '--number-matching', '--same-network'],
      ...['--step-up', 'write', '--step-up', 'offline_access', '--refresh-token-lifetime', '7d'],
    );
    assert.deepEqual(
      [changed.verification_uri_complete, changed.number_matching, changed.same_network],
      [false, true, true],
    );
    assert.deepEqual(changed.step_up_scopes, ['offline_access', 'write']);
    assert.equal(changed.refresh_token_lifetime, 604_800);
    assert.deepEqual(changed.grant_types, [deviceGrant, 'refresh_token']);
    const back = await update(
      id,
      ...['--no-typed-codes', '--no-number-matching', '--no-same-network', '--no-step-up'],
    );
    assert.deepEqual(
      [back.verification_uri_complete, back.number_matching, back.same_network, back.step_up_scopes],
      [true, false, false, []],
    );
    assert.equal(back.refresh_token_lifetime, 604_800);
    const card = (await runCommand(['client', 'show', id], { env: settings() })).stdout;
    assert.doesNotMatch(card, /second factor|number/);
  });

  it('names no scope that the client can never ask for', async () => {
    const id = await addDeviceClient();
    const { exitCode, stderr } = await runCommand(['client', 'update', id, '--step-up', 'wirte'], {
      env: settings(),
    });
    assert.equal(exitCode, 2);
    assert.match(stderr, /--step-up: write scopes that it may ask for, not wirte/);
  });

  it('limits how long a device stays signed in, and the page says so', async () => {
    const id = await addDeviceClient();
    await update(id, '--refresh-token-lifetime', '2h');
    const { page, person, device } = await open(id);
    assert.match(page.html, /Until you sign it out, at most 2 hours/);
    await person.decide('allow');
    const { body } = await poll(server.issuer, device.device_code, { client_id: id });
    await server.db.query(sql`update grants set expires_at = now() where client_id = ${id}`);
    const late = await refresh(server.issuer, body.refresh_token, { client_id: id });
    assert.equal(late.body.error, 'invalid_grant');
  });
});

describe('a scope for which a second factor is demanded', () => {
  const isActive = async (token: string) => (await introspect(server.issuer, token)).body.active;

  it('is given by nobody who has signed in with a password alone', async () => {
    const id = await addDeviceClient();
    await update(id, '--step-up', 'write');
    const { page, person, device } = await open(id, 'read write');
    assert.match(page.html, /only by who has proven a second factor/);
    assert.doesNotMatch(page.html, /value="allow"/);
    const form = { ticket: hiddenField(page, 'ticket'), csrf: hiddenField(page, 'csrf') };
    const refused = await person.send('/device/confirm', { ...form, decision: 'allow' });
    assert.match(refused.html, /only by who has proven a second factor/);
    const { body } = await poll(server.issuer, device.device_code, { client_id: id });
    assert.equal(body.error, 'authorization_pending');
    const other = await open(id, 'read');
    assert.match((await other.person.decide('allow')).html, /Your device is connected/);
  });

  it('is given by who proves one, which the page asks for and comes back', async () => {
    const id = await addDeviceClient();
    await update(id, '--step-up', 'write');
    const employee = await hire(server);
    const app = await setUpApp(server, employee);
    await server.db.query(sql`update sessions set second_factor_at = null`);
    const device = await ask(id, 'read write');
    const { person } = employee;
    await person.enterCode(device.user_code, employee.account);
    const asked = await person.submit('/device/confirm', { decision: 'step_up' });
    assert.equal(asked.url, `${server.issuer}/step-up`);
    const back = await person.submit('/step-up', { code: app.code() });
    assert.equal(back.url, `${server.issuer}/device/confirm`);
    assert.match((await person.decide('allow')).html, /Your device is connected/);
    const { body } = await poll(server.issuer, device.device_code, { client_id: id });
    assert.equal(await isActive(body.access_token), true);
  });
});

/** Waits until the last use of every grant is written down, which takes some seconds. */
async function untilUsed(): Promise<void> {
  const unused = sql`select from grants where last_used_at is null`;
  await until(async () => (await server.db.query(unused)).length === 0);
}

describe('a person who has allowed a device', () => {
  const allow = async (client_id = 'demo-cli') => {
    const opened = await open(client_id);
    const done = await opened.person.decide('allow');
    return { ...opened, done };
  };

  it('is told the first time that they have never allowed this program, and never again', async () => {
    const id = await addDeviceClient();
    const first = await allow(id);
    assert.match(first.page.html, /You have never allowed this program before/);
    await first.person.submit('/device/undo', { decision: 'undo' });
    assert.doesNotMatch((await open(id)).page.html, /never allowed/);
  });

  it('can undo it right there, before the device has come back and after', async () => {
    for (const hasPolled of [false, true]) {
      const { person, device, done } = await allow();
      assert.match(done.html, /Go back to your device[^<]*within a few seconds/);
      const answer = hasPolled ? await poll(server.issuer, device.device_code) : undefined;
      const undone = await person.submit('/device/undo', { decision: 'undo' });
      assert.match(undone.html, /You took it back/);
      if (answer) {
        assert.equal((await introspect(server.issuer, answer.body.access_token)).body.active, false);
      } else {
        const { body } = await poll(server.issuer, device.device_code);
        assert.equal(body.error, 'invalid_grant');
      }
    }
  });

  it('can undo nothing with a page of a login that was undone, or of none', async () => {
    const { person, done } = await allow();
    const csrf = /name="csrf" value="([^"]+)"/.exec(done.html)?.[1] ?? '';
    await person.submit('/device/undo', { decision: 'undo' });
    const { url } = await person.send('/device/undo', { csrf, decision: 'undo' });
    assert.equal(url, `${server.issuer}/device`);
  });

  it('finds it among their devices, with where from and when it was used last', async () => {
    const call = await createBrowserCaller(server.issuer);
    await call('DELETE', '/grants');
    const { device } = await allow();
    await poll(server.issuer, device.device_code);
    await untilUsed();
    const [grant] = (await call('GET', '/grants')).body.items;
    assert.equal(grant.client_name, 'Demo CLI');
    assert.match(grant.approved_from, /^127\.0\.0\.1$|^::1$/);
    assert.match(grant.device.address, /^127\.0\.0\.1$|^::1$/);
    assert.equal(grant.last_used.address, grant.device.address);
    assert.ok(Date.parse(grant.last_used.at) >= Date.parse(grant.created_at) - 1000);
  });

  it('finds and undoes it in no organization too', async () => {
    const { person, account } = await hire(server);
    const device = await ask('demo-cli');
    await person.enterCode(device.user_code, account);
    await person.decide('allow');
    const { body } = await poll(server.issuer, device.device_code);
    for (const place of ['/account', '/account/devices']) {
      const { status, html } = await person.open(place);
      assert.equal(status, 200, place);
      assert.match(html, /You allowed <strong><bdi>Demo CLI/, place);
    }
    const { html } = await person.submit('/account/devices', { decision: 'undo' });
    assert.match(html, /Nothing is signed in/);
    assert.equal((await introspect(server.issuer, body.access_token)).body.active, false);
  });

  it('signs all of them out at once', async () => {
    const call = await createBrowserCaller(server.issuer);
    await call('DELETE', '/grants');
    await allow();
    await allow();
    assert.deepEqual((await call('DELETE', '/grants')).body, { revoked: 2 });
    assert.deepEqual((await call('GET', '/grants')).body.items, []);
    assert.deepEqual((await call('DELETE', '/grants')).body, { revoked: 0 });
  });
});
