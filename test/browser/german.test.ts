import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { demoUser } from '../../src/development.ts';
import { openBrowser } from '../support/browser.ts';
import { requestDevice } from '../support/client.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { findBarriers, findOverflow, openTab } from './tab.ts';

// The same hostile colour for both themes: too light for the one, and with a script in the logo that marks who runs it.
const logo = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8" onload="document.title = 'owned'"><rect width="8" height="8"/>
<script>document.title = 'owned'; top.document.title = 'owned'; document.documentElement.setAttribute('fill', 'owned');</script></svg>`;

let folder: string;
let server: TestServer;
let browser: Browser;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'postern-german-'));
  await writeFile(join(folder, 'logo.svg'), logo);
  const settings = {
    POSTERN_NAME: 'Donaudampfschifffahrt',
    POSTERN_LOGO: join(folder, 'logo.svg'),
    POSTERN_ACCENT: '#ffee33',
  };
  [server, browser] = await Promise.all([startServer({ settings }), openBrowser()]);
});
after(async () => {
  await browser?.close();
  await server?.stop();
  await rm(folder, { recursive: true });
});

function press(page: Page, name: string): Promise<unknown> {
  const button = page.getByRole('button', { name }).last();
  return Promise.all([page.waitForEvent('load'), button.click()]);
}

describe('a device login in German', () => {
  it('can be read on a small telephone by day and by night, in the colours of the operator', async () => {
    const { page, complaints, close } = await openTab(browser, { width: 360 });
    const userCode = (await requestDevice(server.issuer)).body.user_code;
    const ways: [title: string, way: () => Promise<unknown>][] = [
      ['Willkommen', () => page.goto(server.issuer).then(() => press(page, 'Deutsch'))],
      ['Gerät verbinden', () => page.goto(`${server.issuer}/device`)],
      ['Fehler: Gerät verbinden', () => press(page, 'Weiter')],
      [
        'Anmelden',
        () =>
          page
            .getByLabel('Code')
            .fill(userCode)
            .then(() => press(page, 'Weiter')),
      ],
      ['Fehler: Anmelden', () => press(page, 'Anmelden')],
      [
        'Demo CLI zulassen?',
        async () => {
          await page.getByLabel('E-Mail-Adresse').fill(demoUser.email);
          await page.getByLabel('Passwort').fill(demoUser.password);
          await press(page, 'Anmelden');
        },
      ],
      ['Ihr Gerät ist verbunden', () => press(page, 'Zulassen')],
      ['Ihr Konto', () => page.goto(`${server.issuer}/account`)],
      ['Fehler: Diese Seite gibt es nicht', () => page.goto(`${server.issuer}/nowhere`)],
    ];
    for (const [title, way] of ways) {
      await way();
      assert.equal(await page.title(), `${title} · Donaudampfschifffahrt`);
      assert.equal(await page.locator('html').getAttribute('lang'), 'de');
      assert.equal(await findOverflow(page), undefined, title);
      assert.deepEqual(await findBarriers(page), [], title);
    }
    assert.deepEqual(complaints, []);
    await close();
  });
});

describe('a page', () => {
  it('weighs less than 60 kB in all', async () => {
    const { page, close } = await openTab(browser, { width: 1280 });
    const sizes: Promise<number>[] = [];
    page.on('response', (response) => sizes.push(response.body().then((body) => body.length)));
    await page.goto(`${server.issuer}/device`);
    assert.ok(sizes.length >= 2, 'with the logo');
    const sum = (await Promise.all(sizes)).reduce((one, other) => one + other, 0);
    assert.ok(sum < 60_000, `${sum} bytes`);
    await close();
  });
});

describe('the logo of an operator', () => {
  it('is shown, and runs no script, neither on a page nor by itself', async () => {
    const { page, complaints, close } = await openTab(browser, { width: 360 });
    await page.goto(`${server.issuer}/device`);
    assert.equal(await page.evaluate('document.querySelector(".wordmark img").naturalWidth > 0'), true);
    assert.match(await page.title(), /^Connect a device/);
    await page.goto(`${server.issuer}/assets/logo.svg`);
    assert.equal(await page.locator('svg').getAttribute('fill'), null);
    assert.equal(await page.title(), '');
    assert.match(complaints.join('\n'), /Content Security Policy/);
    await close();
  });
});
