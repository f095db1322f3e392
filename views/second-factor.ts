import { field, fieldError, pageError, postForm } from './form.ts';
import { type Html, html } from './html.ts';
import { type Frame, layout } from './layout.ts';
import { type PasskeyOffer, passkeyForm } from './passkey.ts';

/** Why a second factor was not taken. A code that is wrong, was used or is over is `wrong`, on purpose. */
export type FactorError = 'missing' | 'wrong' | 'passkey' | 'too_many_tries';

/** Whose password was right, and what may follow it. */
export type SecondFactorModel = Frame & {
  email: string;
  takesCodes: boolean;
  takesRecoveryCodes: boolean;
  passkey: PasskeyOffer | undefined;
  error?: FactorError | undefined;
};

/** Asks for what comes after the password; posts `code`, or a passkey's answer, to `/sign-in/second-factor`. */
export function secondFactorPage(model: SecondFactorModel): Html {
  const { locale, error, passkey } = model;
  const words = locale.words.factors;
  const path = '/sign-in/second-factor';
  const asksForCode = model.takesCodes || model.takesRecoveryCodes;
  return layout(model, {
    title: error ? locale.words.frame.errorTitle(words.title) : words.title,
    ...(passkey && { script: 'passkey.js' }),
    main: html`<h1>${words.title}</h1>
<p class="lead">${words.lead(model.email)}</p>
${error && (asksForCode ? fieldError : pageError)('code-error', words.errors[error], locale.words.frame.error)}
${asksForCode && postForm(model, path, html`${codeField(model)}\n<button>${words.continue}</button>`)}
${!asksForCode && html`<p class="note" data-without-passkeys>${words.needsScript}</p>`}
${passkey && passkeyForm(model, path, passkey, { does: 'get', label: words.usePasskey, isSecond: asksForCode })}
<p class="note"><a href="${model.base}/sign-in">${words.again}</a></p>`,
  });
}

/** The field for a one-time code or a recovery code, whichever somebody has; `isFirst` of the fields of its page. */
export function codeField(
  model: Omit<SecondFactorModel, 'email' | 'passkey' | 'error'> & { error?: string | undefined },
  isFirst = true,
): Html {
  const words = model.locale.words.factors;
  return field({
    name: 'code',
    label: model.takesCodes ? words.code : words.recoveryCode,
    hint: model.takesCodes && model.takesRecoveryCodes ? words.codeHint : words.recoveryHint,
    errorId: model.error && 'code-error',
    isInvalid: model.error === 'wrong' || model.error === 'missing',
    attributes: html`type="text" maxlength="40" autocomplete="one-time-code" autocapitalize="none" spellcheck="false"${isFirst && html` autofocus`}`,
  });
}
