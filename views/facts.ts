import { type Html, html, type Renderable } from './html.ts';

/** Something that is known, in a list of such things. */
export function fact(name: string, value: Renderable): Html {
  return html`<div><dt>${name}</dt><dd>${value}</dd></div>
`;
}
