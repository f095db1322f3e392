import { type Html, html } from './html.ts';
import { type Frame, layout } from './layout.ts';

/** Whose account it is. */
export type OverviewModel = Frame & { email: string };

/** The first page of an account: where to go from here. */
export function overviewPage(model: OverviewModel): Html {
  const words = model.locale.words.overview;
  return layout(model, {
    title: words.title,
    main: html`<h1>${words.title}</h1>
<p class="lead">${words.lead}</p>
<p><a class="button" href="${model.base}/device">${words.connect}</a></p>`,
  });
}
