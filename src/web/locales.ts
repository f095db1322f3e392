import type { Context } from 'koa';
import { isLanguage, type Language, type Locale, languageNames, localeOf } from '../../views/locale.ts';
import type { Cookies } from './cookies.ts';

/** How pages speak to each browser: as was chosen in it, else as it asks (RFC 9110 section 12.5.4), else in English. */
export type Locales = { find(ctx: Context): Locale; choose(ctx: Context, language: Language): void };

// As long as browsers keep a cookie at most (RFC 6265bis section 5.5).
const seconds = 400 * 86_400;

/** Remembers the choice in a cookie. */
export function createLocales(cookies: Cookies): Locales {
  const languages = Object.keys(languageNames);
  return {
    find(ctx) {
      ctx.vary('Accept-Language');
      const chosen = cookies.get(ctx, 'language');
      if (isLanguage(chosen)) return localeOf(chosen);
      const asked = ctx.acceptsLanguages(languages) || undefined;
      return localeOf(isLanguage(asked) ? asked : 'en');
    },
    choose: (ctx, language) => cookies.set(ctx, 'language', language, seconds),
  };
}
