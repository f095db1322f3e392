import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { demoUser } from '../../src/development.ts';
import { sql } from '../../src/postgres/sql.ts';
import { randomText } from '../../src/secret.ts';
import { requestDevice } from '../support/client.ts';
import { createPerson, hiddenField, type Person } from '../support/person.ts';
import { startServer, type TestServer } from '../support/server.ts';

let server: TestServer;
before(async () => {
  server = await startServer();
});
after(() => server.stop());
beforeEach(() => server.db.query(sql`delete from rate_limits`));

/** Another browser with the same cookies. */
function twin({ cookies }: Person): Person {
  const copy = createPerson(server.issuer);
  for (const [name, value] of cookies) copy.cookies.set(name, value);
  return copy;
}

async function isSignedIn(person: Person): Promise<boolean> {
  return (await person.open('/')).html.includes(demoUser.email);
}

describe('a session', () => {
  it('has an id that the server chose at the sign-in, never one that the browser brought', async () => {
    const victim = createPerson(server.issuer);
    await victim.open('/sign-in');
    const planted = randomText();
    victim.cookies.set('postern-session', planted);
    const attacker = twin(victim);
    await victim.signIn();
    assert.notEqual(victim.cookies.get('postern-session'), planted);
    assert.equal(await isSignedIn(victim), true);
    assert.equal(await isSignedIn(attacker), false);
  });

  it('does not sign in who holds the cookies from before the sign-in', async () => {
    const victim = createPerson(server.issuer);
    const { body: device } = await requestDevice(server.issuer);
    await victim.open('/device');
    await victim.submit('/device', { user_code: device.user_code });
    const attacker = twin(victim);
    await victim.submit('/sign-in', demoUser);
    const [visit, session] = ['postern-visit', 'postern-session'].map(
      (name) => victim.cookies.get(name) ?? '',
    );
    assert.notEqual(attacker.cookies.get('postern-visit'), visit);
    assert.equal(await isSignedIn(attacker), false);
    // Nor with half of what the sign-in set: the two cookies belong together.
    attacker.cookies.set('postern-session', session ?? '');
    const csrf = hiddenField(await victim.open('/device'), 'csrf');
    assert.equal((await attacker.send('/sign-out', { csrf })).status, 403);
  });

  it('is a new one at each sign-in, and the one before it is over', async () => {
    const person = createPerson(server.issuer);
    await person.signIn();
    for (let count = 0; count < 3; count += 1) {
      const old = twin(person);
      const csrf = hiddenField(await person.open('/device'), 'csrf');
      await person.send('/sign-in', { csrf, ...demoUser });
      assert.notEqual(person.cookies.get('postern-session'), old.cookies.get('postern-session'));
      assert.equal(await isSignedIn(person), true);
      assert.equal(await isSignedIn(old), false);
    }
  });

  it('is not begun for who only looks: a visit leaves no row behind', async () => {
    const counted = async () => {
      const [row] = await server.db.query<{ rows: number }>(
        sql`select ((select count(*) from sessions) + (select count(*) from records))::int as rows`,
      );
      return row?.rows;
    };
    const before = await counted();
    const visitor = createPerson(server.issuer);
    for (const path of ['/', '/device', '/device?user_code=BCDF-GHJK', '/device/confirm', '/sign-in'])
      await visitor.open(path);
    await visitor.submit('/sign-in', { email: 'nobody@example.com', password: 'a wrong password' });
    assert.equal(await counted(), before);
  });

  it('is carried by the cookie alone: no address and no form can name one', async () => {
    const victim = createPerson(server.issuer);
    await victim.signIn();
    const id = victim.cookies.get('postern-session') ?? '';
    const stranger = createPerson(server.issuer);
    for (const name of ['postern-session', 'session', 'sid']) {
      const { html } = await stranger.open(`/?${name}=${id}`);
      assert.doesNotMatch(html, /demo@example\.com/);
    }
  });
});
