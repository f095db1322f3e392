import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { openBrowser } from '../support/browser.ts';
import { type Employee, hire } from '../support/company.ts';
import { ageSessions, setUpApp } from '../support/second-factor.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { plugAuthenticator } from './passkey.ts';
import { findBarriers, findFaults, openTab, type Tab } from './tab.ts';

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

/** A tab of a browser with an authenticator that verifies its person, as laptops have one. */
type KeyTab = Tab & { press(name: string): Promise<unknown>; loseAuthenticator(): Promise<void> };

async function openKeyTab(width = 1280): Promise<KeyTab> {
  const tab = await openTab(browser, { width });
  const { page } = tab;
  const authenticator = await plugAuthenticator(page);
  return {
    ...tab,
    press: (name) =>
      Promise.all([page.waitForEvent('load'), page.getByRole('button', { name, exact: true }).click()]),
    loseAuthenticator: authenticator.lose,
  };
}

async function signIn({ page, press }: KeyTab, { account }: Employee): Promise<void> {
  await page.goto(`${server.issuer}/sign-in`);
  await page.getByLabel('Email').fill(account.email);
  await page.getByLabel('Password').fill(account.password);
  await press('Sign in');
}

/** Adds a passkey by hand, and returns the recovery codes that come with the first one. */
async function addPasskey({ page, press }: KeyTab): Promise<string[]> {
  await page.goto(`${server.issuer}/account/security/passkey`);
  await page.getByLabel('Name').fill('Laptop');
  await press('Make the passkey');
  return await page.locator('.recovery code').allInnerTexts();
}

const signOut = (page: Page) => page.context().clearCookies();

describe('a passkey in a browser', () => {
  it('is made at the page about security, and signs in without a password', async () => {
    const tab = await openKeyTab();
    const employee = await hire(server);
    await signIn(tab, employee);
    assert.equal((await addPasskey(tab)).length, 10);
    await tab.page.goto(`${server.issuer}/account/security`);
    assert.match(await tab.page.locator('main').innerText(), /Laptop/);
    await signOut(tab.page);
    await tab.page.goto(`${server.issuer}/sign-in`);
    await tab.press('Use a passkey');
    assert.equal(tab.page.url(), `${server.issuer}/account`);
    assert.deepEqual(tab.complaints, []);
    await tab.close();
  });

  it('follows the password, and where it is lost a recovery code does', async () => {
    const tab = await openKeyTab(360);
    const { page } = tab;
    const employee = await hire(server);
    await signIn(tab, employee);
    const [code = ''] = await addPasskey(tab);
    await signOut(page);
    await signIn(tab, employee);
    assert.equal(page.url(), `${server.issuer}/sign-in/second-factor`);
    await tab.press('Use a passkey');
    assert.equal(page.url(), `${server.issuer}/account`);

    await tab.loseAuthenticator();
    await signOut(page);
    await signIn(tab, employee);
    await page.getByRole('button', { name: 'Use a passkey' }).click();
    await page.getByRole('alert').waitFor();
    assert.match(await page.getByRole('alert').innerText(), /That did not work/);
    assert.deepEqual(await findBarriers(page), []);
    await page.getByLabel('Recovery code').fill(code);
    await tab.press('Continue');
    assert.equal(page.url(), `${server.issuer}/account`);
    await tab.close();
  });

  it('is not made twice in one authenticator', async () => {
    const tab = await openKeyTab();
    await signIn(tab, await hire(server));
    await addPasskey(tab);
    await tab.page.goto(`${server.issuer}/account/security/passkey`);
    await tab.page.getByLabel('Name').fill('Again');
    await tab.page.getByRole('button', { name: 'Make the passkey' }).click();
    await tab.page.getByRole('alert').waitFor();
    await tab.close();
  });
});

describe('the pages about signing in', () => {
  it('have no barrier and no fault on a telephone and on a desk, by day and by night', async () => {
    const tab = await openKeyTab();
    const { page } = tab;
    const employee = await hire(server);
    const app = await setUpApp(server, employee);
    await signIn(tab, employee);
    const look = async (title: string) => {
      assert.equal(await page.title(), `${title} · Postern`);
      assert.deepEqual(await findFaults(page), [], title);
    };
    await look('One more step');
    await page.getByLabel('Code', { exact: true }).fill(app.code());
    await tab.press('Continue');
    await page.goto(`${server.issuer}/account/security/totp`);
    await look('Set up an authenticator app');
    await page.goto(`${server.issuer}/account/security/passkey`);
    await look('Add a passkey');
    await page.getByLabel('Name').fill('Donaudampfschifffahrtsgesellschaftskapitänsmützenfabrikrechner');
    await tab.press('Make the passkey');
    await page.goto(`${server.issuer}/account/security`);
    await look('Security');
    await tab.press('Make new ones');
    await look('Your recovery codes');
    await ageSessions(server, employee.id);
    await page.goto(`${server.issuer}/account/security/totp`);
    await look('Is it still you?');
    assert.deepEqual(tab.complaints, []);
    await tab.close();
  });
});
