import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { demoUser } from '../../src/development.ts';
import { openBrowser } from '../support/browser.ts';
import { requestDevice } from '../support/client.ts';
import { createPerson } from '../support/person.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { findBarriers, findOverflow, openTab } from './tab.ts';

let server: TestServer;
let browser: Browser;
before(async () => {
  [server, browser] = await Promise.all([startServer({}), openBrowser()]);
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

async function enter(page: Page, path: string): Promise<void> {
  await page.goto(server.issuer + path);
  await page.locator('#email').fill(demoUser.email);
  await page.locator('#password').fill(demoUser.password);
  await Promise.all([page.waitForEvent('load'), page.keyboard.press('Enter')]);
  assert.equal(page.url(), server.issuer + path);
}

async function allowDevice(): Promise<void> {
  const person = createPerson(server.issuer);
  await person.enterCode((await requestDevice(server.issuer)).body.user_code);
  await person.decide('allow');
}

/** The initial window of RFC 6928 with segments of 1460 bytes, and more than our headers need of it. */
const [firstFlight, headerBytes] = [14_600, 1_000];

const places = [
  '/account',
  '/account/get-token',
  '/account/devices',
  '/account/security',
  '/account/security/sessions',
  '/account/tokens',
];

describe('the pages of an account', () => {
  for (const { width, locale } of [
    { width: 360, locale: 'de' },
    { width: 1280, locale: 'en' },
  ]) {
    it(`have no barrier and no fault at ${width} px in ${locale}, by day and by night`, async () => {
      await allowDevice();
      const { page, complaints, close } = await openTab(browser, { width, locale });
      await enter(page, '/account');
      for (const place of places) {
        await page.goto(server.issuer + place);
        assert.equal(await page.locator('html').getAttribute('lang'), locale);
        assert.equal(await page.locator('h1').count(), 1, place);
        assert.equal(await findOverflow(page), undefined, place);
        assert.deepEqual(await findBarriers(page), [], place);
      }
      assert.deepEqual(complaints, []);
      await close();
    });
  }

  it('paint after one round trip: nothing blocks them, and each fits the ten segments that TCP sends first', async () => {
    const { page, close } = await openTab(browser, { width: 360 });
    const measure = async (place: string) => {
      const { blocking, bytes } = (await page.evaluate(`{
        const all = performance.getEntriesByType('resource');
        const [{ encodedBodySize }] = performance.getEntriesByType('navigation');
        ({
          blocking: all.filter(({ renderBlockingStatus }) => renderBlockingStatus !== 'non-blocking').map(({ name }) => name),
          bytes: encodedBodySize,
        });
      }`)) as { blocking: string[]; bytes: number };
      assert.deepEqual(blocking, [], place);
      assert.ok(bytes > 1_000 && bytes + headerBytes <= firstFlight, `${place}: ${bytes}`);
    };
    for (const place of ['/', '/device', '/sign-in']) {
      await page.goto(server.issuer + place);
      await measure(place);
    }
    await enter(page, '/account');
    for (const place of places) {
      await page.goto(server.issuer + place);
      await measure(place);
    }
    await close();
  });
});
