import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { demoUser } from '../../src/development.ts';
import { openBrowser } from '../support/browser.ts';
import { requestDevice } from '../support/client.ts';
import { type Employee, foundCompany, hire } from '../support/company.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { lookAlong, openTab, type Way } from './tab.ts';

let server: TestServer;
let browser: Browser;
before(async () => {
  const settings = { POSTERN_API_RATE_LIMIT: '10000' };
  [server, browser] = await Promise.all([startServer({ settings }), openBrowser()]);
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

const password = 'nine purple kites over the harbour';
/** Long enough to break every layout that can be broken. */
const longName = 'Donaudampfschifffahrtsgesellschaftskapitänsmützenfabrik & Söhne';

async function invite(by: Employee, email = `${crypto.randomUUID()}@example.com`): Promise<string> {
  const { body } = await by.call('POST', '/invitations', { email });
  return body.link;
}

async function signIn(page: Page, account: { email: string; password: string }): Promise<void> {
  await page.goto(`${server.issuer}/sign-in`);
  await page.getByLabel('Email').fill(account.email);
  await page.getByLabel('Password').fill(account.password);
  await press(page, 'Sign in');
}

const press = (page: Page, name: string) =>
  Promise.all([page.waitForEvent('load'), page.locator('main').getByRole('button', { name }).click()]);

/** Opens a link as from a mail: the address bar is somewhere else before. */
async function follow(page: Page, link: string): Promise<void> {
  await page.goto('about:blank');
  await page.goto(link);
  await page.waitForURL('**/join/confirm');
}

/** Where every page about organizations is: its title, and how to come there from the one before. */
async function listWays(page: Page): Promise<Way[]> {
  const { administrator, join, id } = await foundCompany(server, longName);
  const { account: known } = await hire(server);
  const member = await join('member');
  const other = await foundCompany(server, 'Second Company');
  await other.join('member', member);
  await member.call('PUT', '/users/me/organization', { id });
  const taken = { 'https://api.example.com': ['write'] };
  await administrator.call('PATCH', `/members/${member.id}`, { taken });
  const enter = async (scope: string) => {
    const { body } = await requestDevice(server.issuer, { scope });
    await page.goto(`${server.issuer}/device`);
    await page.getByLabel('Code').fill(body.user_code);
    await press(page, 'Continue');
  };
  return [
    ['Your invitation', () => page.goto(`${server.issuer}/join`)],
    ['Error: Your invitation', () => press(page, 'Continue')],
    [`Join ${longName}`, async () => await follow(page, await invite(administrator))],
    [`Error: Join ${longName}`, () => press(page, 'Join')],
    [
      `Welcome to ${longName}`,
      async () => {
        await page.getByLabel('Choose a password').fill(password);
        await page.getByLabel('The same password again').fill(password);
        await press(page, 'Join');
      },
    ],
    [`Join ${longName}`, async () => await follow(page, await invite(administrator))],
    ['Signed out', () => press(page, 'Sign out')],
    [`Join ${longName}`, async () => await follow(page, await invite(administrator, known.email))],
    [
      `Join ${longName}`,
      async () => {
        await Promise.all([page.waitForEvent('load'), page.getByRole('link', { name: 'Sign in' }).click()]);
        await page.getByLabel('Email').fill(known.email);
        await page.getByLabel('Password').fill(known.password);
        await press(page, 'Sign in');
      },
    ],
    [
      'Choose an organization',
      async () => {
        await page.context().clearCookies();
        await signIn(page, member.account);
        await enter('read write');
      },
    ],
    ['Allow Demo CLI?', () => press(page, longName)],
    ['Allow Demo CLI?', () => enter('write')],
  ];
}

describe('the pages about organizations', () => {
  it('have no barrier and no fault on a telephone and on a desk, by day and by night', () =>
    lookAlong(browser, listWays));
});

describe('a link of an invitation', () => {
  it('leaves its secret in no address: of the bar, of the history, of any request', async () => {
    const { administrator } = await foundCompany(server);
    const { page, complaints, close } = await openTab(browser, { width: 1280 });
    const requests: string[] = [];
    page.on('request', (request) => requests.push(`${request.url()} ${request.headers().referer ?? ''}`));
    const link = await invite(administrator);
    const secret = link.slice(link.indexOf('#') + 1);
    await follow(page, link);
    assert.equal(page.url(), `${server.issuer}/join/confirm`);
    await page.goBack();
    assert.ok(!page.url().includes(secret));
    assert.ok(requests.length > 3 && requests.every((request) => !request.includes(secret)));
    assert.deepEqual(complaints, []);
    await close();
  });

  it('waits while the person whose account is open signs out', async () => {
    const { administrator } = await foundCompany(server);
    const { page, close } = await openTab(browser, { width: 1280 });
    const link = await invite(administrator);
    await signIn(page, demoUser);
    await follow(page, link);
    assert.match(await page.locator('main').innerText(), /Sign out, then open the link/);
    await press(page, 'Sign out');
    await follow(page, link);
    assert.equal(await page.getByLabel('Choose a password').count(), 1);
    await close();
  });
});
