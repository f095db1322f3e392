import { type Html, html } from './html.ts';
import type { Frame } from './layout.ts';
import { once } from './once.ts';
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
  const { locale, path, token, value, previousEndsAt } = model;
  const words = locale.words.tokens.value;
  return once(model, {
    title: words.title,
    lead: words.lead,
    value,
    notes: html`${token.state === 'waiting' && html`<p class="warning">${words.waits}</p>`}
${previousEndsAt && html`<p class="warning">${words.previousEnds(locale.moment(previousEndsAt))}</p>`}
<p class="note">${words.use} <code>Authorization: Bearer …</code></p>`,
    path: `${path}/${token.id}`,
    done: words.done,
  });
}
