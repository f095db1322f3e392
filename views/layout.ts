import { icon, type ShownBrand, wordmark } from './brand.ts';
import { postForm } from './form.ts';
import { type Html, html } from './html.ts';
import { languageChoice } from './language.ts';
import type { Locale } from './locale.ts';
import { accountMenu, navigation, type Standpoint } from './navigation.ts';

/**
 * What every page needs: the issuer's path ('' when it has none), the form token ('' for who has none yet, and then no
 * form works), how it speaks and is named, who is signed in, and, among the pages of an account, where they are.
 */
export type Frame = {
  base: string;
  csrf: string;
  locale: Locale;
  brand: ShownBrand;
  /** `isSingleUser`: there is one person, and no sign-in. */
  account?: { email: string; isSingleUser?: boolean } | undefined;
  standpoint?: Standpoint | undefined;
};

/**
 * A page before it is wrapped. `title` is for the browser's tab; `requestId` is shown in a footer; `script` is one of our
 * assets, for a page that is sent with a policy that allows it.
 */
export type Content = {
  title: string;
  main: Html;
  script?: string;
  requestId?: string;
};

/** The whole document around one page. It paints with what it brings itself; its style is the one that the policy allows. */
export function layout(frame: Frame, { title, main, script, requestId }: Content): Html {
  const { base, locale, brand, standpoint, account } = frame;
  const { words, language } = locale;
  return html`<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title} · ${brand.name}</title>
${icon(frame)}${brand.style}
${script && html`<script defer src="${base}/assets/${script}"></script>`}
</head>
<body${standpoint && html` class="wide"`}>
<a class="skip" href="#main">${words.frame.skip}</a>
<header>
${wordmark(frame)}
${account && (standpoint ? accountMenu(frame, account, standpoint) : signedInAs(frame, account))}
</header>
${standpoint && navigation(frame, standpoint)}
<main id="main" tabindex="-1">
${main}
</main>
<footer>
${requestId !== undefined && html`<p>${words.frame.requestId} <code>${requestId}</code></p>`}
${languageChoice(frame)}
</footer>
</body>
</html>
`;
}

function signedInAs(frame: Frame, { email, isSingleUser }: NonNullable<Frame['account']>): Html {
  if (isSingleUser) return html`<p class="account">${frame.locale.words.singleUser.mode}</p>`;
  const { notYou, signOut, signedInAs } = frame.locale.words.frame;
  return html`<div class="account">
<p>${signedInAs(email)}</p>
${postForm(frame, '/sign-out', html`<span>${notYou}</span> <button class="link">${signOut}</button>`)}
</div>`;
}
