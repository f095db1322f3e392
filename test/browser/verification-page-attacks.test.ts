import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, it } from 'node:test';
import type { Browser, Locator, Page } from 'playwright-core';
import { demoUser } from '../../src/development.ts';
import { sql } from '../../src/postgres/sql.ts';
import { openBrowser } from '../support/browser.ts';
import { poll, requestDevice } from '../support/client.ts';
import { ada, addAccount, createPerson } from '../support/person.ts';
import { registerClient } from '../support/registration.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { openTab } from './tab.ts';

const deviceGrant = 'urn:ietf:params:oauth:grant-type:device_code';

let server: TestServer;
let browser: Browser;
let evil: Server;
/** What the other site answers. */
let evilPage = '';
before(async () => {
  [server, browser] = await Promise.all([startServer(), openBrowser()]);
  await addAccount(server.db, ada);
  evil = createServer((_, response) => {
    response.setHeader('Content-Type', 'text/html');
    response.end(`<!doctype html><title>Evil</title>${evilPage}`);
  });
  await new Promise<void>((resolve) => evil.listen(0, '127.0.0.1', resolve));
});
after(async () => {
  evil?.close();
  await browser?.close();
  await server?.stop();
});

const evilSite = () => `http://127.0.0.1:${(evil.address() as AddressInfo).port}/`;

type Device = { device_code: string; user_code: string };

async function ask(form: Record<string, string> = {}): Promise<Device> {
  return (await requestDevice(server.issuer, form)).body;
}

async function stateOf({ device_code }: Device, form: Record<string, string> = {}): Promise<string> {
  await server.db.query(sql`update device_codes set last_polled_at = null`);
  return (await poll(server.issuer, device_code, form)).body.error;
}

async function signIn(page: Page): Promise<void> {
  await page.goto(`${server.issuer}/sign-in`);
  await page.getByLabel('Email').fill(demoUser.email);
  await page.getByLabel('Password').fill(demoUser.password);
  await follow(page, page.getByRole('button', { name: 'Sign in' }));
}

async function enter(page: Page, { user_code }: Device): Promise<void> {
  await page.goto(`${server.issuer}/device`);
  await page.getByLabel('Code').fill(user_code);
  await follow(page, page.getByRole('button', { name: 'Continue' }));
}

/** Somebody who is signed in, with a browser of their own. */
async function withTab(work: (page: Page) => Promise<void>): Promise<void> {
  const { page, close } = await openTab(browser, { width: 1280 });
  try {
    await signIn(page);
    await work(page);
  } finally {
    await close();
  }
}

/** Presses what leads to another page, and waits for it. */
const follow = (page: Page, way: Locator) => Promise.all([page.waitForEvent('load'), way.click()]);

describe('the verification page in a browser', () => {
  it('approves nothing by a link, a reload or the way back, and asks for every device anew', () =>
    withTab(async (page) => {
      const device = await ask();
      for (let count = 0; count < 2; count += 1)
        await page.goto(`${server.issuer}/device?user_code=${device.user_code}`);
      assert.equal(await page.getByLabel('Code').inputValue(), device.user_code);
      assert.equal(await stateOf(device), 'authorization_pending');
      await follow(page, page.getByRole('button', { name: 'Continue' }));
      await page.reload();
      assert.match(await page.locator('main').innerText(), new RegExp(device.user_code));
      assert.equal(await stateOf(device), 'authorization_pending');
      await follow(page, page.getByRole('button', { name: 'Allow' }));
      await page.goBack();
      await page.goForward();
      const next = await ask();
      await enter(page, next);
      assert.match(await page.title(), /^Allow Demo CLI\?/);
      assert.equal(await stateOf(next), 'authorization_pending');
    }));

  it('takes no form from another site, whatever that knows', () =>
    withTab(async (page) => {
      const device = await ask();
      await enter(page, device);
      const ticket = await page.locator('input[name=ticket]').first().inputValue();
      const csrf = await page.locator('main input[name=csrf]').first().inputValue();
      for (const [path, fields] of [
        ['/device', { user_code: device.user_code, csrf }],
        ['/device/confirm', { ticket, csrf, decision: 'allow' }],
        ['/device/confirm', { ticket, csrf, decision: 'report' }],
        ['/device/undo', { csrf, decision: 'undo' }],
        ['/account/devices/all', { csrf }],
      ] as const) {
        const inputs = Object.entries(fields).map(
          ([name, value]) => `<input name="${name}" value="${value}">`,
        );
        evilPage = `<form method="post" action="${server.issuer}${path}">${inputs.join('')}<button>Win</button></form>`;
        await page.goto(evilSite());
        const [answer] = await Promise.all([
          page.waitForResponse((response) => response.url() === server.issuer + path),
          // Where the tab is still on its way to the answer, it goes nowhere else.
          page.waitForURL(server.issuer + path),
          page.getByRole('button', { name: 'Win' }).click(),
        ]);
        assert.equal(answer.status(), 403, path);
      }
      assert.equal(await stateOf(device), 'authorization_pending');
    }));

  it('stands in no frame of another site, even for who has the code open', () =>
    withTab(async (page) => {
      const device = await ask();
      await enter(page, device);
      for (const path of ['/device', '/device/confirm', '/device/done', '/account/devices']) {
        evilPage = `<iframe src="${server.issuer}${path}"></iframe>`;
        await page.goto(evilSite());
        const [, frame] = page.frames();
        assert.equal(await frame?.locator('button').count(), 0, path);
      }
      assert.equal(await stateOf(device), 'authorization_pending');
    }));

  it('shows the markup of a client as text, and runs none of it', () =>
    withTab(async (page) => {
      const name = '<img src=x onerror="document.title=1"><script>document.title=2</script>';
      const { id } = await registerClient(server.db, {
        name,
        authentication: 'none',
        grantTypes: [deviceGrant],
      });
      const device = await ask({ client_id: id, scope: 'read' });
      await enter(page, device);
      assert.equal(await page.title(), `Allow ${name}? · Postern`);
      assert.equal(await page.locator('main img, main script').count(), 0);
      assert.ok((await page.locator('h1').innerText()).includes(name));
      await page.goto(`${server.issuer}/device?user_code=${encodeURIComponent('"><img src=x>')}`);
      assert.equal(await page.locator('main img').count(), 0);
    }));

  it('leads to no other site, however a path is spelled', () =>
    withTab(async (page) => {
      const { host } = new URL(server.issuer);
      for (const path of ['//127.0.0.1:1/', '/\\127.0.0.1:1/', '/device?user_code=javascript:alert(1)']) {
        await page.goto(server.issuer + path).catch(() => undefined);
        assert.equal(new URL(page.url()).host, host, path);
        await follow(page, page.getByRole('link', { name: 'Postern' }));
        assert.equal(new URL(page.url()).host, host);
      }
    }));

  it('lets nobody approve what another account has opened', () =>
    withTab(async (page) => {
      const device = await ask();
      await createPerson(server.issuer).enterCode(device.user_code, ada);
      await enter(page, device);
      assert.match(await page.locator('h1').innerText(), /Another account opened this code/);
      assert.equal(await page.getByRole('button', { name: 'Allow' }).count(), 0);
      assert.equal(await stateOf(device), 'authorization_pending');
    }));

  it('takes no code from a link for a client whose codes must be typed', () =>
    withTab(async (page) => {
      const { id: client_id } = await registerClient(server.db, {
        authentication: 'none',
        grantTypes: [deviceGrant],
        verificationUriComplete: false,
      });
      const device = await ask({ client_id, scope: 'read' });
      await page.goto(`${server.issuer}/device?user_code=${device.user_code}`);
      await follow(page, page.getByRole('button', { name: 'Continue' }));
      assert.match(await page.locator('main').innerText(), /type the code yourself/);
      assert.equal(await stateOf(device, { client_id }), 'authorization_pending');
    }));

  it('is declined with as little as it is approved with, and reported with no more', () =>
    withTab(async (page) => {
      await enter(page, await ask());
      const [deny, allow] = await Promise.all(
        ['Deny', 'Allow'].map((name) => page.getByRole('button', { name }).boundingBox()),
      );
      assert.deepEqual([deny?.width, deny?.height, deny?.y], [allow?.width, allow?.height, allow?.y]);
      await follow(page, page.getByRole('button', { name: 'I did not start this' }));
      assert.match(await page.locator('h1').innerText(), /Nobody gets in/);
    }));
});
