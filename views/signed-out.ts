import { type Html, html } from './html.ts';
import { type Frame, layout } from './layout.ts';

/** The page after signing out in the browser, which leaves devices signed in. */
export function signedOutPage(model: Frame): Html {
  const words = model.locale.words.signedOut;
  return layout(model, {
    title: words.title,
    main: html`<h1>${words.heading}</h1>
<p class="lead">${words.lead}</p>
<p class="note"><a href="${model.base}/device">${words.enterCode}</a></p>`,
  });
}
