import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Browser } from 'playwright-core';
import { openBrowser } from '../support/browser.ts';
import { registerProvider, startIdentityProvider, type TestProvider } from '../support/identity-provider.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { findBarriers, findOverflow, openTab } from './tab.ts';

let server: TestServer;
let alone: TestServer;
let provider: TestProvider;
let browser: Browser;
before(async () => {
  [server, alone, browser] = await Promise.all([
    startServer(),
    startServer({ settings: { POSTERN_SIGN_IN: 'none' } }),
    openBrowser(),
  ]);
  provider = await startIdentityProvider([`${server.issuer}/sign-in/callback/acme`]);
  await registerProvider(server, provider, { domains: ['acme.example'] });
  const name = 'Donaudampfschifffahrtsgesellschaftskonzern Identitätsverwaltung';
  const down = { issuer: 'http://localhost:1', client: provider.client };
  await registerProvider(server, down, { id: 'down', name });
});
after(async () => {
  await browser?.close();
  await provider?.stop();
  await Promise.all([server?.stop(), alone?.stop()]);
});

describe('the choice of a sign-in', () => {
  for (const [width, locale] of [
    [360, 'de'],
    [1280, 'en'],
  ] as const) {
    it(`has no barrier at ${width} px in ${locale}, and leads to the provider and back by one click`, async () => {
      const { page, complaints, close } = await openTab(browser, { width, locale });
      const check = async (title: RegExp) => {
        assert.match(await page.title(), title);
        assert.equal(await page.locator('h1').count(), 1);
        assert.equal(await findOverflow(page), undefined);
        assert.deepEqual(await findBarriers(page), []);
      };
      await page.goto(`${server.issuer}/sign-in`);
      await check(/Sign in|Anmeld/);
      await Promise.all([page.waitForEvent('load'), page.getByRole('button', { name: /Donau/ }).click()]);
      await check(/^(Error: Not available|Fehler: Gerade nicht erreichbar)/);
      for (const [person, title] of [
        [undefined, /not signed in|nicht angemeldet/],
        [{ sub: 'stranger', email: 'x@elsewhere.example', email_verified: true }, /no account|kein Konto/],
        [{ sub: 'wile', email: 'wile@acme.example', email_verified: true }, /Your account|Ihr Konto/],
      ] as const) {
        provider.person = person;
        await page.context().clearCookies();
        await page.goto(`${server.issuer}/sign-in`);
        await page.getByRole('button', { name: /Acme/ }).click();
        await page.waitForURL(person?.sub === 'wile' ? '**/account' : '**/sign-in/callback/**');
        await check(title);
      }
      // The page of the provider that is down has the status that says so.
      assert.deepEqual(
        complaints.filter((complaint) => !complaint.includes('status of 503')),
        [],
      );
      await close();
    });
  }

  it('works where the browser does not go on by itself', async () => {
    const { page, close } = await openTab(browser, { width: 360 });
    provider.person = { sub: 'wile', email: 'wile@acme.example', email_verified: true };
    await page.route('**/sign-in/provider', async (route) => {
      const response = await route.fetch();
      const { refresh: _, ...headers } = response.headers();
      await route.fulfill({ response, headers });
    });
    await page.goto(`${server.issuer}/sign-in`);
    await page.getByRole('button', { name: /Acme/ }).click();
    await page.waitForURL('**/sign-in/provider');
    assert.deepEqual(await findBarriers(page), []);
    assert.equal(await findOverflow(page), undefined);
    await page.getByRole('link', { name: 'Go on to Acme Accounts' }).click();
    await page.waitForURL('**/account');
    await close();
  });
});

describe('single-user mode', () => {
  it('opens without any sign-in, and says what it is', async () => {
    const { page, complaints, close } = await openTab(browser, { width: 360 });
    await page.goto(`${alone.issuer}/device`);
    assert.equal(await page.getByText('Single-user mode').count(), 1);
    assert.equal(await page.getByRole('button', { name: 'Sign out' }).count(), 0);
    assert.deepEqual(await findBarriers(page), []);
    assert.deepEqual(complaints, []);
    await close();
  });
});
