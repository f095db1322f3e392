import { type Html, html } from './html.ts';

/** An address or a name like one, which breaks after its signs rather than amid its words where there is no room. */
export function breakable(text: string): Html {
  const [first, ...rest] = text.split(/(?<=[:@])(?!:|$)|(?<=\.)(?=\p{L})/u);
  return html`${first}${rest.map((part) => html`<wbr>${part}`)}`;
}
