import { type Html, html } from './html.ts';
import { type Frame, layout } from './layout.ts';

/** The page at the issuer's own address, for people who wonder what answers there. */
export function welcomePage(model: Frame): Html {
  const words = model.locale.words.welcome;
  return layout(model, {
    title: words.title,
    main: html`<h1>${words.heading}</h1>
<p class="lead">${words.lead}</p>
<p><a class="button" href="${model.base}/device">${words.enterCode}</a></p>
<p class="note">${words.forPrograms} <a href="/.well-known/oauth-authorization-server${model.base}">${words.metadata}</a></p>
<p class="note">${words.forAuthors} <a href="${model.base}/api/docs">${words.reference}</a></p>`,
  });
}
