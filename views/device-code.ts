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

const sentences: Record<DeviceCodeError, string> = {
  missing: 'Enter the code that your device shows.',
  unknown: 'This code does not work. Check it on your device, or ask there for a new one.',
  must_be_typed:
    'For this program, type the code yourself: read it off your own device, not from a link or a message.',
  too_many_tries: 'Too many tries. Wait a few minutes, then try again.',
  sign_in_first: 'You are not signed in any more. Enter the code again, then sign in.',
};

/** The page that asks for the code a device shows; posts `user_code` to `/device`. */
export function deviceCodePage(model: DeviceCodeModel): Html {
  const { error } = model;
  return layout(model, {
    title: error ? 'Error: Connect a device' : 'Connect a device',
    main: html`<h1>Connect a device</h1>
<p class="lead">A program or device asked you to come here. Type the code it shows.</p>
${postForm(
  model,
  '/device',
  html`${error && fieldError('user_code-error', sentences[error])}
${field({
  name: 'user_code',
  label: 'Code',
  hint: 'Eight letters, like WDJB-MJHT, on the screen of your device or in your terminal.',
  value: model.userCode,
  errorId: error && 'user_code-error',
  isInvalid: error === 'missing' || error === 'unknown',
  attributes: html`class="code" type="text" inputmode="text" maxlength="64" autocomplete="off" autocapitalize="characters" spellcheck="false" autofocus`,
})}
${model.isLinked && html`<input type="hidden" name="linked" value="${model.userCode ?? ''}">`}
<button>Continue</button>`,
)}
<p class="note">Only enter a code that you asked for yourself. Nobody needs to send you one.</p>`,
  });
}
