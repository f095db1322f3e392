/** What a template takes. Everything but Html is escaped; `undefined`, `null` and `false` render nothing. */
export type Renderable = Html | string | number | undefined | null | false | readonly Renderable[];

let trust: (markup: string) => Html;
let markupOf: (value: Html) => string;

/** Markup that is safe to send as it is. Only the `html` tag and `style` make one. */
export class Html {
  readonly #markup: string;

  private constructor(markup: string) {
    this.#markup = markup;
  }

  static {
    trust = (markup) => new Html(markup);
    markupOf = (value) => value.#markup;
  }

  toString(): string {
    return this.#markup;
  }
}

/**
 * Makes Html of a template; safe in text and in quoted attribute values, arrays are joined without a separator.
 * Does not judge addresses: a `javascript:` link stays one.
 */
export function html(strings: TemplateStringsArray, ...values: Renderable[]): Html {
  return trust(strings.reduce((text, string, index) => text + render(values[index - 1]) + string));
}

/**
 * A style element. Browsers read what is in it as it is, up to `</style` (HTML standard, "raw text elements"), so nothing is
 * escaped, and a text that could end it is refused with a RangeError.
 */
export function style(text: string): Html {
  if (text.includes('</')) throw new RangeError('a style cannot hold </');
  return trust(`<style>${text}</style>`);
}

function render(value: Renderable): string {
  if (value === undefined || value === null || value === false) return '';
  if (value instanceof Html) return markupOf(value);
  if (Array.isArray(value)) return value.map(render).join('');
  return String(value).replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
