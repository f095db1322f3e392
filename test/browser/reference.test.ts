import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { demoUser } from '../../src/development.ts';
import { sql } from '../../src/postgres/sql.ts';
import { createBrowserCaller, makeToken } from '../support/api.ts';
import { openBrowser } from '../support/browser.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { findFaults, findFocus, openTab } from './tab.ts';

let server: TestServer;
let browser: Browser;
before(async () => {
  [server, browser] = await Promise.all([startServer(), openBrowser()]);
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

async function signIn(page: Page): Promise<void> {
  await page.goto(`${server.issuer}/sign-in`);
  await page.getByLabel('Email').fill(demoUser.email);
  await page.getByLabel('Password').fill(demoUser.password);
  await Promise.all([page.waitForEvent('load'), page.getByRole('button', { name: 'Sign in' }).click()]);
}

/** An operation on the page, once the page has drawn it. */
function operationOn(page: Page, tag: string, id: string) {
  const block = page.locator(`#operations-${tag}-${id}`);
  return {
    block,
    summary: block.locator('.opblock-summary-control'),
    open: () => block.locator('.opblock-summary-control').click(),
    async execute(): Promise<{ status: string; body: string }> {
      await block.getByRole('button', { name: 'Try it out' }).click();
      await block.getByRole('button', { name: 'Execute' }).click();
      return await readAnswer(block);
    },
  };
}

async function readAnswer(block: ReturnType<Page['locator']>) {
  const live = block.locator('.live-responses-table .response');
  await live.waitFor();
  const status = (await live.locator('.response-col_status').innerText()).trim();
  return {
    status: /\d+/.exec(status)?.[0] ?? '',
    body: await live.locator('.highlight-code').first().innerText(),
  };
}

/** Gives Swagger UI a token, in its own dialogue. */
async function giveToken(page: Page, value: string): Promise<void> {
  await page.locator('.btn.authorize').click();
  await page.getByLabel('auth-bearer-value').fill(value);
  const scheme = page.locator('.auth-container').filter({ hasText: 'Bearer' });
  await scheme.getByRole('button', { name: 'Apply credentials' }).click();
  await page.locator('.modal-ux').getByRole('button', { name: 'Close' }).last().click();
}

/** Presses Tab until the wanted element, once it is drawn, has the focus, as somebody without a mouse does. */
async function tabTo(page: Page, wanted: ReturnType<Page['locator']>): Promise<void> {
  await wanted.waitFor();
  for (let presses = 0; presses < 60; presses += 1) {
    await page.keyboard.press('Tab');
    const { isVisible, text } = await findFocus(page);
    assert.ok(isVisible, `one can see what has the focus: ${text}`);
    if ((await wanted.and(page.locator(':focus')).count()) > 0) return;
  }
  assert.fail(`${wanted} cannot be reached`);
}

describe('the reference of the API', () => {
  it('has no barrier of ours and no fault on a telephone and on a desk, by day and by night', async () => {
    const { page, complaints, close } = await openTab(browser, { width: 1280 });
    await signIn(page);
    await page.goto(`${server.issuer}/api/docs`);
    const { block, open } = operationOn(page, 'Tokens', 'createToken');
    await open();
    await block.getByRole('button', { name: 'Try it out' }).click();
    assert.equal(await page.title(), 'API reference · Postern');
    assert.deepEqual(await findFaults(page, ['.swagger-ui']), []);
    assert.deepEqual(complaints, []);
    await close();
  });

  it('is where the first page leads to, as dark as its reader’s system, and lets in no script but its own', async () => {
    const { page, complaints, close } = await openTab(browser, { width: 1280, colorScheme: 'dark' });
    await page.goto(`${server.issuer}/`);
    const [answer] = await Promise.all([
      page.waitForResponse(`${server.issuer}/api/docs`),
      page.getByRole('link', { name: 'the API reference' }).click(),
    ]);
    const policy = answer.headers()['content-security-policy'] ?? '';
    assert.match(policy, /^default-src 'none'; script-src 'self'; style-src 'self';/);
    assert.doesNotMatch(policy, /unsafe/);
    await operationOn(page, 'OAuth', 'requestToken').block.waitFor();
    await page.locator('html.dark-mode').waitFor();
    await page.emulateMedia({ colorScheme: 'light' });
    await page.locator('html:not(.dark-mode)').waitFor();
    assert.deepEqual(complaints, []);
    await close();
  });
});

describe('Try it out', () => {
  it('speaks for the person who is signed in', async () => {
    const { page, complaints, close } = await openTab(browser, { width: 1280 });
    await signIn(page);
    await page.goto(`${server.issuer}/api/docs`);
    await page.getByText(`You try it out as ${demoUser.email}.`).waitFor();
    const create = operationOn(page, 'Tokens', 'createToken');
    await create.open();
    const { status, body } = await create.execute();
    assert.equal(status, '201', body);
    assert.match(body, /pst_api_/);
    const made = await server.db.query(sql`select id from api_tokens where name = 'Nightly backup'`);
    assert.equal(made.length, 1);
    assert.deepEqual(complaints, []);
    await close();
  });

  it('speaks for a token that is given to it, and for nobody without one', async () => {
    const { value } = await makeToken(await createBrowserCaller(server.issuer));
    const { page, close } = await openTab(browser, { width: 1280 });
    await page.goto(`${server.issuer}/api/docs`);
    const me = operationOn(page, 'You', 'showMe');
    await me.open();
    assert.equal((await me.execute()).status, '401');
    await giveToken(page, value);
    const [answer] = await Promise.all([
      page.waitForResponse(`${server.issuer}/api/v1/users/me`),
      me.block.getByRole('button', { name: 'Execute' }).click(),
    ]);
    assert.equal(answer.status(), 200);
    assert.equal((await answer.json()).presented, 'api_token');
    await close();
  });

  it('speaks for the token of somebody who is signed in as well', async () => {
    const { value } = await makeToken(await createBrowserCaller(server.issuer));
    const { page, close } = await openTab(browser, { width: 1280 });
    await signIn(page);
    await page.goto(`${server.issuer}/api/docs`);
    await giveToken(page, value);
    const me = operationOn(page, 'You', 'showMe');
    await me.open();
    const { body } = await me.execute();
    assert.match(body, /"presented": "api_token"/);
    await close();
  });

  it('works without a mouse', async () => {
    const { page, close } = await openTab(browser, { width: 1280 });
    await signIn(page);
    await page.goto(`${server.issuer}/api/docs`);
    const { block, summary } = operationOn(page, 'You', 'showMe');
    await block.waitFor();
    await tabTo(page, summary);
    await page.keyboard.press('Enter');
    await tabTo(page, block.getByRole('button', { name: 'Try it out' }));
    await page.keyboard.press('Enter');
    await tabTo(page, block.getByRole('button', { name: 'Execute' }));
    await page.keyboard.press('Enter');
    assert.equal((await readAnswer(block)).status, '200');
    await close();
  });
});
