import { field, fieldError, pageError, postForm } from './form.ts';
import { type Html, html } from './html.ts';
import { type Frame, layout } from './layout.ts';
import { type PasskeyOffer, passkeyForm } from './passkey.ts';
import { codeField } from './second-factor.ts';

/** Why what somebody gave to prove who they are was not taken. */
export type StepUpError =
  | 'missing'
  | 'wrong'
  | 'wrong_password'
  | 'passkey'
  | 'too_many_tries'
  | 'provider_stopped'
  | 'provider_unavailable'
  | 'provider_not_anew'
  | 'provider_other_person'
  | 'provider_single_factor';

/** What is asked for anew, and what there is to answer with. `provider`: where they have signed in, and can once more. */
export type StepUpModel = Frame & {
  asksPassword: boolean;
  hasPassword: boolean;
  asksCode: boolean;
  hasFactor: boolean;
  takesCodes: boolean;
  takesRecoveryCodes: boolean;
  passkey: PasskeyOffer | undefined;
  provider?: string | undefined;
  error?: StepUpError | undefined;
};

/**
 * Asks who is signed in for their password, their second factor, or both; posts `password` and `code` to `/step-up`, and
 * nothing to `/step-up/provider`.
 */
export function stepUpPage(model: StepUpModel): Html {
  const { locale, error, passkey } = model;
  const words = locale.words.factors;
  const isAsking = model.asksPassword || model.asksCode;
  const hasField = canType(model) && (model.asksPassword ? model.hasPassword : model.asksCode);
  const isAboutField = hasField && !error?.startsWith('provider_');
  const title = isAsking || model.hasFactor ? words.stepUpTitle : words.noFactorTitle;
  return layout(model, {
    title: error ? locale.words.frame.errorTitle(title) : title,
    ...(passkey && { script: 'passkey.js' }),
    main: html`<h1>${title}</h1>
<p class="lead">${isAsking || model.hasFactor ? words.stepUpLead : words.noFactorLead}</p>
${error && (isAboutField ? fieldError : pageError)('code-error', words.errors[error], locale.words.frame.error)}
${isAsking ? (hasField || model.provider === undefined) && ask(model) : !model.hasFactor && html`<p><a class="button" href="${model.base}/account/security">${words.setUp}</a></p>`}
${passkey && passkeyForm(model, '/step-up', passkey, { does: 'get', label: words.usePasskey, isSecond: isAsking && canType(model) })}
${model.provider !== undefined && goToProvider(model, model.provider, !isAsking || hasField)}`,
  });
}

function goToProvider(model: StepUpModel, provider: string, isSecond: boolean): Html {
  const label = model.locale.words.factors.signInAgainAt(provider);
  return postForm(
    model,
    '/step-up/provider',
    html`<button${isSecond && html` class="quiet"`}>${label}</button>`,
  );
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
