import type { Context } from 'koa';
import { isLanguage } from '../../views/locale.ts';
import { AppError } from '../errors.ts';
import { fieldOf } from '../http/form.ts';
import { findRoute, type Routes } from '../http/router.ts';
import type { Database } from '../postgres/pool.ts';
import { chooseLanguage } from '../users/language.ts';
import type { Locales } from './locales.ts';
import { seeOther } from './page.ts';
import type { Reception } from './reception.ts';

/** The choice of a language, in this browser and for whoever is signed in; then back to where it was made, if that is one of `pages`. */
export function createLanguageRoutes(options: {
  db: Database;
  issuer: string;
  base: string;
  reception: Reception;
  locales: Locales;
  pages: Routes;
}): Routes {
  const { db, issuer, base, reception, locales, pages } = options;
  const { origin } = new URL(issuer);

  /** The page of ours that the form was on. Browsers say which, of our own pages. */
  function pageBefore(ctx: Context): string {
    const from = URL.parse(ctx.get('Referer'));
    if (from?.origin !== origin || !`${from.pathname}/`.startsWith(`${base}/`)) return `${base}/`;
    const path = from.pathname.slice(base.length) || '/';
    // What a provider has answered counts once: the same address again would only say that it is over.
    if (path.startsWith('/sign-in/callback/')) return `${base}/sign-in`;
    const isPage = findRoute(pages, path)?.GET !== undefined;
    return isPage ? from.pathname + from.search : `${base}/`;
  }

  async function choose(ctx: Context): Promise<void> {
    const { visit, form } = await reception.receiveForm(ctx);
    const language = fieldOf(form, 'language');
    if (!isLanguage(language)) throw new AppError('bad_request');
    if (visit.session) await chooseLanguage(db, visit.session.userId, language);
    locales.choose(ctx, language);
    seeOther(ctx, pageBefore(ctx));
  }

  return { '/language': { answers: 'html', POST: choose } };
}
