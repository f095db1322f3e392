import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { policies } from '../../src/limits/policy.ts';
import { sql } from '../../src/postgres/sql.ts';
import { addUser, disableUser } from '../../src/users/user.ts';
import { ada, addAccount, createPerson, type Person } from '../support/person.ts';
import { startServer, type TestServer } from '../support/server.ts';

let server: TestServer;
const disabled = { email: 'grace@example.com', password: 'seven silent lanterns drift' };
before(async () => {
  server = await startServer();
  await addAccount(server.db, ada);
  await disableUser(server.db, await addAccount(server.db, disabled));
  await addUser(server.db, { email: 'upstream@example.com', passwordHash: undefined });
});
after(() => server.stop());
beforeEach(() => server.db.query(sql`delete from rate_limits`));

const attempts = {
  'wrong password': { email: ada.email, password: 'not the password of ada' },
  'unknown email': { email: 'eda@example.com', password: 'not the password of ada' },
  'disabled account, right password': disabled,
  'account without a password': { email: 'upstream@example.com', password: 'not the password of ada' },
  'no email address at all': { email: 'ada', password: 'not the password of ada' },
};

/** Everything that an answer says, without what differs by chance and without the email that it repeats. */
async function tell(person: Person, attempt: { email: string; password: string }): Promise<string> {
  await person.open('/sign-in');
  const { status, html } = await person.submit('/sign-in', attempt);
  const { headers } = person.hops.at(-1) ?? {};
  const names = [...(headers?.keys() ?? [])].filter((name) => name !== 'content-length').join();
  return `${status} ${names} ${html.replace(/ (?:value|data-options)="[^"]*"/g, '')}`;
}

describe('a sign-in that fails', () => {
  it('says the same for every reason that it may have', async () => {
    const answers = new Map<string, string[]>();
    for (const [reason, attempt] of Object.entries(attempts)) {
      const answer = await tell(createPerson(server.issuer), attempt);
      answers.set(answer, [...(answers.get(answer) ?? []), reason]);
    }
    assert.deepEqual([...answers.values()], [Object.keys(attempts)]);
    assert.match([...answers.keys()][0] ?? '', /^400 .*do not go together/s);
  });

  it('costs the same work for every reason, since a password is always hashed', async () => {
    const work = new Map<string, number[]>();
    // The least of each: whatever else this process does only adds to it. A busy machine needs more rounds.
    const least = () => [...work.values()].map((list) => Math.min(...list));
    const isSame = () => Math.max(...least()) < 1.6 * Math.min(...least());
    for (let round = 0; round < 7 || (round < 30 && !isSame()); round += 1) {
      await server.db.query(sql`delete from rate_limits`);
      for (const [reason, attempt] of Object.entries(attempts)) {
        const person = createPerson(server.issuer);
        await person.open('/sign-in');
        const before = process.cpuUsage();
        await person.submit('/sign-in', attempt);
        const { user, system } = process.cpuUsage(before);
        work.set(reason, [...(work.get(reason) ?? []), user + system]);
      }
    }
    assert.ok(isSame(), `microseconds of the processor: ${least()}`);
  });

  it('is throttled after the same number of tries whether the account exists or not', async () => {
    for (const { email } of [attempts['wrong password'], attempts['unknown email']]) {
      const person = createPerson(server.issuer);
      const statuses: string[] = [];
      for (let count = 0; count <= policies.sign_in_by_account_and_address.failures; count += 1) {
        statuses.push((await tell(person, { email, password: 'not the password of ada' })).slice(0, 3));
      }
      assert.equal(statuses.indexOf('429'), policies.sign_in_by_account_and_address.failures, email);
    }
  });

  it('does not show in the cookies that the browser is given', async () => {
    for (const attempt of Object.values(attempts)) {
      const person = createPerson(server.issuer);
      await tell(person, attempt);
      assert.deepEqual([...person.cookies.keys()], ['postern-visit']);
    }
  });
});
