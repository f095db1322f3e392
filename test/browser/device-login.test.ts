import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { demoUser } from '../../src/development.ts';
import { openBrowser } from '../support/browser.ts';
import { introspect } from '../support/client.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { type Login, runPostern, startLogin } from './command.ts';
import { findFocus, openTab } from './tab.ts';

let server: TestServer;
let browser: Browser;
let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'postern-login-'));
  [server, browser] = await Promise.all([startServer(), openBrowser()]);
});
after(async () => {
  await browser?.close();
  await server?.stop();
  await rm(folder, { recursive: true });
});

const environment = (name: string) => ({
  POSTERN_ISSUER: server.issuer,
  POSTERN_CREDENTIALS: join(folder, name),
});

/** Presses Tab until this has the focus; a person can see the focus at every stop on the way. */
async function tabTo(page: Page, wanted: string): Promise<void> {
  for (let count = 0; count < 12; count += 1) {
    await page.keyboard.press('Tab');
    const { id, text, isVisible } = await findFocus(page);
    assert.ok(isVisible, `the focus on ${id || text} is visible`);
    if (id === wanted || text === wanted) return;
  }
  assert.fail(`Tab does not lead to ${wanted}`);
}

/** Whether the command has ended yet. */
async function isWaiting(login: Login): Promise<boolean> {
  return await Promise.race([login.ended.then(() => false), Promise.resolve(true)]);
}

describe('the device login of a person at a terminal', { concurrency: true }, () => {
  it('goes from the code to the signed-in command with the keyboard alone', async () => {
    const env = environment('keyboard');
    const login = await startLogin(env);
    const { page, complaints, close } = await openTab(browser, { width: 360, colorScheme: 'light' });
    const { keyboard } = page;
    const enter = async (path: string) => {
      await keyboard.press('Enter');
      await page.waitForURL(`${server.issuer}${path}`);
    };
    try {
      await page.goto(`${server.issuer}/device`);
      assert.equal((await findFocus(page)).id, 'user_code');
      await keyboard.type(login.userCode.toLowerCase());
      await enter('/sign-in');

      assert.equal((await findFocus(page)).id, 'email');
      await keyboard.type(demoUser.email);
      await tabTo(page, 'password');
      await keyboard.type(demoUser.password);
      await enter('/device/confirm');

      assert.match(await page.locator('main').innerText(), new RegExp(login.userCode));
      // Somebody who presses Enter once more than needed has approved nothing.
      for (let count = 0; count < 3; count += 1) await keyboard.press('Enter');
      assert.equal(page.url(), `${server.issuer}/device/confirm`);
      assert.equal(await isWaiting(login), true);

      await tabTo(page, 'Deny');
      await tabTo(page, 'Allow');
      await enter('/device/done');
      assert.equal(await page.locator('h1').innerText(), 'Your device is connected');

      const { exitCode, stderr } = await login.ended;
      assert.equal(exitCode, 0, stderr);
      assert.match(stderr, /Signed in to .* as demo@example\.com/);
      const { body } = await introspect(server.issuer, (await runPostern(['token'], env)).trim());
      assert.deepEqual([body.active, body.username, body.scope], [true, demoUser.email, 'read write']);
      assert.deepEqual(complaints, []);
    } finally {
      login.kill();
      await close();
    }
  });

  it('shows the person which system the command runs on, and ends with a failure when it is denied', async () => {
    const login = await startLogin(environment('denied'));
    const { page, complaints, close } = await openTab(browser, { width: 1280, colorScheme: 'light' });
    try {
      await page.goto(`${server.issuer}/device`);
      await page.getByLabel('Code').fill(login.userCode);
      await page.getByRole('button', { name: 'Continue' }).click();
      await page.getByLabel('Email').fill(demoUser.email);
      await page.getByLabel('Password').fill(demoUser.password);
      await page.getByRole('button', { name: 'Sign in' }).click();
      const systems = page.getByRole('row', { name: 'System' }).getByRole('cell');
      const names: Partial<Record<NodeJS.Platform, string>> = {
        linux: 'Linux',
        darwin: 'macOS',
        win32: 'Windows',
      };
      assert.equal(await systems.first().innerText(), names[process.platform]);
      await page.getByRole('button', { name: 'Deny' }).click();
      await page.getByRole('heading', { name: 'You denied it' }).waitFor();
      const { exitCode, stderr } = await login.ended;
      assert.equal(exitCode, 1);
      assert.match(stderr, /denied/);
      assert.deepEqual(complaints, []);
    } finally {
      login.kill();
      await close();
    }
  });
});
