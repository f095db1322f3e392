import { postForm } from './form.ts';
import { type Html, html } from './html.ts';
import { type Frame, layout } from './layout.ts';
import { type TokenModel, usedIn } from './token.ts';

/** A token that may be removed for good. */
export type TokenRemovalModel = Frame & { path: string; token: TokenModel; now: Date };

/** The page that says what ends with a token before it is removed. */
export function tokenRemovalPage(model: TokenRemovalModel): Html {
  const { base, locale, path, token, now } = model;
  const { removal, form } = locale.words.tokens;
  return layout(model, {
    title: removal.plainTitle,
    main: html`<h1>${removal.title(token.name)}</h1>
<p class="lead">${removal.lead}</p>
<p class="warning">${token.lastUse ? removal.lastUsed(usedIn(token.lastUse, locale, now)) : removal.neverUsed}
${token.holders !== undefined && removal.shared(locale.number(token.holders))}</p>
${postForm(
  model,
  `${path}/${token.id}/remove`,
  html`<div class="decision">
<a class="button quiet" href="${base}${path}/${token.id}">${form.cancel}</a>
<button class="danger">${removal.confirm}</button>
</div>`,
)}`,
  });
}
