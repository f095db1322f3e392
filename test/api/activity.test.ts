import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { serverChain } from '../../src/audit/chain.ts';
import { demoResource } from '../../src/development.ts';
import { sql } from '../../src/postgres/sql.ts';
import { makeToken } from '../support/api.ts';
import { untilRecorded } from '../support/audit.ts';
import { type Employee, foundCompany } from '../support/company.ts';
import { createPerson } from '../support/person.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { until } from '../support/until.ts';

let server: TestServer;
let organizationId: string;
let administrator: Employee;
let member: Employee;
let stranger: Employee;
before(async () => {
  server = await startServer({ settings: { POSTERN_API_RATE_LIMIT: '100000' } });
  const company = await foundCompany(server);
  ({ id: organizationId, administrator } = company);
  member = await company.join('member');
  stranger = (await foundCompany(server, 'Elsewhere')).administrator;
});
after(() => server.stop());

type Day = Record<string, number> & { day: never };
const read = async (who = administrator) => (await who.call('GET', '/activity')).body;

/** The counts of today; and of yesterday, which it may be no longer when the test goes on. */
async function today(who?: Employee): Promise<Day> {
  const [yesterday, last] = (await read(who)).days.slice(-2) as [Day, Day];
  const counts = Object.entries(last).filter(([name]) => name !== 'day');
  return Object.fromEntries(counts.map(([name, count]) => [name, count + (yesterday[name] ?? 0)])) as Day;
}

/** What is noted comes within a second. */
async function untilNoted(name: string, times: number): Promise<void> {
  await until(async () => ((await today())[name] ?? 0) >= times);
}

describe('the activity of an organization', () => {
  it('has each of the last 30 days once, oldest first, with a zero for what has not happened', async () => {
    const dayOf = (at: Date) => at.toISOString().slice(0, 10);
    const before = dayOf(new Date());
    const { days } = await read();
    assert.equal(days.length, 30);
    assert.deepEqual(days.map(({ day }: { day: string }) => day).toSorted(), [
      ...new Set(days.map(({ day }: { day: string }) => day)),
    ]);
    assert.ok([before, dayOf(new Date())].includes(days.at(-1).day));
    assert.deepEqual(
      { ...days[0], day: '' },
      {
        day: '',
        tokens_issued: 0,
        tokens_refused: 0,
        sign_ins: 0,
        sign_ins_failed: 0,
        devices_approved: 0,
        devices_denied: 0,
      },
    );
  });

  it('counts tokens as soon as they are made, and none of another organization', async () => {
    const before = await today();
    const elsewhere = await today(stranger);
    const call: Parameters<typeof makeToken>[0] = (method, path, { body } = {}) =>
      administrator.call(method, path, body);
    await makeToken(call);
    await makeToken(call);
    assert.equal((await today()).tokens_issued, (before.tokens_issued ?? 0) + 2);
    assert.equal((await today(stranger)).tokens_issued, elsewhere.tokens_issued);
  });

  it('counts the sign-ins of its members, good and failed, and not those of strangers', async () => {
    // All who have come in before this.
    await untilRecorded(server.db, serverChain, { action: 'sign_in.succeeded' }, 3);
    const person = createPerson(server.issuer);
    const { sign_ins = 0, sign_ins_failed = 0 } = await today();
    await createPerson(server.issuer).signIn(stranger.account);
    await person.signIn({ ...member.account, password: 'not the right one' }).catch(() => undefined);
    await person.signIn(member.account);
    await untilNoted('sign_ins', sign_ins + 1);
    await untilNoted('sign_ins_failed', sign_ins_failed + 1);
    const counted = await today();
    assert.deepEqual([counted.sign_ins, counted.sign_ins_failed], [sign_ins + 1, sign_ins_failed + 1]);
  });

  it('counts what happened often at once as often as it did', async () => {
    const { body: program } = await administrator.call('POST', '/clients', {
      client_name: 'Importer',
      grant_types: ['client_credentials'],
      resources: { [demoResource.uri]: ['read'] },
    });
    const { tokens_issued = 0 } = await today();
    const ask = () =>
      fetch(`${server.issuer}/oauth/token`, {
        method: 'POST',
        headers: { authorization: `Basic ${btoa(`${program.client_id}:${program.client_secret}`)}` },
        body: new URLSearchParams({ grant_type: 'client_credentials' }),
      });
    const answers = await Promise.all(Array.from({ length: 12 }, ask));
    assert.ok(answers.every(({ status }) => status === 200));
    await untilNoted('tokens_issued', tokens_issued + 12);
    assert.equal((await today()).tokens_issued, tokens_issued + 12);
  });

  it('says what waits for an administrator', async () => {
    assert.deepEqual((await read()).waiting, { tokens: 0, invitations: 0 });
    await administrator.call('POST', '/invitations', { email: 'new@example.com' });
    await server.db.query(
      sql`insert into token_policies values (${organizationId}::uuid, null, false, true, false)`,
    );
    const made = await member.call('POST', '/tokens', {
      name: 'Waits',
      permissions: {},
      reason: 'For a test',
    });
    assert.equal(made.status, 201);
    assert.deepEqual((await read()).waiting, { tokens: 1, invitations: 1 });
    const { body } = await administrator.call('GET', '/tokens?owner=all&state=waiting');
    assert.deepEqual(
      body.items.map(({ name }: { name: string }) => name),
      ['Waits'],
    );
  });

  it('is for those who may read the audit log', async () => {
    assert.equal((await member.call('GET', '/activity')).status, 403);
  });

  it('forgets what is older than it shows', async () => {
    await server.db.query(sql`update audit_days set day = day - 30 where chain_id = ${organizationId}::uuid`);
    assert.equal((await today()).tokens_issued, 0);
    assert.equal((await read()).days[0].tokens_issued, 0);
  });
});
