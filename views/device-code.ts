import { field, fieldError, postForm } from './form.ts';
import { type Html, html } from './html.ts';
import { type Frame, layout } from './layout.ts';

/** Why the code was not taken. A wrong, an expired and a used code are all `unknown`, on purpose. */
export type DeviceCodeError = 'missing' | 'unknown' | 'must_be_typed' | 'too_many_tries' | 'sign_in_first';

/** `userCode` is what the person typed or was linked with (`isLinked`), shown again in the field. */
export type DeviceCodeModel = Frame & {
  userCode?: string | undefined;
  isLinked?: boolean | undefined;
  error?: DeviceCodeError | undefined;
};

/** The page that asks for the code a device shows; posts `user_code` to `/device`. */
export function deviceCodePage(model: DeviceCodeModel): Html {
  const { error } = model;
  const { deviceCode: words, frame } = model.locale.words;
  return layout(model, {
    title: error ? frame.errorTitle(words.title) : words.title,
    main: html`<h1>${words.title}</h1>
<p class="lead">${words.lead}</p>
${postForm(
  model,
  '/device',
  html`${error && fieldError('user_code-error', words.errors[error], frame.error)}
${field({
  name: 'user_code',
  label: words.code,
  hint: words.hint,
  value: model.userCode,
  errorId: error && 'user_code-error',
  isInvalid: error === 'missing' || error === 'unknown',
  attributes: html`class="code" type="text" inputmode="text" maxlength="64" autocomplete="off" autocapitalize="characters" spellcheck="false" autofocus`,
})}
${model.isLinked && html`<input type="hidden" name="linked" value="${model.userCode ?? ''}">`}
<button>${words.continue}</button>`,
)}
<p class="note">${words.note}</p>`,
  });
}
