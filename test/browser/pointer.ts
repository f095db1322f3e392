import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import type { Means } from './hands.ts';
import { findOverflow } from './tab.ts';

/** A finger or a mouse, on pages that run no script. */
export function takePointer(page: Page): Means {
  return {
    async arrive() {
      const title = await page.title();
      assert.equal(await page.locator('h1').count(), 1, title);
      assert.equal(await findOverflow(page), undefined, title);
      const dead = page.locator(':is(button[type=button]:not([popovertarget]), [data-passkey]):visible');
      assert.equal(await dead.count(), 0, `each button does something on ${title}`);
    },
    press: (what) => what.click(),
    follow: (link) => link.click(),
    write: (field, text) => field.fill(text),
    send: (button) => button.click(),
    async choose(select, option) {
      await select.selectOption({ label: option });
    },
    pick: (radio) => radio.check(),
    async unfold(handle, content) {
      await handle.click();
      await content.waitFor();
    },
  };
}
