import { Html, html, type Renderable } from '../../views/html.ts';
import type { Locale } from '../../views/locale.ts';

/** The same locale with everything that it says between ⟦ and ⟧. */
export function markWords(locale: Locale): Locale {
  return {
    ...locale,
    words: mark(locale.words) as Locale['words'],
    duration: (seconds) => `⟦${locale.duration(seconds)}⟧`,
    moment: (at) => html`⟦${locale.moment(at)}⟧`,
    ago: (at, now) => html`⟦${locale.ago(at, now)}⟧`,
    day: (at) => `⟦${locale.day(at)}⟧`,
    number: (value) => `⟦${locale.number(value)}⟧`,
  };
}

/** What of a page people can read or hear, without what the locale says. */
export function unmarkedText(page: Html): string {
  // A time says when it is on hover, and a machine reads it too.
  const markup = String(page).replace(/<time[^>]*>/g, '');
  const heard = [
    ...markup.matchAll(/ (?:alt|aria-[a-z]*(?:label|description)|placeholder|title)="([^"]*)"/g),
  ];
  const read = markup.replace(/ [a-z-]+="[^"]*"/g, '').replace(/<[^>]*>/g, ' ');
  return [...heard.map(([, text]) => text), read].map((text) => outside(text ?? '')).join(' ');
}

function mark(words: unknown): unknown {
  if (typeof words === 'string') return `⟦${words}⟧`;
  if (words instanceof Html) return html`⟦${words}⟧`;
  if (typeof words === 'function') return (...given: Renderable[]) => mark(words(...given));
  if (typeof words !== 'object' || words === null) return words;
  return new Proxy(words, { get: (area, key) => mark(Reflect.get(area, key)) });
}

/** Marks may stand in marks: a title in the title of an error. */
function outside(text: string): string {
  let depth = 0;
  let rest = '';
  for (const character of text) {
    if (character === '⟧') depth -= 1;
    if (depth === 0 && character !== '⟦' && character !== '⟧') rest += character;
    if (character === '⟦') depth += 1;
  }
  return rest;
}
