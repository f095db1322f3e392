import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { policies } from '../../src/limits/policy.ts';
import { sql } from '../../src/postgres/sql.ts';
import { poll, requestDevice } from '../support/client.ts';
import { ada, addAccount, createPerson, hiddenField, type Page, type Person } from '../support/person.ts';
import { listQueries } from '../support/queries.ts';
import { startServer, type TestServer } from '../support/server.ts';

let server: TestServer;
before(async () => {
  server = await startServer({ settings: { POSTERN_TRUSTED_PROXIES: '127.0.0.1, ::1' } });
  await addAccount(server.db, ada);
});
after(() => server.stop());
beforeEach(() => server.db.query(sql`delete from rate_limits`));

/** Eight letters that a code could have, and none has. */
const wrong = 'BCDF-GHJK';

const newCode = async (): Promise<string> => (await requestDevice(server.issuer)).body.user_code;
const from = (address: string) => createPerson(server.issuer, { 'x-forwarded-for': address });

/** One guess, ending on the page that tells what became of it. */
async function guess(person: Person, userCode = wrong): Promise<Page> {
  await person.open('/device');
  return await person.submit('/device', { user_code: userCode });
}

/** Guesses by new visitors from one address until one is sent to sign in first; tells how many were looked at. */
async function spendAddress(address: (count: number) => string): Promise<number> {
  for (let count = 0; count <= policies.user_code_by_address.failures; count += 1) {
    const page = await guess(from(address(count)));
    if (page.url.endsWith('/sign-in')) return count;
    assert.equal(page.status, 400);
  }
  return Number.POSITIVE_INFINITY;
}

/** Makes a counter look like after so many failures. */
async function spend(policy: keyof typeof policies): Promise<void> {
  const spent = await server.db.query(sql`
    update rate_limits set points = ${policies[policy].failures} where key like ${`${policy}:%`} returning 1`);
  assert.notEqual(spent.length, 0);
}

/** An answer without what differs by chance, and without the code that it repeats. */
function bare({ status, url, html }: Page): string {
  return `${status} ${new URL(url).pathname} ${html.replace(/ (?:value|data-options)="[^"]*"/g, '')}`;
}

describe('guessing user codes before signing in', () => {
  it('ends after a few guesses in one browser: then every code, right or wrong, leads to the sign-in', async () => {
    const guesser = createPerson(server.issuer);
    for (let count = 0; count < policies.user_code_by_visit.failures; count += 1) {
      assert.equal((await guess(guesser)).status, 400);
    }
    const right = await guess(guesser, await newCode());
    const other = await guess(guesser);
    assert.match(right.url, /\/sign-in$/);
    assert.equal(bare(right).replaceAll(/[A-Z]{4}-[A-Z]{4}/g, ''), bare(other).replaceAll(wrong, ''));
  });

  it('ends after some guesses from one address, with a new browser for each', async () => {
    assert.equal(await spendAddress(() => '192.0.2.1'), policies.user_code_by_address.failures);
    assert.equal((await guess(from('192.0.2.2'))).status, 400);
  });

  it('counts all addresses of one IPv6 household as one', async () => {
    const limit = policies.user_code_by_address.failures;
    assert.equal(
      await spendAddress((count) => `2001:db8:1:${(count % 256).toString(16)}::${count + 1}`),
      limit,
    );
    assert.equal((await guess(from('2001:db8:1:100::1'))).status, 400);
  });

  it('does not believe a forwarded address that nobody vouches for', async () => {
    const plain = await startServer({ databaseUrl: server.databaseUrl });
    try {
      for (let count = 0; count <= policies.user_code_by_address.failures; count += 1) {
        const person = createPerson(plain.issuer, { 'x-forwarded-for': `198.51.100.${count}` });
        const page = await guess(person);
        const isLast = count === policies.user_code_by_address.failures;
        assert.equal(page.url.endsWith('/sign-in'), isLast, String(count));
      }
    } finally {
      await plain.stop();
    }
  });

  it('ends for everybody when too many guess in all, and signing in still opens a code', async () => {
    await guess(from('192.0.2.1'));
    await spend('user_code_by_anybody');
    assert.match((await guess(from('198.51.100.1'))).url, /\/sign-in$/);
    const person = from('203.0.113.1');
    assert.match((await person.enterCode(await newCode())).url, /\/device\/confirm$/);
  });

  it('costs nobody else in the same office anything but the sign-in', async () => {
    await spendAddress(() => '192.0.2.1');
    const colleague = from('192.0.2.1');
    const page = await guess(colleague, await newCode());
    assert.match(page.url, /\/sign-in$/);
    assert.match((await colleague.submit('/sign-in', ada)).url, /\/device\/confirm$/);
    assert.match((await colleague.decide('allow')).html, /Your device is connected/);
  });
});

describe('guessing user codes with an account', () => {
  it('ends for that account, wherever it is signed in, and for nobody else', async () => {
    const here = from('192.0.2.1');
    const elsewhere = from('198.51.100.1');
    await here.signIn(ada);
    await elsewhere.signIn(ada);
    for (let count = 0; count < policies.user_code_by_account.failures; count += 1) {
      assert.equal((await guess(count % 2 ? here : elsewhere)).status, 400);
    }
    const code = await newCode();
    for (const person of [here, elsewhere]) {
      const page = await guess(person, code);
      assert.equal(page.status, 429);
      assert.ok(Number(person.hops.at(-1)?.headers.get('retry-after')) > 0);
      assert.match(page.html, /Too many tries/);
    }
    assert.match((await from('192.0.2.1').enterCode(code)).url, /\/device\/confirm$/);
  });

  it('cannot get ahead of its limit with guesses at the same time', async () => {
    const person = createPerson(server.issuer);
    const csrf = hiddenField(await person.signIn(ada), 'csrf');
    const pages = await Promise.all(
      Array.from({ length: 40 }, () => person.send('/device', { csrf, user_code: wrong })),
    );
    const looked = pages.filter(({ status }) => status === 400).length;
    assert.equal(looked, policies.user_code_by_account.failures);
  });

  it('is not made cheaper by guessing first and signing in afterwards', async () => {
    const person = createPerson(server.issuer);
    for (let count = 0; count < policies.user_code_by_account.failures; count += 1) {
      await spendVisit(person);
      assert.match((await person.submit('/sign-in', ada)).html, /This code does not work/);
      await person.submit('/sign-out', {});
    }
    await spendVisit(person);
    assert.equal((await person.submit('/sign-in', ada)).status, 429);
  });

  it('ends for every account when too many guess in all', async () => {
    const guesser = createPerson(server.issuer);
    await guesser.signIn(ada);
    await guess(guesser);
    await spend('user_code_by_any_account');
    const person = createPerson(server.issuer);
    assert.equal((await person.enterCode(await newCode())).status, 429);
  });

  it('is not what people do who connect many devices: right codes are not counted', async () => {
    const person = createPerson(server.issuer);
    await person.signIn(ada);
    for (let count = 0; count <= policies.user_code_by_account.failures; count += 1) {
      assert.match((await guess(person, await newCode())).url, /\/device\/confirm$/);
    }
  });

  /** Guesses until the next code, whatever it is, waits for the sign-in. */
  async function spendVisit(person: Person): Promise<void> {
    for (let count = 0; count <= policies.user_code_by_visit.failures; count += 1) {
      if ((await guess(person)).url.endsWith('/sign-in')) return;
    }
    assert.fail('the guesses before sign-in have no end');
  }
});

describe('what a guess tells', () => {
  /** One code of each kind that no longer works, and some that never did. */
  async function listDeadCodes(): Promise<Record<string, string>> {
    const expired = await newCode();
    await server.db.query(sql`
      update device_codes set created_at = now() - interval '1 hour', expires_at = now() - interval '1 second'`);
    const decided = async (decision: 'allow' | 'deny') => {
      const { body: device } = await requestDevice(server.issuer);
      const person = createPerson(server.issuer);
      await person.enterCode(device.user_code);
      await person.decide(decision);
      return device;
    };
    const used = await decided('allow');
    assert.equal((await poll(server.issuer, used.device_code)).status, 200);
    const [allowed, denied] = [await decided('allow'), await decided('deny')];
    return {
      unknown: wrong,
      expired,
      used: used.user_code,
      allowed: allowed.user_code,
      denied: denied.user_code,
      misspelt: 'AEIO-UUUU',
      short: 'BCDF',
    };
  }

  it('is the same for unknown, expired and used codes, to visitors and to accounts', async () => {
    const codes = await listDeadCodes();
    const member = createPerson(server.issuer);
    await member.signIn(ada);
    for (const person of [createPerson(server.issuer), member]) {
      const answers = new Map<string, string[]>();
      for (const [kind, code] of Object.entries(codes)) {
        await server.db.query(sql`delete from rate_limits`);
        const page = await guess(person, code);
        const { headers } = person.hops.at(-1) ?? {};
        const names = [...(headers?.keys() ?? [])].filter((name) => name !== 'content-length').join();
        const answer = `${bare(page)} ${names}`;
        answers.set(answer, [...(answers.get(answer) ?? []), kind]);
      }
      assert.deepEqual([...answers.values()], [Object.keys(codes)]);
      assert.match([...answers.keys()][0] ?? '', /^400 \/device .*This code does not work/s);
    }
  });

  it('takes the same work: the same statements in the same order', async (t) => {
    const codes = await listDeadCodes();
    const member = createPerson(server.issuer);
    const csrf = hiddenField(await member.signIn(ada), 'csrf');
    const work = new Map<string, string[]>();
    for (const [kind, code] of Object.entries(codes)) {
      await server.db.query(sql`delete from rate_limits`);
      const statements = await listQueries(t, () => member.send('/device', { csrf, user_code: code }));
      const done = statements.join('\n');
      work.set(done, [...(work.get(done) ?? []), kind]);
    }
    assert.deepEqual([...work.values()], [Object.keys(codes)]);
    assert.match([...work.keys()][0] ?? '', /device_codes/);
  });
});
