import { type Html, html } from './html.ts';
import { de } from './words/de.ts';
import { en, type Words } from './words/en.ts';

const catalogues = { en, de };

/** A language that the pages speak (BCP 47). */
export type Language = keyof typeof catalogues;

/** What each language calls itself. */
export const languageNames: Record<Language, string> = { en: 'English', de: 'Deutsch' };

/** How a page speaks: its words, and how it writes numbers and times. */
export type Locale = {
  language: Language;
  words: Words;
  /** A length of time in its two largest units, rounded down: `5400` is "1 hour, 30 minutes". */
  duration(seconds: number): string;
  /** A point in time for people (in UTC, to the minute) and for machines (ISO 8601). */
  moment(at: Date): Html;
  /** The same as plain text, for mail. */
  plainMoment(at: Date): string;
  /** How far a point in time is from `now`, in one unit; the exact one on hover. */
  ago(at: Date, now: Date): Html;
  number(value: number): string;
  /** The name of a country from its two letters (ISO 3166-1); the letters themselves where there is no such country. */
  country(code: string): string;
  /** A day in UTC. */
  day(at: Date): string;
};

const locales = new Map<Language, Locale>();

/** The locale of a language. */
export function localeOf(language: Language): Locale {
  const known = locales.get(language);
  if (known) return known;
  const locale = createLocale(language);
  locales.set(language, locale);
  return locale;
}

/** Whether the pages speak this language. */
export function isLanguage(text: string | undefined): text is Language {
  return text !== undefined && Object.hasOwn(catalogues, text);
}

const units = [
  ['years', 31_536_000],
  ['days', 86_400],
  ['hours', 3600],
  ['minutes', 60],
  ['seconds', 1],
] as const;

function createLocale(language: Language): Locale {
  // The English of the world: 24 hours, the day before the month.
  const tag = language === 'en' ? 'en-GB' : language;
  const clock = new Intl.DateTimeFormat(tag, { timeZone: 'UTC', timeStyle: 'short' });
  const day = new Intl.DateTimeFormat(tag, { timeZone: 'UTC', dateStyle: 'medium' });
  const durations = new Intl.DurationFormat(tag, { style: 'long' });
  const zero = new Intl.DurationFormat(tag, { style: 'long', secondsDisplay: 'always' }).format({
    seconds: 0,
  });
  const relative = new Intl.RelativeTimeFormat(tag, { numeric: 'auto' });
  const numbers = new Intl.NumberFormat(tag);
  const countries = new Intl.DisplayNames(tag, { type: 'region' });

  const exact = (at: Date) => `${unbroken(`${clock.format(at)} UTC`)}, ${unbroken(day.format(at))}`;
  return {
    language,
    words: catalogues[language],
    duration(seconds) {
      const parts: Partial<Record<(typeof units)[number][0], number>> = {};
      let rest = Math.max(0, Math.floor(seconds));
      for (const [unit, size] of units) {
        const count = Math.floor(rest / size);
        if (count > 0 && Object.keys(parts).length < 2) parts[unit] = count;
        rest -= count * size;
      }
      // Nothing at all is no duration to `format`.
      return Object.keys(parts).length > 0 ? durations.format(parts) : zero;
    },
    plainMoment: exact,
    moment: (at) => html`<time datetime="${at.toISOString()}">${exact(at)}</time>`,
    ago(at, now) {
      const seconds = (at.getTime() - now.getTime()) / 1000;
      const [unit, size] = units.find(([, size]) => Math.abs(seconds) >= size) ?? ['seconds', 1];
      const text = relative.format(Math.trunc(seconds / size), unit);
      return html`<time datetime="${at.toISOString()}" title="${exact(at)}">${text}</time>`;
    },
    number: (value) => numbers.format(value),
    country: (code) => (/^[A-Z]{2}$/.test(code) ? (countries.of(code) ?? code) : code),
    day: (at) => day.format(at),
  };
}

function unbroken(text: string): string {
  return text.replaceAll(' ', '\u00a0');
}
