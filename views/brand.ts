import { type Html, html } from './html.ts';

/**
 * Under which name pages are shown and in which style, and, where there are some, with which logo and colours of the
 * operator's own; the colours are in the style too.
 */
export type ShownBrand = {
  name: string;
  style: Html;
  logo?: { path: string; type: string } | undefined;
  isColoured?: boolean;
};

type Surroundings = { base: string; brand: ShownBrand };

const door = { path: '/assets/favicon.svg', type: 'image/svg+xml' };

/** The icon in the browser's tab. */
export function icon({ base, brand }: Surroundings): Html {
  const { path, type } = brand.logo ?? door;
  return html`<link rel="icon" type="${type}" href="${base}${path}">\n`;
}

/** Stylesheets of a page that does not have the style of all, the operator's last. */
export function stylesheets({ base, brand }: Surroundings, names: readonly string[]): Html {
  const all = brand.isColoured ? [...names, 'brand.css'] : names;
  return html`${all.map((name) => html`<link rel="stylesheet" href="${base}/assets/${name}">\n`)}`;
}

/** The name at the head of every page, which leads to the first one. */
export function wordmark({ base, brand: { name, logo } }: Surroundings): Html {
  return html`<a class="wordmark" href="${base}/">${logo && html`<img src="${base}${logo.path}" alt="">`}${name}</a>`;
}
