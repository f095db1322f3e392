import { icon, stylesheets, wordmark } from './brand.ts';
import { type Html, html } from './html.ts';
import { languageChoice } from './language.ts';
import type { Frame } from './layout.ts';

/** What the page is told: where the document of the API is. */
export type ReferenceModel = Frame & { documentUrl: string };

/** The reference of the management API, drawn by Swagger UI. Calls from here carry the session of whoever is signed in. */
export function referencePage(model: ReferenceModel): Html {
  const { base, csrf, account, locale, brand, documentUrl } = model;
  const words = locale.words.reference;
  return html`<!doctype html>
<html lang="${locale.language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${words.title} · ${brand.name}</title>
${icon(model)}${stylesheets(model, ['swagger-ui.css', 'reference.css'])}<script defer src="${base}/assets/swagger-ui-bundle.js"></script>
<script defer src="${base}/assets/reference.js"></script>
</head>
<body>
<header>
${wordmark(model)}
<p>${
    account
      ? html`${words.tryAs(account.email)} <a href="${base}/account">${locale.words.frame.yourAccount}</a>`
      : words.signIn(`${base}/api/docs/sign-in`)
  }</p>
</header>
<section aria-label="${words.title}">
<noscript><p>${words.needsScript(documentUrl)}</p></noscript>
<div id="reference" lang="en" data-document="${documentUrl}" data-csrf="${account ? csrf : ''}"></div>
</section>
<footer>${languageChoice(model)}</footer>
</body>
</html>
`;
}
