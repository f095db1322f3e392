import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, beforeEach, describe, it } from 'node:test';
import type { Browser, Locator, Page } from 'playwright-core';
import { demoUser } from '../../src/development.ts';
import { sql } from '../../src/postgres/sql.ts';
import { openBrowser } from '../support/browser.ts';
import { post, requestDevice } from '../support/client.ts';
import { ada, addAccount, createPerson } from '../support/person.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { findOverflow, lookAlong, openTab, type Way } from './tab.ts';

let server: TestServer;
let browser: Browser;
before(async () => {
  const settings = { POSTERN_TRUSTED_PROXIES: '127.0.0.1, ::1' };
  [server, browser] = await Promise.all([startServer({ settings }), openBrowser()]);
  await addAccount(server.db, ada);
});
beforeEach(() => server.db.query(sql`delete from rate_limits`));
after(async () => {
  await browser?.close();
  await server?.stop();
});

const newCode = async (): Promise<string> => (await requestDevice(server.issuer)).body.user_code;

/** A code of a device elsewhere that runs another system and asked a while ago. */
async function newSuspectCode(): Promise<string> {
  const { body } = await post(
    `${server.issuer}/oauth/device_authorization`,
    { client_id: 'demo-cli', scope: 'read write offline_access' },
    {
      headers: {
        'user-agent': 'postern (win32)',
        'x-forwarded-for': '2001:db8:1234:5678:9abc:def0:1234:5678',
      },
    },
  );
  await server.db.query(
    sql`update device_codes set created_at = now() - interval '8 minutes' where expires_at > now()`,
  );
  return body.user_code;
}

async function expireCodes(): Promise<void> {
  await server.db.query(sql`
    update device_codes set created_at = now() - interval '1 hour', expires_at = now() - interval '1 second'
    where expires_at > now()`);
}

/** What somebody does in a browser, by the names that they see. */
function handsOn(page: Page) {
  const follow = (link: Locator) => Promise.all([page.waitForEvent('load'), link.click()]);
  const press = (name: string) => follow(page.getByRole('button', { name }));
  const hands = {
    follow,
    press,
    open: (path: string) => page.goto(server.issuer + path),
    async enter(userCode: string) {
      await hands.open('/device');
      await page.getByLabel('Code').fill(userCode);
      await press('Continue');
    },
    async signIn(password = demoUser.password) {
      await page.getByLabel('Email').fill(demoUser.email);
      await page.getByLabel('Password').fill(password);
      await press('Sign in');
    },
  };
  return hands;
}

/** Every page that a person can come to: what they do to come there from the page before, and the title that it then has. */
function listWays(page: Page): Way[] {
  const { follow, press, open, enter, signIn } = handsOn(page);
  return [
    ['Welcome', () => open('/')],
    ['Connect a device', () => follow(page.getByRole('link', { name: 'Enter a code' }))],
    ['Error: Connect a device', () => press('Continue')],
    ['Error: Connect a device', () => enter('BCDF-GHJK')],
    ['Sign in', async () => await enter(await newSuspectCode())],
    ['Error: Sign in', () => signIn('not the password at all')],
    ['Allow Demo CLI?', () => signIn()],
    ['Your device is connected', () => press('Allow')],
    ['Allow Demo CLI?', async () => await enter(await newCode())],
    ['You denied it', () => press('Deny')],
    [
      'Error: This code has ended',
      async () => {
        await enter(await newCode());
        await expireCodes();
        await press('Allow');
      },
    ],
    [
      'Error: Connect a device',
      async () => {
        const expired = await newCode();
        await expireCodes();
        await enter(expired);
      },
    ],
    [
      'Error: This code was already used',
      async () => {
        const used = await newCode();
        await enter(used);
        const elsewhere = createPerson(server.issuer);
        await elsewhere.enterCode(used);
        await elsewhere.decide('deny');
        await press('Allow');
      },
    ],
    [
      'Error: Another account opened this code',
      async () => {
        const foreign = await newCode();
        await createPerson(server.issuer).enterCode(foreign, ada);
        await enter(foreign);
      },
    ],
    ['Error: There is no such page', () => open('/nowhere')],
    [
      'Error: This form has expired',
      async () => {
        await open('/device');
        await page.context().clearCookies();
        await press('Continue');
      },
    ],
    [
      'Signed out',
      async () => {
        await open('/sign-in');
        await signIn();
        await page.getByRole('button', { name: 'Your account' }).click();
        await press('Sign out');
      },
    ],
    [
      'Error: Connect a device',
      async () => {
        await enter(await newCode());
        await signIn();
        await server.db.query(sql`delete from sessions`);
        await press('Allow');
      },
    ],
  ];
}

describe('every page', () => {
  it('has no barrier and no fault on a telephone and on a desk, by day and by night', () =>
    lookAlong(browser, listWays));

  it('can be read and used at 320 px with letters of twice the size, and without its style', async () => {
    const { page, close } = await openTab(browser, { width: 320 });
    const { enter, signIn } = handsOn(page);
    await enter(await newSuspectCode());
    await signIn();
    assert.equal(await findOverflow(page), undefined);
    await page.evaluate('document.documentElement.style.fontSize = "200%"');
    assert.equal(await findOverflow(page), undefined);
    await page.evaluate('document.querySelector("style").remove()');
    assert.deepEqual(await page.getByRole('button').allInnerTexts(), [
      'Sign out',
      'Deny',
      'Allow',
      'I did not start this',
      'English',
      'Deutsch',
    ]);
    await close();
  });

  it('that reports an error shows the id under which the server has logged the request', async () => {
    const { page, close } = await openTab(browser, { width: 360 });
    const answer = await page.goto(`${server.issuer}/nowhere`);
    assert.equal(answer?.status(), 404);
    const shown = /Request id: (\S+)/.exec(await page.locator('footer').innerText())?.[1] ?? '';
    assert.equal(shown, answer?.headers()['x-request-id']);
    assert.ok(server.logged().includes(shown));
    await close();
  });
});

describe('a browser', () => {
  it('runs no script that got onto a page all the same', async () => {
    const { page, complaints, close } = await openTab(browser, { width: 360 });
    await page.route('**/device', async (route) => {
      const response = await route.fetch();
      const injected =
        '<script>document.title = "owned"</script><img src=x onerror="document.title = \'owned\'">';
      const body = (await response.text()).replace('<main', `${injected}<main`);
      await route.fulfill({ response, body });
    });
    await page.goto(`${server.issuer}/device`);
    await page.waitForLoadState('load');
    assert.equal(await page.title(), 'Connect a device · Postern');
    assert.match(complaints.join('\n'), /Content Security Policy/);
    await close();
  });

  it('shows none of the pages in a frame of another site', async () => {
    const evil = createServer((request, response) => {
      response.setHeader('Content-Type', 'text/html');
      response.end(`<!doctype html><iframe src="${server.issuer}${request.url}"></iframe>`);
    });
    await new Promise<void>((resolve) => evil.listen(0, '127.0.0.1', resolve));
    const { page, close } = await openTab(browser, { width: 1280 });
    try {
      for (const path of ['/device', '/sign-in']) {
        await page.goto(`http://127.0.0.1:${(evil.address() as AddressInfo).port}${path}`);
        const [, frame] = page.frames();
        assert.ok(frame);
        assert.equal(await frame.locator('form').count(), 0, path);
      }
    } finally {
      await close();
      evil.close();
    }
  });
});
