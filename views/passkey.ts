import { postForm } from './form.ts';
import { type Html, html, type Renderable } from './html.ts';
import type { Frame } from './layout.ts';

/** What a script asks the browser with (as JSON), and what the server knows its own challenge by. */
export type PasskeyOffer = { options: string; ceremony: string };

/**
 * A form that a script of ours sends when the browser has answered: `credential` to `path`, with `ceremony` and what
 * `content` adds. Without a script, or a browser that knows passkeys, it does not show.
 */
export function passkeyForm(
  frame: Frame,
  path: string,
  { options, ceremony }: PasskeyOffer,
  form: { does: 'create' | 'get'; label: Renderable; content?: Html; isSecond?: boolean },
): Html {
  const { failed } = frame.locale.words.factors;
  return html`<div class="passkey" data-passkey="${form.does}" data-options="${options}" hidden>
${postForm(
  frame,
  path,
  html`<input type="hidden" name="ceremony" value="${ceremony}">
<input type="hidden" name="credential" value="">
${form.content}
<button${form.isSecond && html` class="quiet"`}>${form.label}</button>
<p class="error" role="alert" hidden>${failed}</p>`,
)}
</div>`;
}
