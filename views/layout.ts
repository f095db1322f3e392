import { postForm } from './form.ts';
import { type Html, html } from './html.ts';

/** What every page needs: the issuer's path ('' when it has none), the form token, who is signed in. */
export type Frame = {
  base: string;
  csrf: string;
  account?: { email: string } | undefined;
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

/** The whole document around one page. It fits a policy that allows no inline script and no inline style. */
export function layout(frame: Frame, { title, main, script, requestId }: Content): Html {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title} · Postern</title>
<link rel="icon" type="image/svg+xml" href="${frame.base}/assets/favicon.svg">
<link rel="stylesheet" href="${frame.base}/assets/postern.css">
${script && html`<script defer src="${frame.base}/assets/${script}"></script>`}
</head>
<body>
<a class="skip" href="#main">Skip to the content</a>
<header>
<a class="wordmark" href="${frame.base}/">Postern</a>
${frame.account && signedInAs(frame, frame.account.email)}
</header>
<main id="main" tabindex="-1">
${main}
</main>
${requestId !== undefined && html`<footer><p>Request id: <code>${requestId}</code></p></footer>`}
</body>
</html>
`;
}

function signedInAs(frame: Frame, email: string): Html {
  return html`<div class="account">
<p>Signed in as <strong><bdi>${email}</bdi></strong></p>
${postForm(frame, '/sign-out', html`<span>Not you?</span> <button class="link">Sign out</button>`)}
</div>`;
}
