import { type Html, html } from './html.ts';

/** Under which name pages are shown, and, where there are some, with which logo and colours of the operator's own. */
export type ShownBrand = {
  name: string;
  logo?: { path: string; type: string } | undefined;
  isColoured?: boolean;
};

type Surroundings = { base: string; brand: ShownBrand };

const door = { path: '/assets/favicon.svg', type: 'image/svg+xml' };

/** What links a page to its icon and its stylesheets, the operator's last. */
export function links({ base, brand }: Surroundings, styles: readonly string[]): Html {
  const { path, type } = brand.logo ?? door;
  const all = brand.isColoured ? [...styles, 'brand.css'] : styles;
  return html`<link rel="icon" type="${type}" href="${base}${path}">
${all.map((name) => html`<link rel="stylesheet" href="${base}/assets/${name}">\n`)}`;
}

/** The name at the head of every page, which leads to the first one. */
export function wordmark({ base, brand: { name, logo } }: Surroundings): Html {
  return html`<a class="wordmark" href="${base}/">${logo && html`<img src="${base}${logo.path}" alt="">`}${name}</a>`;
}
