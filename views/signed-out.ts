import { type Html, html } from './html.ts';
import { type Frame, layout } from './layout.ts';

/** The page after signing out in the browser, which leaves devices signed in. */
export function signedOutPage(model: Frame): Html {
  return layout(model, {
    title: 'Signed out',
    main: html`<h1>You are signed out</h1>
<p class="lead">This browser is signed out. Devices that you allowed stay signed in.</p>
<p class="note"><a href="${model.base}/device">Enter a code</a></p>`,
  });
}
