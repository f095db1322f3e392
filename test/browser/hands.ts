import assert from 'node:assert/strict';
import type { Locator, Page } from 'playwright-core';
import { readDownload } from './tab.ts';

/** By what means somebody uses a page. Each fails where the page cannot be used by them. */
export type Means = {
  /** Looks at a page that has just opened. */
  arrive(): Promise<void>;
  /** Uses a button or a checkbox. */
  press(what: Locator): Promise<void>;
  follow(link: Locator): Promise<void>;
  write(field: Locator, text: string): Promise<void>;
  /** Sends the form of the field that was written last, as its `button` does. */
  send(button: Locator): Promise<void>;
  choose(select: Locator, option: string): Promise<void>;
  /** Chooses one of several radio buttons. */
  pick(radio: Locator): Promise<void>;
  /** Opens what is shown below or beside `handle`. */
  unfold(handle: Locator, content: Locator): Promise<void>;
};

/** What somebody does, by the words that they read on the page. */
export type Hands = {
  page: Page;
  /** The same hands, in another part of the page than its content. */
  in(part: string): Hands;
  open(path: string): Promise<void>;
  /** Goes to a place of the account by the navigation. */
  go(place: string): Promise<void>;
  press(name: string, index?: number): Promise<void>;
  follow(name: string): Promise<void>;
  write(label: string, text: string): Promise<void>;
  send(name: string): Promise<void>;
  tick(label: string): Promise<void>;
  choose(label: string, option: string): Promise<void>;
  pick(label: string): Promise<void>;
  /** Takes down the file that this button or link gives. */
  take(what: 'button' | 'link', name: string): Promise<string>;
  unfold(summary: string): Promise<void>;
  openAccountMenu(): Promise<void>;
  see(pattern: RegExp): Promise<void>;
};

/** Hands on a page of the server at `issuer`. */
export function layHandsOn(page: Page, issuer: string, means: Means, part = 'main'): Hands {
  const place = page.locator(part);
  const button = (name: string, index = 0) => place.getByRole('button', { name, exact: true }).nth(index);
  const link = (name: string) => place.getByRole('link', { name, exact: true }).first();
  const field = (label: string) => place.getByLabel(label, { exact: true });

  async function leave(act: () => Promise<unknown>): Promise<void> {
    await Promise.all([page.waitForEvent('load'), act()]);
    await means.arrive();
  }

  const inPart = (other: string) => layHandsOn(page, issuer, means, other);
  return {
    page,
    in: inPart,
    open: (path) => leave(() => page.goto(new URL(path, issuer).href)),
    async go(name) {
      const menu = page.locator('.menu summary');
      if (await menu.isVisible()) await means.unfold(menu, page.locator('nav.rail'));
      await inPart('nav.rail').follow(name);
    },
    press: (name, index) => leave(() => means.press(button(name, index))),
    follow: (name) => leave(() => means.follow(link(name))),
    write: (label, text) => means.write(field(label), text),
    send: (name) => leave(() => means.send(button(name))),
    tick: (label) => means.press(place.getByRole('checkbox', { name: label })),
    choose: (label, option) => means.choose(field(label), option),
    pick: (label) => means.pick(place.getByRole('radio', { name: label })),
    async take(what, name) {
      const act = what === 'button' ? means.press(button(name)) : means.follow(link(name));
      const [download] = await Promise.all([page.waitForEvent('download'), act]);
      return await readDownload(download);
    },
    unfold: async (summary) => {
      const handle = place.locator('summary', { hasText: summary }).first();
      await means.unfold(handle, handle.locator('xpath=following-sibling::*').first());
    },
    openAccountMenu: () =>
      means.unfold(page.getByRole('button', { name: 'Your account' }), page.locator('#account-menu')),
    see: async (pattern) => assert.match(await place.innerText(), pattern),
  };
}
