import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import type { AxeResults } from 'axe-core';
import type { Browser, Download, Page } from 'playwright-core';

/**
 * A window of its own, with cookies of its own, and all that went wrong in it: errors on the console, violations of the
 * content security policy, requests that failed.
 */
export type Tab = { page: Page; complaints: string[]; close(): Promise<void> };

/** How somebody looks at the pages. */
export type Sight = {
  width: number;
  colorScheme?: 'light' | 'dark';
  javaScriptEnabled?: boolean;
  locale?: string;
};

/** What browsers say of an answer that refuses a form, and to who fills a form in before its first field has the focus. */
const harmless = [
  'Failed to load resource: the server responded with a status of 4',
  'Autofocus processing was blocked',
];

/** Opens a tab. */
export async function openTab(browser: Browser, { width, ...options }: Sight): Promise<Tab> {
  // Without transitions, colours are at once what they will be.
  const still = { reducedMotion: 'reduce' } as const;
  const context = await browser.newContext({ ...options, ...still, viewport: { width, height: 740 } });
  context.setDefaultTimeout(60_000);
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('requestfailed', (request) => {
    const { errorText } = request.failure() ?? {};
    // A page that turns out to be a file is not gone to.
    const isDownload = request.isNavigationRequest() && errorText === 'net::ERR_ABORTED';
    if (!isDownload) complaints.push(`${request.url()} ${errorText}`);
  });
  page.on('response', (response) => {
    const isPage = response.request().isNavigationRequest();
    if (response.status() >= 400 && !isPage) complaints.push(`${response.url()} ${response.status()}`);
  });
  page.on('console', (message) => {
    if (!harmless.some((beginning) => message.text().startsWith(beginning)))
      complaints.push(`${message.type()}: ${message.text()}`);
  });
  return { page, complaints, close: () => context.close() };
}

const axeSource = readFileSync(fileURLToPath(import.meta.resolve('axe-core/axe.min.js')), 'utf8');

const allRules = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

/** The only rule that looks at colours, and all that look at where things are. */
const colourRules = ['color-contrast'];
const layoutRules = [...colourRules, 'target-size', 'scrollable-region-focusable'];

/** What is not told is not worked out either. */
const brief = 'selectors: false, resultTypes: ["violations", "incomplete"]';

/**
 * What axe-core finds on the page that is open, by day and by night, in a line each: WCAG 2.2 AA and its best practices.
 * It does not look into what `besides` selects.
 */
export async function findBarriers(page: Page, besides: string[] = []): Promise<string[]> {
  // Evaluated by the debugger, so that the page's policy, which forbids scripts, stays in force.
  await page.evaluate(axeSource);
  return [
    ...(await runAxe(page, 'light', allRules, besides)),
    ...(await runAxe(page, 'dark', colourRules, besides)),
  ];
}

/**
 * The same, on a telephone and on a desk, and whatever lies beyond the right edge there. The page stays as it is on a desk,
 * by night.
 */
export async function findFaults(page: Page, besides: string[] = []): Promise<string[]> {
  const faults: string[] = [];
  for (const width of [360, 1280]) {
    await page.setViewportSize({ width, height: 740 });
    const isFirst = width === 360;
    const overflow = await findOverflow(page);
    const barriers = isFirst
      ? await findBarriers(page, besides)
      : [
          ...(await runAxe(page, 'light', layoutRules, besides)),
          ...(await runAxe(page, 'dark', colourRules, besides)),
        ];
    faults.push(...[...(overflow ? [overflow] : []), ...barriers].map((fault) => `${width} px: ${fault}`));
  }
  return faults;
}

/** What somebody does to come to a page from the one before, and the title that it then has. */
export type Way = [title: string, way: () => Promise<unknown>];

/** Goes these ways in a tab of its own: each page has its title, one heading and no fault, and nothing goes wrong between. */
export async function lookAlong(
  browser: Browser,
  listWays: (page: Page) => Way[] | Promise<Way[]>,
): Promise<void> {
  const { page, complaints, close } = await openTab(browser, { width: 1280 });
  for (const [title, way] of await listWays(page)) {
    await way();
    assert.equal(await page.title(), `${title} · Postern`);
    assert.equal(await page.locator('h1').count(), 1, title);
    assert.deepEqual(await findFaults(page), [], title);
  }
  assert.deepEqual(complaints, []);
  await close();
}

async function runAxe(
  page: Page,
  colorScheme: 'light' | 'dark',
  rules: string[],
  besides: string[],
): Promise<string[]> {
  await page.emulateMedia({ colorScheme });
  const where = JSON.stringify({ include: [['html']], exclude: besides.map((selector) => [selector]) });
  const asked = `{ runOnly: ${JSON.stringify(rules)}, ${brief} }`;
  const found = (await page.evaluate(`axe.run(${where}, ${asked})`)) as AxeResults;
  assert.ok(found.passes.length > (rules === allRules ? 10 : 0), 'axe has looked at something');
  return [...found.violations, ...found.incomplete].map(
    ({ id, help, nodes }) => `${id}: ${help}: ${nodes.map(({ html }) => html).join(' ')}`,
  );
}

/** What of the page lies beyond its right edge: the first element that does, if any. */
export async function findOverflow(page: Page): Promise<string | undefined> {
  return (await page.evaluate(`{
    const isTooWide = (element) => element.getBoundingClientRect().right > innerWidth + 0.5;
    [...document.querySelectorAll('body *')].filter(isTooWide).map((element) => element.outerHTML)[0];
  }`)) as string | undefined;
}

/**
 * Waits until the browser draws the page. With its first picture, which may come after its load event, a page gives the
 * focus to what asks for it (`autofocus`).
 */
export async function awaitPicture(page: Page): Promise<void> {
  await page.evaluate('new Promise((draw) => requestAnimationFrame(draw))');
}

/** What has the focus, and whether a person can see that it has: an outline of 2 px or more, inside the window. */
export async function findFocus(page: Page): Promise<{ id: string; text: string; isVisible: boolean }> {
  await awaitPicture(page);
  return (await page.evaluate(`{
    const element = document.activeElement;
    const { outlineStyle, outlineWidth } = getComputedStyle(element);
    const { top, bottom, width } = element.getBoundingClientRect();
    ({
      id: element.id,
      text: element.textContent.trim(),
      isVisible: outlineStyle !== 'none' && parseFloat(outlineWidth) >= 2 && width > 1 && top >= 0 && bottom <= innerHeight,
    });
  }`)) as { id: string; text: string; isVisible: boolean };
}

/** The file that a browser, which may run elsewhere, has taken down. */
export async function readDownload(download: Download): Promise<string> {
  return text(await download.createReadStream());
}
