import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { serverChain } from '../../src/audit/chain.ts';
import { demoCli, demoMachine, demoUser } from '../../src/development.ts';
import { addMember } from '../../src/organizations/member.ts';
import { sql } from '../../src/postgres/sql.ts';
import { findOnlyOrganization, untilRecorded } from '../support/audit.ts';
import { poll, post, refresh, requestDevice, requestMachineToken, revoke } from '../support/client.ts';
import { letDeviceIn } from '../support/device-login.ts';
import { issueInitialAccessToken, registerMachine, send } from '../support/dynamic-client.ts';
import { ada, addAccount, createPerson, hiddenField } from '../support/person.ts';
import { registerClient } from '../support/registration.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { until } from '../support/until.ts';

let server: TestServer;
before(async () => {
  server = await startServer({ settings: { POSTERN_REGISTRATION: 'on' } });
});
after(() => server.stop());

/** Whichever of the two localhost is here. */
const loopback = /^(127\.0\.0\.1|::1)$/;

const recorded = (action: string, count = 1, chain = serverChain) =>
  untilRecorded(server.db, chain, { action }, count);

describe('the audit log', () => {
  it('tells how people sign in and out, and never what they typed instead of an address', async () => {
    const person = createPerson(server.issuer);
    await person.signIn({ email: demoUser.email, password: 'not the password at all' });
    await person.signIn({ email: 'my-secret-password-typed-here@x', password: 'oops' });
    const failed = await recorded('sign_in.failed', 2);
    assert.deepEqual(failed.map(({ reason, targetName, outcome }) => [reason, targetName, outcome]).sort(), [
      ['no such account', null, 'refused'],
      ['wrong password', demoUser.email, 'refused'],
    ]);
    await person.signIn();
    const [signedIn] = await recorded('sign_in.succeeded');
    assert.equal(signedIn?.actorName, demoUser.email);
    assert.match(signedIn?.address ?? '', loopback);
    const [request] = person.hops.filter(
      ({ method, status, url }) => method === 'POST' && status === 303 && url.endsWith('/sign-in'),
    );
    assert.equal(signedIn?.requestId, request?.headers.get('x-request-id'));
    await person.submit('/sign-out', {});
    assert.equal((await recorded('session.ended'))[0]?.actorName, demoUser.email);
  });

  it('tells when somebody tries too often', async () => {
    const person = createPerson(server.issuer);
    await addAccount(server.db, ada);
    for (let count = 0; count < 12; count += 1)
      await person.signIn({ email: ada.email, password: 'a wrong one' });
    const [limited] = await recorded('sign_in.limited');
    assert.deepEqual([limited?.targetName, limited?.reason], [ada.email, 'too many tries']);
  });

  it('tells a device login from the request to its end', async () => {
    const { issuer, db } = server;
    const { body: device } = await requestDevice(issuer);
    const person = createPerson(issuer);
    await person.enterCode(device.user_code);
    await person.decide('allow');
    const { body: tokens } = await poll(issuer, device.device_code);
    const { body: denied } = await requestDevice(issuer);
    await person.enterCode(denied.user_code);
    await person.decide('deny');
    await revoke(issuer, tokens.access_token);
    await revoke(issuer, tokens.refresh_token);
    // From the approval on, it is a matter of the organization that it was given in.
    const own = await findOnlyOrganization(db);
    for (const [action, chain] of [
      ['device.opened', serverChain],
      ['device.approved', own],
      ['device.denied', own],
    ] as const) {
      const [event] = await recorded(action, 1, chain);
      assert.deepEqual([event?.actorName, event?.targetId], [demoUser.email, demoCli.id], action);
    }
    for (const [action, chain] of [
      ['device.requested', serverChain],
      ['access_token.revoked', own],
      ['grant.revoked', own],
    ] as const) {
      const [event] = await recorded(action, 1, chain);
      assert.deepEqual([event?.actorKind, event?.actorId], ['program', demoCli.id], action);
    }
    const [issued] = await untilRecorded(db, own, {
      action: 'access_token.issued',
      actor: demoCli.id,
    });
    assert.deepEqual([issued?.targetKind, issued?.targetName], ['user', demoUser.email]);
    assert.deepEqual(JSON.parse(issued?.details ?? ''), {
      grant_type: 'urn:ietf:params:oauth:grant-type:device_code',
      resource: 'https://api.example.com',
      scopes: ['read', 'write'],
    });
  });

  it('tells that a refresh token was used twice, as the act that ended its grant', async () => {
    const { issuer, db } = server;
    const first = await letDeviceIn(issuer);
    // One wins; the others have got as far as to issue tokens of their own, which nobody ever sees.
    const answers = await Promise.all(Array.from({ length: 10 }, () => refresh(issuer, first.refresh_token)));
    assert.equal(new Set(answers.map(({ body }) => body.access_token)).size, 1);
    // What is written together with a later event was there before it.
    const asked = await recorded('device.requested');
    await requestDevice(issuer, { scope: 'read' });
    await recorded('device.requested', asked.length + 1);
    const own = await findOnlyOrganization(db);
    const renewals = await until(async () => {
      const issued = await recorded('access_token.issued', 1, own);
      const told: { grant_type: string; times?: number }[] = issued.map(({ details }) => JSON.parse(details));
      const renewed = told.filter(({ grant_type }) => grant_type === 'refresh_token');
      return renewed.length > 0 && renewed;
    });
    assert.deepEqual(
      renewals.map(({ times = 1 }) => times),
      [1],
      'a repeated answer is no new token',
    );
    await db.query(sql`update refresh_tokens set consumed_at = now() - interval '1 minute'
      where consumed_at is not null`);
    assert.equal((await refresh(issuer, first.refresh_token)).status, 400);
    const [reused] = await recorded('refresh_token.reused', 1, own);
    assert.deepEqual(
      [reused?.actorId, reused?.targetKind, reused?.outcome],
      [demoCli.id, 'grant', 'refused'],
    );
  });

  it('tells of tokens for machines once a second with how many there were, and whose client could not authenticate', async () => {
    const { issuer, db } = server;
    const got = await Promise.all(Array.from({ length: 10 }, () => requestMachineToken(issuer)));
    assert.ok(got.every(({ status }) => status === 200));
    for (let sum = 0; sum < 10; ) {
      const issued = await untilRecorded(db, serverChain, {
        action: 'access_token.issued',
        actor: demoMachine.id,
      });
      sum = issued.reduce((count, { details }) => count + (JSON.parse(details).times ?? 1), 0);
      assert.ok(sum <= 10);
    }
    const grant = { grant_type: 'client_credentials' };
    await post(`${issuer}/oauth/token`, grant, { basic: `${demoMachine.id}:wrong` });
    await post(`${issuer}/oauth/token`, grant, { basic: 'what-is-this:wrong' });
    const refused = await recorded('client.authentication_failed', 2);
    assert.deepEqual(refused.map(({ targetId, reason }) => [reason, targetId]).sort(), [
      ['no such client', null],
      ['wrong credentials', demoMachine.id],
    ]);
  });

  it('tells of programs that register, change and remove themselves, and of tokens that are not for that', async () => {
    const { issuer, db } = server;
    const token = await issueInitialAccessToken(db);
    const client = await registerMachine(issuer, token);
    const manage = (method: 'PUT' | 'DELETE', with_: string, metadata?: object) =>
      send(method, client.registration_client_uri, with_, metadata);
    const metadata = { client_id: client.client_id, client_name: 'Another name' };
    const { body } = await manage('PUT', client.registration_access_token, metadata);
    await manage('DELETE', body.registration_access_token);
    assert.equal((await manage('DELETE', body.registration_access_token)).status, 401);
    for (const action of ['client.registered', 'client.updated', 'client.removed']) {
      const own = await untilRecorded(db, serverChain, { action, actor: client.client_id });
      assert.deepEqual([own.length, own[0]?.targetId], [1, client.client_id], action);
    }
    await recorded('credential.refused');
  });

  it('gives each organization what belongs to it', async () => {
    const { issuer, db } = server;
    const organizationId = await findOnlyOrganization(db);
    const client = await registerClient(db);
    await db.query(sql`update clients set organization_id = ${organizationId}::uuid where id = ${client.id}`);
    await post(`${issuer}/oauth/token`, { grant_type: 'client_credentials' }, { basic: client.basic });
    const told = { action: 'access_token.issued', actor: client.id } as const;
    const [issued] = await untilRecorded(db, organizationId, told);
    assert.equal(issued?.targetKind, 'resource');
  });

  it('tells what is done over the management API, to who may read it', async () => {
    const { issuer, db } = server;
    const organizationId = await findOnlyOrganization(db);
    const [person] = await db.query<{ id: string }>(sql`select id from users where email = ${ada.email}`);
    await addMember(db, { organizationId, userId: person?.id ?? '', role: 'member' });
    const call = await signInToApi(issuer);
    const api = 'https://api.example.com';
    const { body: token } = await call('POST', '/tokens', {
      name: 'Backup',
      permissions: { [api]: ['read'], [`${issuer}/api`]: ['audit:read'] },
    });
    const at = (path: string) => `/tokens/${token.id}${path}`;
    await call('PATCH', at(''), { note: 'a note' });
    await call('POST', at('/rotate'), { overlap_seconds: 60 });
    await call('POST', at('/disable'));
    await call('POST', at('/enable'));
    const { body: shared } = await call('POST', '/shared-tokens', { name: 'All', permissions: {} });
    await call('POST', `/shared-tokens/${shared.id}/values`);
    await call('DELETE', `/shared-tokens/${shared.id}/values`);
    await call('PATCH', `/members/${person?.id}`, { taken: { [api]: ['write'] } });
    await call('PATCH', `/members/${person?.id}`, { disabled: true });
    await call('PATCH', `/members/${person?.id}`, { disabled: false });
    const { body: invitation } = await call('POST', '/invitations', { email: 'new@example.com' });
    await call('DELETE', `/invitations/${invitation.id}`);
    const policy = (await call('GET', '/policies/tokens')).body;
    await call('PUT', '/policies/tokens', { ...policy, expiry_required: true });
    await call('DELETE', `/members/${person?.id}`);
    const page = await call('GET', '/audit-events?limit=100');
    // biome-ignore lint/suspicious/noExplicitAny: as JSON has it
    const events: any[] = page.body.items.filter(
      // biome-ignore lint/suspicious/noExplicitAny: as JSON has it
      ({ actor, action }: any) => actor.kind === 'person' && !action.startsWith('device.'),
    );
    assert.deepEqual(events.map(({ action }) => action).reverse(), [
      'token.created',
      'token.changed',
      'token.rotated',
      'token.disabled',
      'token.enabled',
      'token.created',
      'token.value_taken',
      'token.values_removed',
      'member.changed',
      'member.disabled',
      'member.enabled',
      'invitation.created',
      'invitation.removed',
      'policy.changed',
      'member.removed',
    ]);
    for (const { actor, address, request_id } of events) {
      assert.equal(actor.name, demoUser.email);
      assert.ok(loopback.test(address) && request_id.length >= 8);
    }
    assert.deepEqual(events.find(({ action }) => action === 'policy.changed').details, {
      fields: ['expiry_required'],
    });
    const first = await call('GET', '/audit-events?limit=2&action=token.created');
    assert.equal(first.body.items.length, 2);
    const two = await call('GET', '/audit-events?limit=2');
    const next = await call('GET', `/audit-events?limit=2&cursor=${two.body.next_cursor}`);
    assert.equal(next.body.items[0].sequence, two.body.items[1].sequence - 1);
    const elsewhere = await call('GET', `/audit-events?action=token.created&cursor=${two.body.next_cursor}`);
    assert.equal(elsewhere.status, 422, 'a cursor is good for its own filters alone');
    assert.equal((await call('GET', '/audit-events?action=no.such')).status, 422);

    const refused = await call('POST', at('/rotate'), { overlap_seconds: -1 });
    assert.equal(refused.status, 422);
    assert.equal((await call('GET', '/audit-events?limit=1')).body.items[0].action, 'member.removed');

    const bearer = { authorization: `Bearer ${token.value}` };
    const read = await fetch(`${issuer}/api/v1/audit-events?limit=1`, { headers: bearer });
    assert.equal(read.status, 200, await read.text());
    await fetch(`${issuer}/api/v1/audit-events`, { headers: { authorization: 'Bearer pst_api_none' } });
    assert.equal((await recorded('credential.refused', 2))[0]?.reason, 'not good');
  });

  it('is shown up to the last day that can be written, that day with it', async () => {
    const person = createPerson(server.issuer);
    await person.signIn();
    const isShown = async (days: string) => {
      const { status, html } = await person.open(`/admin/audit?action=policy.changed&${days}`);
      assert.equal(status, 200, days);
      return html.includes('<tbody');
    };
    const call = await signInToApi(server.issuer);
    const policy = (await call('GET', '/policies/tokens')).body;
    await call('PUT', '/policies/tokens', { ...policy, expiry_required: false });
    assert.ok(await isShown('to=9999-12-31'));
    assert.ok(await isShown('from=0000-01-01&to=9999-12-30'));
    assert.ok(!(await isShown('from=9999-12-31&to=9999-12-31')));
    assert.equal((await person.open('/admin/audit/export?to=9999-12-31')).status, 200);
  });
});

/** The demo person at the management API, in a browser. */
async function signInToApi(issuer: string) {
  const person = createPerson(issuer);
  await person.signIn();
  const page = await person.open('/device');
  const headers = {
    'x-csrf-token': hiddenField(page, 'csrf'),
    'content-type': 'application/json',
    'sec-fetch-site': 'same-origin',
    cookie: [...person.cookies].map(([name, value]) => `${name}=${value}`).join('; '),
  };
  return async (method: string, path: string, body?: unknown) => {
    const response = await fetch(`${issuer}/api/v1${path}`, {
      method,
      headers,
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (method !== 'GET') assert.ok(response.status < 300 || response.status === 422, text);
    return { status: response.status, body: text ? JSON.parse(text) : undefined };
  };
}
