import assert from 'node:assert/strict';
import type { ElementHandle, Locator, Page } from 'playwright-core';
import type { Means } from './hands.ts';
import { assertFollows, assertSeen, readStop, type Stop } from './stop.ts';
import { awaitPicture } from './tab.ts';

/** More than any page has. */
const mostStops = 150;

/**
 * A keyboard and nothing else. Its person sees at each step what has the focus, walks once through all of each page that
 * they have not seen, and is brought by a page that refuses something to what is wrong.
 */
export function takeKeyboard(page: Page): Means {
  const { keyboard } = page;
  const known = new Set<string>();
  let knowsNavigation = false;

  async function move(key: 'Tab' | 'Shift+Tab', wanted: ElementHandle): Promise<Stop> {
    await keyboard.press(key);
    const stop = await readStop(wanted);
    if (!stop.isNowhere) assertSeen(stop);
    return stop;
  }

  /** From the top of a page to its content, past what stands on each. */
  async function skip(wanted: ElementHandle): Promise<Stop> {
    await move('Tab', wanted);
    await keyboard.press('Enter');
    const stop = await readStop(wanted);
    assert.equal(stop.part.name, 'MAIN', 'the first stop leads to the content');
    return stop;
  }

  async function walkThrough(): Promise<void> {
    const root = await page.locator(':root').elementHandle();
    assert.ok(root);
    const start = await readStop(root);
    let stop = start.isNowhere && knowsNavigation ? await skip(root) : start;
    for (let count = 0; count < mostStops; count += 1) {
      const next = await move('Tab', root);
      assertFollows(stop, next);
      stop = next;
      if (stop.index === start.index) return;
    }
    assert.fail(`Tab does not lead back to where it began on ${page.url()}`);
  }

  /** Each stop on the way was seen when the page was walked through. */
  async function reach(what: Locator): Promise<ElementHandle> {
    const wanted = await what.elementHandle();
    assert.ok(wanted);
    let stop = await readStop(wanted);
    if (stop.isNowhere && stop.isContentWanted) stop = await skip(wanted);
    for (let tries = 0; tries < 4 && stop.distance !== 0; tries += 1) {
      for (let left = Math.abs(stop.distance); left > 1; left -= 1)
        await keyboard.press(stop.distance > 0 ? 'Tab' : 'Shift+Tab');
      stop = await move(stop.distance > 0 ? 'Tab' : 'Shift+Tab', wanted);
    }
    assert.equal(stop.distance, 0, `Tab leads to ${what} on ${page.url()}`);
    return wanted;
  }

  async function use(what: Locator, key: 'Enter' | 'Space'): Promise<void> {
    await reach(what);
    await keyboard.press(key);
  }

  return {
    async arrive() {
      await awaitPicture(page);
      const title = (await page.title()).replace(/^Error: /, '');
      const wrong = page.locator('main .error:visible, main .problem:visible');
      if ((await wrong.count()) > 0) {
        const told = page.locator('main :is(.error, [aria-invalid], [aria-describedby$="-error"]):focus');
        assert.equal(await told.count(), 1, `what is wrong has the focus on ${title}`);
      }
      if (known.has(title)) return;
      known.add(title);
      await walkThrough();
      knowsNavigation ||= await page.locator('nav.rail').isVisible();
    },
    press: (what) => use(what, 'Space'),
    follow: (link) => use(link, 'Enter'),
    async write(field, text) {
      const place = await reach(field);
      const [year, month, day] = /^(\d{4})-(\d\d)-(\d\d)$/.exec(text)?.slice(1) ?? [];
      // A date is typed part by part, as people of the language write it.
      if (year !== undefined) {
        while ((await move('Shift+Tab', place)).distance === 0);
        await keyboard.press('Tab');
        return await keyboard.type(`${month}${day}${year}`);
      }
      await keyboard.press('Control+A');
      await keyboard.insertText(text);
    },
    send: () => keyboard.press('Enter'),
    async choose(select, option) {
      await reach(select);
      const labels = await select.locator('option').allInnerTexts();
      const wanted = labels.indexOf(option);
      const now = await select.evaluate((element) => element.selectedIndex);
      const key = wanted > now ? 'ArrowDown' : 'ArrowUp';
      for (let count = Math.abs(wanted - now); count > 0; count -= 1) await keyboard.press(key);
      assert.equal(await select.evaluate((element) => element.selectedIndex), wanted, option);
    },
    async pick(radio) {
      const group = page.locator(`[name="${await radio.getAttribute('name')}"]`);
      await reach(group.and(page.locator(':checked')));
      for (let count = await group.count(); count > 0 && !(await radio.isChecked()); count -= 1)
        await keyboard.press('ArrowDown');
      assert.ok(await radio.isChecked());
    },
    async unfold(handle, content) {
      const isMenu = (await content.getAttribute('popover')) !== null;
      for (const isOpen of [true, false, true]) {
        await reach(handle);
        await keyboard.press(isMenu && !isOpen ? 'Escape' : 'Enter');
        await content.waitFor({ state: isOpen ? 'visible' : 'hidden' });
      }
    },
  };
}
