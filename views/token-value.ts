import { type Html, html } from './html.ts';
import { type Frame, layout } from './layout.ts';
import type { TokenModel } from './token.ts';

/** A value that has just been made; `previousEndsAt` is when the one before it ends. */
export type TokenValueModel = Frame & {
  path: string;
  token: TokenModel;
  value: string;
  previousEndsAt?: Date | undefined;
};

/** The page that shows the value of a token, the only time. */
export function tokenValuePage(model: TokenValueModel): Html {
  const { base, locale, path, token, value, previousEndsAt } = model;
  const words = locale.words.tokens.value;
  return layout(model, {
    title: words.title,
    script: 'copy.js',
    main: html`<h1>${words.title}</h1>
<p class="lead">${words.lead}</p>
<p class="value"><code id="value">${value}</code></p>
<div><button type="button" class="quiet" data-copy="value" data-copied="${words.copied}" hidden>${words.copy}</button></div>
${token.state === 'waiting' && html`<p class="warning">${words.waits}</p>`}
${previousEndsAt && html`<p class="warning">${words.previousEnds(locale.moment(previousEndsAt))}</p>`}
<p class="note">${words.use} <code>Authorization: Bearer …</code></p>
<p class="note"><a href="${base}${path}/${token.id}">${words.done}</a></p>`,
  });
}
