import { type Html, html, type Renderable } from './html.ts';

/**
 * A form that posts to `path` under the issuer and carries the form token; buttons elsewhere on the page name it by `id`.
 * The server says what is missing.
 */
export function postForm(
  frame: { base: string; csrf: string },
  path: string,
  content: Html,
  id?: string,
): Html {
  return html`<form method="post" action="${frame.base}${path}" novalidate${id !== undefined && html` id="${id}"`}>
<input type="hidden" name="csrf" value="${frame.csrf}">
${content}
</form>`;
}

/** What a field and its like have in common. `problem` is what is wrong with it, `errorId` the sentence elsewhere that says so. */
type Labelled = { name: string; label: string; hint?: Renderable; problem?: Renderable };

/** One labelled input. `attributes` is what only this input has; `isOptional` may be left empty. */
export type Field = Labelled & {
  value?: string | undefined;
  errorId?: string | false | undefined;
  isInvalid?: boolean;
  isOptional?: boolean;
  attributes: Html;
};

/** An input with its label, its hint and what is wrong with it, tied together for a screen reader. */
export function field(model: Field): Html {
  const { name, value, isInvalid, isOptional, problem, attributes } = model;
  return html`<div class="field">
${labelOf(model)}
<input id="${name}" name="${name}" value="${value}"${!isOptional && html` required`} ${attributes}${describedBy(model)}${
    (isInvalid || problem) && html` aria-invalid="true"`
  }>
</div>`;
}

/** A text of several lines. */
export function textArea(model: Labelled & { value?: string | undefined; rows: number; most: number }): Html {
  const { name, value, rows, most, problem } = model;
  return html`<div class="field">
${labelOf(model)}
<textarea id="${name}" name="${name}" rows="${rows}" maxlength="${most}"${describedBy(model)}${problem && html` aria-invalid="true"`}>
${value}</textarea>
</div>`;
}

/** One of several values. */
export function select(
  model: Labelled & { options: readonly { value: string; label: Renderable }[]; value?: string | undefined },
): Html {
  const { name, options, value, problem } = model;
  return html`<div class="field">
${labelOf(model)}
<select id="${name}" name="${name}"${describedBy(model)}${problem && html` aria-invalid="true"`}>
${options.map(
  (
    option,
  ) => html`<option value="${option.value}"${option.value === value && html` selected`}>${option.label}</option>
`,
)}</select>
</div>`;
}

/** Something that is so or not; `value` is what is sent when it is. */
export function checkbox(model: {
  name: string;
  value: string;
  label: Renderable;
  hint?: Renderable;
  isChecked: boolean;
}): Html {
  const { name, value, label, hint, isChecked } = model;
  return html`<label class="check"><input type="checkbox" name="${name}" value="${value}"${isChecked && html` checked`}> <span>${label}${
    hint && html` <span class="hint">${hint}</span>`
  }</span></label>
`;
}

function labelOf({ name, label, hint, problem }: Labelled): Html {
  return html`<label for="${name}">${label}</label>
${hint && html`<p class="hint" id="${name}-hint">${hint}</p>`}
${problem && html`<p class="problem" id="${name}-error">${problem}</p>`}`;
}

function describedBy({ name, hint, problem, errorId }: Labelled & Pick<Field, 'errorId'>): Html | false {
  const ids = [hint && `${name}-hint`, problem && `${name}-error`, errorId].filter(Boolean);
  return ids.length > 0 && html` aria-describedby="${ids.join(' ')}"`;
}

/** The sentence that says what went wrong, after a `label` that is only heard; fields point to it by `id`. */
export function fieldError(id: string, sentence: Renderable, label: string): Html {
  return html`<p class="error" id="${id}"><span class="unseen">${label}</span> ${sentence}</p>`;
}

/** The same above a page of several fields, or of none: it has the focus when the page opens, so that it is met first. */
export function pageError(id: string, sentence: Renderable, label: string): Html {
  return html`<p class="error" id="${id}" tabindex="-1" autofocus><span class="unseen">${label}</span> ${sentence}</p>`;
}
