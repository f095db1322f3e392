import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { createBrand } from '../../src/web/brand.ts';
import { localeOf } from '../../views/locale.ts';
import { openBrowser } from '../support/browser.ts';
import { createFrame, pages } from '../views/every-page.ts';
import { openTab } from './tab.ts';

// Longer than a telephone is wide, without and with places to break at.
const text =
  'Kraftfahrzeughaftpflichtversicherungsverwaltungsgesellschaft maximiliana@bundesverwaltungsamt.example';

const name = 'Donaudampfschifffahrtselektrizitätenhaup';
const { shown: brand } = createBrand({ name, logo: undefined, palette: undefined });
const frame = { ...createFrame(localeOf('de'), text), brand };

let browser: Browser;
before(async () => {
  browser = await openBrowser();
});
after(() => browser?.close());

/** Sets how large text is, in pixels, where a page does not say: what people choose in their browser. */
async function setTextSize(page: Page, standard: number): Promise<void> {
  const session = await page.context().newCDPSession(page);
  await session.send('Page.setFontSizes', { fontSizes: { standard } });
  const size = await page.evaluate('getComputedStyle(document.documentElement).fontSize');
  assert.equal(size, `${standard}px`);
}

/** Which of these pages are wider than a window. Inside the browser, since a round trip for each would take long. */
async function findTooWide(
  width: number,
  isMeant: (markup: string) => boolean,
  textSize = 16,
): Promise<string[]> {
  const { page, close } = await openTab(browser, { width });
  await setTextSize(page, textSize);
  const all = Object.entries(pages).map(([name, sample]) => [name, String(sample(frame, text))] as const);
  const meant = all.filter(([, markup]) => isMeant(markup));
  assert.ok(meant.length > 10);
  const names = (await page.evaluate(`${JSON.stringify(meant)}.filter(([, markup]) => {
    document.documentElement.innerHTML = markup;
    const isTooWide = (element) => element.getBoundingClientRect().right > innerWidth + 0.5;
    return [...document.querySelectorAll('body *')].some(isTooWide);
  }).map(([name]) => name)`)) as string[];
  await close();
  return names;
}

describe('a page with long words and addresses in it', () => {
  it('stays within a telephone', async () => {
    assert.deepEqual(await findTooWide(360, () => true), []);
  });

  // WCAG 2.2, 1.4.4 and 1.4.10.
  it('stays within a telephone with its text at twice the size', async () => {
    assert.deepEqual(await findTooWide(360, () => true, 32), []);
  });

  it('opens the menu of the account below its button', async () => {
    const { page, close } = await openTab(browser, { width: 360 });
    await page.setContent(String(pages.overview?.(frame, text)));
    const button = page.locator('.avatar');
    await button.click();
    const [above, below] = [await button.boundingBox(), await page.locator('.account-menu').boundingBox()];
    assert.ok(above && below && above.height > 0);
    assert.ok(below.y >= above.y + above.height, JSON.stringify([above, below]));
    await close();
  });

  it('stays within the narrowest window in which its lists are tables', async () => {
    assert.deepEqual(await findTooWide(1152, (markup) => markup.includes('class="list"')), []);
  });
});
