import assert from 'node:assert/strict';
import { after, beforeEach, test } from 'node:test';
import { demoUser } from '../../src/development.ts';
import { sql } from '../../src/postgres/sql.ts';
import { requestDevice } from '../support/client.ts';
import { createPerson } from '../support/person.ts';
import { startServer } from '../support/server.ts';

const server = await startServer();
after(() => server.stop());
const { issuer, db } = server;
beforeEach(() => db.query(sql`delete from rate_limits`));

const csrfOf = (html: string) => /name="csrf" value="([^"]+)"/.exec(html)?.[1] ?? '';

test('every form is refused without its token, and with that of another browser', async () => {
  const person = createPerson(issuer);
  const { html } = await person.signIn();
  const stranger = createPerson(issuer);
  const foreign = csrfOf((await stranger.open('/device')).html);
  for (const path of ['/device', '/device/confirm', '/sign-in', '/sign-out']) {
    for (const csrf of [undefined, '', 'x', foreign, csrfOf(html).slice(0, -1)]) {
      const answer = await person.send(path, { user_code: 'BCDF-GHJK', ...(csrf !== undefined && { csrf }) });
      assert.equal(answer.status, 403, `${path} ${csrf}`);
    }
  }
  assert.match((await person.open('/')).html, /demo@example\.com/);
});

test('a form from another origin is refused even with its token', async () => {
  const person = createPerson(issuer);
  const csrf = csrfOf((await person.open('/device')).html);
  const send = async (headers: Record<string, string>) =>
    (await person.send('/device', { csrf, user_code: 'BCDF-GHJK' }, headers)).status;
  assert.equal(await send({ origin: 'https://evil.example' }), 403);
  assert.equal(await send({ origin: 'null' }), 403);
  assert.equal(await send({ 'sec-fetch-site': 'cross-site' }), 403);
  assert.equal(await send({ 'sec-fetch-site': 'same-site' }), 403);
  assert.equal(await send({}), 400);
});

test('signing in replaces the visit and the session, so that planted ones are worth nothing', async () => {
  const person = createPerson(issuer);
  await person.open('/sign-in');
  const planted = new Map(person.cookies);
  person.cookies.set('postern-session', 'A'.repeat(43));
  await person.open('/sign-in');
  await person.submit('/sign-in', demoUser);
  assert.notEqual(person.cookies.get('postern-visit'), planted.get('postern-visit'));
  assert.notEqual(person.cookies.get('postern-session'), 'A'.repeat(43));
});

test('signing out ends the session for whoever holds its cookies', async () => {
  const person = createPerson(issuer);
  await person.signIn();
  const thief = createPerson(issuer);
  for (const [name, value] of person.cookies) thief.cookies.set(name, value);
  assert.match((await thief.open('/')).html, /demo@example\.com/);
  await person.open('/device');
  assert.match((await person.submit('/sign-out', {})).url, /\/signed-out$/);
  assert.doesNotMatch((await thief.open('/')).html, /demo@example\.com/);
  assert.match((await person.open('/signed-out')).html, /signed out/);
});

test('cookies are out of reach of scripts and other sites', async () => {
  const answer = await fetch(`${issuer}/device`);
  for (const cookie of answer.headers.getSetCookie()) {
    assert.match(cookie, /^postern-visit=[0-9A-Za-z]{43}; path=\/; samesite=lax; httponly$/i);
  }
  assert.equal(answer.headers.getSetCookie().length, 1);
});

test('nothing that a page is asked with decides where it leads', async () => {
  for (const next of ['//evil.example', '/\\evil.example', 'javascript:alert(1)', 'https://evil.example']) {
    const person = createPerson(issuer);
    const query = new URLSearchParams({ next, return_to: next, redirect: next, user_code: next });
    const { html } = await person.open(`/sign-in?${query}`);
    assert.doesNotMatch(html, /evil|alert/);
    const { user_code } = (await requestDevice(issuer)).body;
    await person.open(`/device?${query}`);
    assert.match((await person.submit('/device', { user_code, next })).url, /\/sign-in$/);
    assert.match((await person.submit('/sign-in', { ...demoUser, next })).url, /\/device\/confirm$/);
  }
});
