import type { Context } from 'koa';
import { isLanguage, type Language, type Locale, languageNames, localeOf } from '../../views/locale.ts';
import type { Cookies } from './cookies.ts';

/** How pages speak to each browser. */
export type Locales = {
  /**
   * As was chosen in it, else as whoever is signed in has chosen (`theirs`) elsewhere, else as it asks (RFC 9110 section
   * 12.5.4), else in English. Without `theirs`, as was found for this request before.
   */
  find(ctx: Context, theirs?: string): Locale;
  choose(ctx: Context, language: Language): void;
};

// As long as browsers keep a cookie at most (RFC 6265bis section 5.5).
const seconds = 400 * 86_400;

/** Remembers the choice in a cookie. */
export function createLocales(cookies: Cookies): Locales {
  const languages = Object.keys(languageNames);
  // An error page knows nobody, but speaks as the page would have that failed.
  const known = new WeakMap<Context, string>();
  return {
    find(ctx, theirs = known.get(ctx)) {
      ctx.vary('Accept-Language, Cookie');
      if (theirs !== undefined) known.set(ctx, theirs);
      const wanted = [cookies.get(ctx, 'language'), theirs, ctx.acceptsLanguages(languages) || undefined];
      return localeOf(wanted.find(isLanguage) ?? 'en');
    },
    choose: (ctx, language) => cookies.set(ctx, 'language', language, seconds),
  };
}
