import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { sql } from '../../src/postgres/sql.ts';
import { showMe } from '../support/api-token.ts';
import { openBrowser } from '../support/browser.ts';
import { type Employee, foundCompany } from '../support/company.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { findBarriers, findOverflow, openTab } from './tab.ts';

let server: TestServer;
let browser: Browser;
let administrator: Employee;
let member: Employee;
before(async () => {
  [server, browser] = await Promise.all([startServer({}), openBrowser()]);
  const company = await foundCompany(server);
  administrator = company.administrator;
  member = await company.join('member');
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

const follow = (page: Page, act: () => Promise<unknown>) => Promise.all([page.waitForEvent('load'), act()]);
const press = (page: Page, name: string) =>
  follow(page, () => page.locator('main').getByRole('button', { name, exact: true }).click());
const open = (page: Page, name: string) =>
  follow(page, () => page.locator('main').getByRole('link', { name, exact: true }).click());

/** Asks for a page, signs in, and is at the page that was asked for. */
async function enter(page: Page, { account }: Employee, path: string): Promise<void> {
  await page.goto(server.issuer + path);
  await page.locator('#email').fill(account.email);
  await page.locator('#password').fill(account.password);
  await follow(page, () => page.keyboard.press('Enter'));
  assert.equal(page.url(), server.issuer + path);
}

/** Looks at a page as everybody might. */
async function look(page: Page): Promise<void> {
  const where = `${await page.title()} ${page.url()}`;
  assert.equal(await page.locator('h1').count(), 1, where);
  assert.equal(await findOverflow(page), undefined, where);
  assert.deepEqual(await findBarriers(page), [], where);
}

const valueOn = (page: Page) => page.locator('#value').innerText();
const statusOf = async (value: string) =>
  (await showMe(server.issuer, { authorization: `Bearer ${value}` })).status;

describe('the pages of tokens', () => {
  it('let their owner make, change, rotate, disable, enable and remove one', async () => {
    const { page, complaints, close } = await openTab(browser, { width: 360 });
    await enter(page, member, '/account/tokens');
    assert.equal(await page.locator('.empty').count(), 1);
    await open(page, 'Make a token');
    await press(page, 'Make the token');
    assert.match(await page.title(), /^Error: /);
    await look(page);
    await page.getByLabel('Name', { exact: true }).fill('Nightly <b>backup</b>');
    await page.getByLabel('See your data').check();
    await page.getByLabel('Ends on').fill('2031-05-01');
    await press(page, 'Make the token');
    await look(page);
    const first = await valueOn(page);
    assert.equal(await statusOf(first), 200);
    await open(page, 'To the token');
    await look(page);
    await press(page, 'Make a new value');
    const second = await valueOn(page);
    assert.deepEqual([await statusOf(first), await statusOf(second)], [200, 200]);
    await open(page, 'To the token');
    assert.match(await page.locator('dl').innerText(), /Value before the present one/);
    await press(page, 'Disable');
    assert.equal(await statusOf(second), 401);
    await press(page, 'Enable');
    assert.equal(await statusOf(second), 200);
    await open(page, 'Edit');
    await look(page);
    await page.getByLabel('Note').fill('In the cellar');
    await page.getByLabel('From which addresses').fill('192.0.2.0/24');
    await press(page, 'Save');
    assert.match(await page.locator('dl').innerText(), /192\.0\.2\.0\/24/);
    assert.equal(await statusOf(second), 401);
    await page.goto(`${server.issuer}/account/tokens?search=CELLAR`);
    await look(page);
    await open(page, 'Nightly <b>backup</b>');
    await open(page, 'Remove');
    await look(page);
    await press(page, 'Remove it for good');
    assert.equal(page.url(), `${server.issuer}/account/tokens`);
    assert.equal(await page.locator('.list').count(), 0);
    assert.deepEqual(complaints, []);
    await close();
  });

  it('make one token when its form is sent again, and never show its value again', async () => {
    const { page, close } = await openTab(browser, { width: 1280 });
    await enter(page, member, '/account/tokens/new');
    await page.getByLabel('Name', { exact: true }).fill('Twice');
    await press(page, 'Make the token');
    const value = await valueOn(page);
    await follow(page, () => page.reload());
    assert.equal(await valueOn(page), value);
    await page.goto(`${server.issuer}/account/tokens?search=twice`);
    assert.equal(await page.locator('.list tbody tr').count(), 1);
    await open(page, 'Twice');
    assert.ok(!(await page.content()).includes(value));
    await close();
  });

  it('let an administrator see and end the tokens of others and never a value, and members use shared ones', async () => {
    const { page, complaints, close } = await openTab(browser, { width: 1280 });
    await enter(page, administrator, '/account/shared-tokens');
    await open(page, 'Make a shared token');
    await page.getByLabel('Name', { exact: true }).fill('Reports');
    await press(page, 'Make the token');
    await page.goto(`${server.issuer}/admin/tokens?search=twice`);
    await look(page);
    await open(page, 'Twice');
    assert.equal(await page.getByRole('button', { name: 'Make a new value' }).count(), 0);
    await press(page, 'Disable');
    assert.match(await page.locator('main').innerText(), /Disabled/);
    await close();

    const other = await openTab(browser, { width: 360 });
    await enter(other.page, member, '/account/shared-tokens');
    await open(other.page, 'Reports');
    await look(other.page);
    assert.equal(await other.page.getByRole('link', { name: 'Edit' }).count(), 0);
    await press(other.page, 'Take a value of your own');
    assert.equal(await statusOf(await valueOn(other.page)), 200);
    assert.equal((await other.page.goto(`${server.issuer}/admin/tokens`))?.status(), 403);
    assert.deepEqual([complaints, other.complaints], [[], []]);
    await other.close();
  });

  it('copy a value for who presses the button', async () => {
    const { page, close } = await openTab(browser, { width: 1280 });
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await enter(page, member, '/account/tokens/new');
    await page.getByLabel('Name', { exact: true }).fill('Copied');
    await press(page, 'Make the token');
    await page.getByRole('button', { name: 'Copy' }).click();
    await page.getByRole('button', { name: 'Copied' }).waitFor();
    assert.equal(await page.evaluate('navigator.clipboard.readText()'), await valueOn(page));
    await close();
  });

  it('page through a long list', async () => {
    await server.db.query(sql`
      insert into api_tokens (organization_id, owner_id, kind, name)
      select organization_id, user_id, 'private', 'Machine ' || number
      from members, generate_series(1, 60) as number where user_id = ${administrator.id}`);
    const { page, close } = await openTab(browser, { width: 360 });
    await enter(page, administrator, '/account/tokens');
    assert.equal(await page.locator('.list tbody tr').count(), 50);
    await open(page, 'Next page');
    assert.ok((await page.locator('.list tbody tr').count()) >= 10);
    await look(page);
    await open(page, 'First page');
    assert.equal(await page.locator('.list tbody tr').count(), 50);
    await close();
  });
});
