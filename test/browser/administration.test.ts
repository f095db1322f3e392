import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { demoResource } from '../../src/development.ts';
import { sql } from '../../src/postgres/sql.ts';
import { openBrowser } from '../support/browser.ts';
import { type Employee, foundCompany } from '../support/company.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { findBarriers, findOverflow, openTab, readDownload, type Tab } from './tab.ts';

let server: TestServer;
let browser: Browser;
let organizationId: string;
let administrator: Employee;
before(async () => {
  [server, browser] = await Promise.all([startServer({}), openBrowser()]);
  ({ id: organizationId, administrator } = await foundCompany(server));
  await server.db.query(sql`
    insert into member_scopes (organization_id, user_id, resource, scope, is_given)
    select ${organizationId}::uuid, ${administrator.id}::uuid, resource, scope, true
    from resource_scopes where role = 'operator'`);
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

const follow = (page: Page, act: () => Promise<unknown>) => Promise.all([page.waitForEvent('load'), act()]);
const press = (page: Page, name: string, index = 0) =>
  follow(page, () => page.locator('main').getByRole('button', { name, exact: true }).nth(index).click());
const open = (page: Page, name: string) =>
  follow(page, () => page.locator('main').getByRole('link', { name, exact: true }).first().click());
const textOf = (page: Page) => page.locator('main').innerText();

/** Asks for a page in a tab of its own, signs in, and is there. */
async function enter(path: string, options: { width: number }): Promise<Tab> {
  const tab = await openTab(browser, options);
  const { page } = tab;
  await page.goto(server.issuer + path);
  await page.locator('#email').fill(administrator.account.email);
  await page.locator('#password').fill(administrator.account.password);
  await press(page, 'Sign in');
  assert.equal(page.url(), server.issuer + path);
  return tab;
}

/** Looks at a page as everybody might. */
async function look(page: Page): Promise<void> {
  const where = `${await page.title()} ${page.url()}`;
  assert.equal(await page.locator('h1').count(), 1, where);
  assert.equal(await findOverflow(page), undefined, where);
  assert.deepEqual(await findBarriers(page), [], where);
}

describe('the pages of an administrator', () => {
  it('do not overwrite what somebody else has changed meanwhile', async () => {
    const { page, close } = await enter('/admin/policies', { width: 1280 });
    await look(page);
    await administrator.call('PUT', '/policies/tokens', {
      longest_lifetime_seconds: 86_400,
      expiry_required: true,
      approval_required: false,
      permissions: null,
    });
    await page.getByLabel('Longest life').fill('30');
    await press(page, 'Save');
    assert.match(await textOf(page), /Somebody has changed it meanwhile/);
    assert.equal(await page.getByLabel('Longest life').inputValue(), '1');
    await page.getByLabel('Longest life').fill('30');
    await page.getByLabel('Tokens may do only what is ticked').check();
    await page.getByLabel('See your data').check();
    await press(page, 'Save');
    assert.match(await textOf(page), /It is saved/);
    const { body } = await administrator.call('GET', '/policies/tokens');
    assert.deepEqual(body, {
      longest_lifetime_seconds: 30 * 86_400,
      expiry_required: true,
      approval_required: false,
      permissions: { [demoResource.uri]: ['read'] },
    });
    await page.getByLabel('Members sign in at an identity provider').check();
    await press(page, 'Save', 1);
    assert.match(await textOf(page), /Members who sign in otherwise now: \d/);
    await look(page);
    await press(page, 'Demand it');
    assert.match(await textOf(page), /nobody could undo this/);
    await look(page);
    await close();
  });

  it('register a program, change its secrets one after the other, and remove it', async () => {
    const { page, complaints, close } = await enter('/admin/clients', { width: 1280 });
    assert.match(await textOf(page), /There are none yet/);
    await open(page, 'Register a program');
    await press(page, 'Register');
    assert.match(await page.title(), /^Error: /);
    await look(page);
    await page.getByLabel('Name', { exact: true }).fill('Nightly <b>import</b>');
    await page.getByLabel('See your data').check();
    await page.getByLabel('How long its access tokens live').selectOption('300');
    await press(page, 'Register');
    await look(page);
    const first = await page.locator('#value').innerText();
    await open(page, 'To the program');
    await press(page, 'Add a second secret');
    const second = await page.locator('#value').innerText();
    await open(page, 'To the program');
    await look(page);
    const id = await page.locator('dd code').first().innerText();
    const ask = async (secret: string) => {
      const response = await fetch(`${server.issuer}/oauth/token`, {
        method: 'POST',
        headers: { authorization: `Basic ${btoa(`${id}:${secret}`)}` },
        body: new URLSearchParams({ grant_type: 'client_credentials' }),
      });
      return [response.status, ((await response.json()) as { expires_in?: number }).expires_in];
    };
    assert.deepEqual(
      [await ask(first), await ask(second)],
      [
        [200, 300],
        [200, 300],
      ],
    );
    await open(page, 'End this secret');
    assert.match(await textOf(page), /Live secrets that it then has: 1/);
    await look(page);
    await press(page, 'End this secret');
    assert.deepEqual(
      [await ask(first), await ask(second)],
      [
        [401, undefined],
        [200, 300],
      ],
    );
    await open(page, 'Edit');
    await look(page);
    await page.getByLabel('Name', { exact: true }).fill('Import');
    await press(page, 'Save');
    await press(page, 'Disable');
    assert.equal((await ask(second))[0], 401);
    await open(page, 'Remove');
    await look(page);
    await press(page, 'Remove it for good');
    assert.equal((await administrator.call('GET', `/clients/${id}`)).status, 404);
    assert.deepEqual(complaints, []);
    await close();
  });

  it('show what has happened, filtered, and hand all of it over as a file', async () => {
    const { page, complaints, close } = await enter('/admin/audit', { width: 360 });
    await page.locator('.list details summary').first().click();
    await look(page);
    await page.getByLabel('What', { exact: true }).selectOption('client.removed');
    await page.getByLabel('Who', { exact: true }).fill(administrator.account.email);
    await press(page, 'Show');
    assert.equal(await page.locator('.list tbody tr').count(), 1);
    assert.match(await textOf(page), /Removed a program/);
    await page.getByLabel('To', { exact: true }).fill('2020-01-01');
    await press(page, 'Show');
    assert.match(await textOf(page), /Nothing matches/);
    await open(page, 'Show everything');
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: 'Export as JSON lines' }).click(),
    ]);
    const lines = (await readDownload(download)).trimEnd().split('\n');
    const events: { sequence: number; action: string }[] = lines.map((line) => JSON.parse(line));
    assert.deepEqual(
      events.map(({ sequence }) => sequence),
      Array.from({ length: lines.length }, (_, index) => index + 1),
    );
    // What machines do is written down together where it happens together.
    const ofMachines = ['access_token.issued', 'client.authentication_failed'];
    assert.deepEqual(
      events.map(({ action }) => action).filter((action) => !ofMachines.includes(action)),
      [
        'policy.changed',
        'policy.changed',
        'client.added',
        'client.secret_added',
        'client.secret_ended',
        'client.updated',
        'client.disabled',
        'client.removed',
      ],
    );
    assert.deepEqual(complaints, []);
    await close();
  });

  it('draw the last 30 days, with the same numbers in a table, and name what waits', async () => {
    await administrator.call('POST', '/invitations', { email: 'waits@example.com' });
    const { page, complaints, close } = await enter('/admin', { width: 360 });
    await look(page);
    assert.ok((await page.locator('svg .good').count()) > 0);
    assert.match(await textOf(page), /Nothing in these 30 days/);
    const summary = page.getByText('As a table').nth(0);
    await summary.click();
    assert.equal(await page.locator('.numbers').first().locator('tbody tr').count(), 30);
    await look(page);
    await open(page, 'Open invitations: 1');
    assert.equal(page.url(), `${server.issuer}/admin/members`);
    assert.deepEqual(complaints, []);
    await close();
  });

  it('register and change an API, and show who may do what there', async () => {
    const { page, complaints, close } = await enter('/admin/resources', { width: 360 });
    await look(page);
    await open(page, 'Register an API');
    await page.getByLabel('URI').fill('nonsense');
    await press(page, 'Register');
    await look(page);
    await page.getByLabel('URI').fill('https://billing.example.com/v1');
    await page.getByLabel('Name', { exact: true }).fill('Billing');
    await page.getByLabel('What can be done there').fill('read See your bills\npay Pay your bills');
    await press(page, 'Register');
    await look(page);
    assert.match(await textOf(page), /Every member/);
    await open(page, 'Edit');
    await page.getByLabel('What can be done there').fill('read See your bills');
    await press(page, 'Save');
    assert.doesNotMatch(await textOf(page), /Pay your bills/);
    assert.deepEqual(complaints, []);
    await close();
  });

  it('rotate and revoke signing keys after saying what that does', async () => {
    const { page, complaints, close } = await enter('/admin/keys', { width: 1280 });
    await look(page);
    const before = await page.locator('.list tbody tr').count();
    await open(page, 'Begin a rotation');
    await look(page);
    await press(page, 'Publish the next key');
    assert.ok((await page.locator('.list tbody tr').count()) > before);
    await look(page);
    assert.match(await textOf(page), /It has signed no token yet/);
    await open(page, 'Revoke');
    await look(page);
    await press(page, 'Revoke it for good');
    assert.match(await textOf(page), /Revoked/);
    assert.deepEqual(complaints, []);
    await close();
  });
});
