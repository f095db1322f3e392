import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { callApi, type Employee, hire } from '../support/company.ts';
import { cookieOf, createPerson, hiddenField, type Person } from '../support/person.ts';
import { addPasskeyOf, codeOf, setUpApp } from '../support/second-factor.ts';
import { startServer, type TestServer } from '../support/server.ts';

const next = 'nine purple kites over the harbour';

let server: TestServer;
before(async () => {
  server = await startServer({ settings: { POSTERN_API_RATE_LIMIT: '10000' } });
});
after(() => server.stop());

/** Another browser with the same cookies. */
function twin(of: Person): Person {
  const person = createPerson(server.issuer);
  for (const [name, value] of of.cookies) person.cookies.set(name, value);
  return person;
}

async function isSignedIn(person: Person): Promise<boolean> {
  return (await person.open('/account/security')).url.endsWith('/account/security');
}

const acts: Record<string, (employee: Employee) => Promise<unknown>> = {
  'changing the password': async ({ call, account }) => {
    const body = { present_password: account.password, password: next };
    assert.equal((await call('PUT', '/users/me/password', body)).status, 204);
  },
  'changing it on the page': async ({ person, account }) => {
    await person.open('/account/security');
    const fields = { present_password: account.password, password: next, password_again: next };
    assert.equal((await person.submit('/account/security/password', fields)).status, 200);
  },
  'setting up an app': (employee) => setUpApp(server, employee),
  'setting one up on the page': async ({ person }) => {
    const page = await person.open('/account/security/totp');
    const code = codeOf(hiddenField(page, 'secret'));
    assert.equal((await person.submit('/account/security/totp', { code })).status, 200);
  },
  'adding a passkey': (employee) => addPasskeyOf(server, employee),
};

describe('a session', () => {
  for (const [what, act] of Object.entries(acts)) {
    it(`has another id after ${what}, and who has copied the one before is nobody`, async () => {
      const employee = await hire(server);
      const { person } = employee;
      const thief = twin(person);
      assert.equal(await isSignedIn(thief), true);
      await act(employee);
      assert.notEqual(person.cookies.get('postern-session'), thief.cookies.get('postern-session'));
      assert.equal(person.cookies.get('postern-visit'), thief.cookies.get('postern-visit'));
      assert.equal(await isSignedIn(thief), false);
      assert.equal(await isSignedIn(person), true);
    });
  }

  it('goes on with the forms of the page that answers, and at the API with the token of the answer', async () => {
    const { person, call, account } = await hire(server);
    await person.open('/account/security');
    const fields = { present_password: account.password, password: next, password_again: next };
    const page = await person.submit('/account/security/password', fields);
    const headers = { cookie: cookieOf(person.cookies), 'x-csrf-token': hiddenField(page, 'csrf') };
    const body = { present_password: next, password: account.password };
    const path = '/users/me/password';
    assert.equal((await callApi(server.issuer, ['PUT', path, body], headers)).status, 204);
    assert.equal((await call('GET', '/users/me')).status, 401, 'the session of before is over');
    const { person: other, call: callAgain, account: own } = await hire(server);
    const change = { present_password: own.password, password: next };
    assert.equal((await callAgain('PUT', path, change)).status, 204);
    assert.equal((await callAgain('GET', '/users/me')).status, 200);
    await other.open('/account');
    assert.equal((await other.submit('/sign-out', {})).status, 200);
  });

  it('keeps its id where the change came to nothing', async () => {
    const { person, call } = await hire(server);
    const id = person.cookies.get('postern-session');
    const wrong = await call('PUT', '/users/me/password', { present_password: 'no', password: next });
    assert.deepEqual([wrong.status, wrong.headers.get('set-cookie')], [422, null]);
    assert.equal(person.cookies.get('postern-session'), id);
    assert.equal(await isSignedIn(person), true);
  });
});
