import { field, fieldError, pageError, postForm } from './form.ts';
import { type Html, html } from './html.ts';
import { type Frame, layout } from './layout.ts';
import { type PasskeyOffer, passkeyForm } from './passkey.ts';
import { codeField } from './second-factor.ts';

/** Why what somebody gave to prove who they are was not taken. */
export type StepUpError = 'missing' | 'wrong' | 'wrong_password' | 'passkey' | 'too_many_tries';

/** What is asked for anew, and what there is to answer with. */
export type StepUpModel = Frame & {
  asksPassword: boolean;
  hasPassword: boolean;
  asksCode: boolean;
  hasFactor: boolean;
  takesCodes: boolean;
  takesRecoveryCodes: boolean;
  passkey: PasskeyOffer | undefined;
  error?: StepUpError | undefined;
};

/** Asks who is signed in for their password, their second factor, or both; posts `password` and `code` to `/step-up`. */
export function stepUpPage(model: StepUpModel): Html {
  const { locale, error, passkey } = model;
  const words = locale.words.factors;
  const isAsking = model.asksPassword || model.asksCode;
  const hasField = canType(model) && (model.asksPassword ? model.hasPassword : model.asksCode);
  const title = isAsking || model.hasFactor ? words.stepUpTitle : words.noFactorTitle;
  return layout(model, {
    title: error ? locale.words.frame.errorTitle(title) : title,
    ...(passkey && { script: 'passkey.js' }),
    main: html`<h1>${title}</h1>
<p class="lead">${isAsking || model.hasFactor ? words.stepUpLead : words.noFactorLead}</p>
${error && (hasField ? fieldError : pageError)('code-error', words.errors[error], locale.words.frame.error)}
${isAsking ? ask(model) : !model.hasFactor && html`<p><a class="button" href="${model.base}/account/security">${words.setUp}</a></p>`}
${passkey && passkeyForm(model, '/step-up', passkey, { does: 'get', label: words.usePasskey, isSecond: isAsking && canType(model) })}`,
  });
}

function canType({ asksCode, takesCodes, takesRecoveryCodes }: StepUpModel): boolean {
  return !asksCode || takesCodes || takesRecoveryCodes;
}

function ask(model: StepUpModel): Html {
  const { words } = model.locale;
  const { asksPassword, asksCode, error } = model;
  if (asksPassword && !model.hasPassword) {
    return html`<p class="lead">${words.factors.signInAgain}</p>
${postForm(model, '/sign-out', html`<button>${words.frame.signOut}</button>`)}`;
  }
  if (!canType(model)) return html`<p class="note" data-without-passkeys>${words.factors.needsScript}</p>`;
  const password = field({
    name: 'password',
    label: words.factors.password,
    errorId: error && 'code-error',
    isInvalid: error === 'wrong_password' || error === 'missing',
    attributes: html`type="password" autocomplete="current-password" autofocus`,
  });
  return postForm(
    model,
    '/step-up',
    html`${asksPassword && password}
${asksCode && codeField(model, !asksPassword)}
<button>${words.factors.continue}</button>`,
  );
}
