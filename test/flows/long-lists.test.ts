import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { sql } from '../../src/postgres/sql.ts';
import { problemsOf } from '../support/api.ts';
import { addDevices, addSessions } from '../support/belongings.ts';
import { type Employee, foundCompany } from '../support/company.ts';
import type { Page } from '../support/person.ts';
import { startServer, type TestServer } from '../support/server.ts';

const many = 60;

let server: TestServer;
let owner: Employee;
let stranger: Employee;
before(async () => {
  server = await startServer({ settings: { POSTERN_API_RATE_LIMIT: '100000' } });
  const company = await foundCompany(server);
  owner = company.administrator;
  stranger = await company.join('member');
  for (const employee of [owner, stranger]) {
    await addDevices(server.db, employee.id, many);
    await addSessions(server.db, employee.id, many);
  }
});
after(() => server.stop());

/** Every page of a list as a person sees it, by the link to the next one. */
async function walk(path: string): Promise<Page[]> {
  const pages: Page[] = [];
  for (let next: string | undefined = path; next !== undefined; ) {
    const page = await owner.person.open(next);
    assert.equal(page.status, 200);
    pages.push(page);
    next = /<a href="([^"]+)" rel="next">/.exec(page.html)?.[1]?.replaceAll('&#38;', '&');
  }
  return pages;
}

const numbersIn = (pages: Page[]) =>
  pages.flatMap(({ html }) => [...html.matchAll(/198\.51\.100\.(\d+)/g)].map(([, number]) => Number(number)));

const everyNumber = Array.from({ length: many }, (_, index) => index + 1);

describe('a cursor of somebody', () => {
  it('is nothing in the list of another person', async () => {
    for (const path of ['/grants', '/sessions']) {
      const { body } = await owner.call('GET', `${path}?limit=1`);
      const theirs = await stranger.call('GET', `${path}?limit=1&cursor=${body.next_cursor}`);
      assert.equal(theirs.status, 422, path);
      assert.deepEqual(problemsOf(theirs), ['cursor: this is no cursor of this list']);
      assert.equal((await owner.call('GET', `${path}?limit=1&cursor=${body.next_cursor}`)).status, 200);
    }
  });
});

describe('many devices and apps', () => {
  it('are on pages with the newest first, each once', async () => {
    const pages = await walk('/account/devices');
    assert.equal(pages.length, 5);
    assert.deepEqual(numbersIn(pages), everyNumber);
  });

  it('are told about on the first page alone, ten at most, and where the others are', async () => {
    const [first, second] = await walk('/account/devices');
    assert.equal(first?.html.match(/You allowed /g)?.length, 10);
    assert.doesNotMatch(second?.html ?? '', /You allowed /);
    const overview = await owner.person.open('/account');
    assert.equal(overview.html.match(/You allowed /g)?.length, 10);
    assert.match(overview.html, /<a href="[^"]*\/account\/devices">Everything else that you allowed lately/);
  });

  it('are searched for what their cards say, in any case', async () => {
    for (const [search, found] of [
      ['198.51.100.37', 1],
      ['DEMO CLI', 14],
      ['Postern/0.4.0 (Linux', 14],
      ['2001:DB8:1234', 14],
    ] as const) {
      const { html } = await owner.person.open(`/account/devices?search=${encodeURIComponent(search)}`);
      assert.equal(html.match(/<li class="device">/g)?.length, found, search);
      assert.match(html, /Show all/);
      assert.doesNotMatch(html, /Sign out all/, 'not what was found alone');
    }
    const none = await owner.person.open('/account/devices?search=%25');
    assert.match(none.html, /Nothing matches/);
    assert.doesNotMatch(none.html, /Nothing is signed in/);
  });

  it('are searched for the name of their system, which they call otherwise', async () => {
    const agents = [
      'postern/0.4.0 (darwin)',
      'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X)',
      'cros',
    ];
    for (const [index, agent] of agents.entries()) {
      await server.db.query(sql`
        update grants set device_agent = ${agent}
        where account_id = ${owner.id} and host(device_address) = ${`198.51.100.${index + 1}`}`);
    }
    for (const [search, number] of [
      ['macos', 1],
      ['iOS', 2],
      ['chrome', 3],
    ] as const) {
      const { body } = await owner.call('GET', `/grants?search=${search}`);
      const addresses = body.items.map(({ device }: { device: { address: string } }) => device.address);
      assert.deepEqual(addresses, [`198.51.100.${number}`], search);
    }
  });

  it('are counted, all of them, wherever their number is said', async () => {
    assert.match((await owner.person.open('/account')).html, /60 devices and apps are signed in/);
    assert.match(
      (await owner.person.open('/account/devices/all')).html,
      /Sign out all 60 devices and apps\?/,
    );
    const { body } = await owner.call('GET', '/grants?limit=1&search=198.51.100.37');
    assert.deepEqual([body.items.length, body.total], [1, many]);
  });

  it('are signed out, all of them at once', async () => {
    await stranger.person.open('/account/devices/all');
    const { html } = await stranger.person.submit('/account/devices/all', {});
    assert.match(html, /Nothing is signed in/);
    assert.equal((await owner.call('GET', '/grants')).body.total, many);
  });
});

describe('many sessions', () => {
  it('have a page of their own behind the newest ten, each once', async () => {
    const { html } = await owner.person.open('/account/security');
    assert.equal(html.match(/<form[^>]*sessions\/end"/g)?.length, 9, 'all but this one');
    assert.match(html, /<a href="[^"]*\/account\/security\/sessions">Show all/);
    const pages = await walk('/account/security/sessions');
    assert.equal(pages.length, 3);
    assert.deepEqual(numbersIn(pages), everyNumber);
  });

  it('are searched for an address, in vain too', async () => {
    const found = await owner.person.open('/account/security/sessions?search=198.51.100.37');
    assert.deepEqual(numbersIn([found]), [37, 37], 'it, and what was searched for');
    const none = await owner.person.open('/account/security/sessions?search=198.51.100.99');
    assert.match(none.html, /Nothing matches/);
    const systems = await owner.person.open('/account/security/sessions?search=WINDOWS');
    assert.equal(systems.html.match(/<li class="thing">/g)?.length, 30);
  });

  it('stay in their order while the one that asks proves itself anew', async () => {
    const { body } = await owner.call('GET', '/sessions?limit=1');
    await server.db.query(sql`update sessions set authenticated_at = now() where user_id = ${owner.id}`);
    const rest = await owner.call('GET', `/sessions?limit=100&cursor=${body.next_cursor}`);
    assert.equal(rest.body.items.length, many);
  });

  it('are ended from their page one by one, and all others at once, and it is shown again', async () => {
    const page = '/account/security/sessions';
    assert.match((await owner.person.open(page)).html, /Sign out everywhere else \(60\)/);
    const one = await owner.person.submit(`${page}/end`, {});
    assert.equal(one.url, server.issuer + page);
    assert.match(one.html, /Sign out everywhere else \(59\)/);
    const none = await owner.person.submit(`${page}/end-others`, {});
    assert.equal(none.url, server.issuer + page);
    assert.doesNotMatch(none.html, /Sign out everywhere else/);
    assert.match(none.html, /This browser/);
  });
});
