import { type Html, html } from './html.ts';
import { type Frame, layout } from './layout.ts';

/** For who has come to a server without sign-in from elsewhere, or under another name of its machine. */
export function noSignInPage(model: Frame & { issuer: string }): Html {
  const { issuer, locale } = model;
  const { frame, singleUser } = locale.words;
  return layout(model, {
    title: frame.errorTitle(singleUser.mode),
    main: html`<h1>${singleUser.mode}</h1>
<p class="lead">${singleUser.onlyHere}</p>
<p><a class="button" href="${issuer}/">${issuer}</a></p>`,
  });
}
