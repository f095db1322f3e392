import { type Html, html, type Renderable } from './html.ts';

/** A form that posts to `path` under the issuer and carries the form token. The server says what is missing. */
export function postForm(frame: { base: string; csrf: string }, path: string, content: Html): Html {
  return html`<form method="post" action="${frame.base}${path}" novalidate>
<input type="hidden" name="csrf" value="${frame.csrf}">
${content}
</form>`;
}

/** One labelled input. `errorId` names the sentence that describes it; `attributes` is what only this input has. */
export type Field = {
  name: string;
  label: string;
  hint?: string;
  value?: string | undefined;
  errorId?: string | false | undefined;
  isInvalid?: boolean;
  attributes: Html;
};

/** An input with its label and hint, tied together for a screen reader. */
export function field({ name, label, hint, value, errorId, isInvalid, attributes }: Field): Html {
  const descriptions = [hint && `${name}-hint`, errorId].filter(Boolean).join(' ');
  return html`<div class="field">
<label for="${name}">${label}</label>
${hint && html`<p class="hint" id="${name}-hint">${hint}</p>`}
<input id="${name}" name="${name}" value="${value}" required ${attributes}${
    descriptions && html` aria-describedby="${descriptions}"`
  }${isInvalid && html` aria-invalid="true"`}>
</div>`;
}

/** The sentence that says what went wrong, after a `label` that is only heard; fields point to it by `id`. */
export function fieldError(id: string, sentence: Renderable, label: string): Html {
  return html`<p class="error" id="${id}"><span class="unseen">${label}</span> ${sentence}</p>`;
}
