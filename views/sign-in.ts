import { field, fieldError, postForm } from './form.ts';
import { type Html, html } from './html.ts';
import { type Frame, layout } from './layout.ts';
import { type PasskeyOffer, passkeyForm } from './passkey.ts';
import { type ProviderChoice, providerChoices } from './provider.ts';

/** Why nobody was signed in. An unknown email and a wrong password are both `wrong`, on purpose. */
export type SignInError = 'wrong' | 'too_many_tries' | 'missing' | 'passkey' | 'no_provider';

/** `userCode` is the code that waits for this sign-in, posted along; `demo` is for development only. */
export type SignInModel = Frame & {
  userCode?: string | undefined;
  email?: string | undefined;
  error?: SignInError | undefined;
  demo?: { email: string; password: string } | undefined;
  passkey?: PasskeyOffer | undefined;
  /** Identity providers to choose from. */
  providers?: readonly ProviderChoice[];
  /** Whether the domain of an address can lead to more of them; and the organization that was named, posted along. */
  canAskByEmail?: boolean;
  organization?: string | undefined;
};

/** The page that asks for email and password; posts `email`, `password` and a waiting `user_code` to `/sign-in`. */
export function signInPage(model: SignInModel): Html {
  const { userCode, email, error, demo, passkey, providers = [], canAskByEmail, organization } = model;
  const { signIn: words, frame } = model.locale.words;
  const errorId = error && 'sign-in-error';
  const isInvalid = error === 'missing' || error === 'wrong';
  const isEmailInvalid = isInvalid || error === 'no_provider';
  const focus = html` autofocus`;
  return layout(model, {
    title: error ? frame.errorTitle(words.title) : words.title,
    ...(passkey && { script: 'passkey.js' }),
    main: html`<h1>${words.title}</h1>
<p class="lead">${userCode ? words.leadWithCode(userCode) : words.lead}</p>
${providers.length > 0 && providerChoices(model, providers)}
${demo && demoHint(model, demo)}
${postForm(
  model,
  '/sign-in',
  html`${userCode && html`<input type="hidden" name="user_code" value="${userCode}">`}
${organization !== undefined && html`<input type="hidden" name="organization" value="${organization}">`}
${error && fieldError('sign-in-error', words.errors[error], frame.error)}
${field({
  name: 'email',
  label: words.email,
  value: email,
  errorId,
  isInvalid: isEmailInvalid,
  attributes: html`type="email" autocomplete="username" autocapitalize="none" spellcheck="false"${!email && focus}`,
})}
${field({
  name: 'password',
  label: words.password,
  errorId,
  isInvalid,
  attributes: html`type="password" autocomplete="current-password"${email && focus}`,
})}
<button>${words.submit}</button>
${canAskByEmail && html`<button name="way" value="organization" class="quiet">${words.byOrganization}</button>`}`,
)}
${passkey && passkeyForm(model, '/sign-in/passkey', passkey, { does: 'get', label: model.locale.words.factors.usePasskey, isSecond: true })}
<p class="note"><a href="${model.base}/device">${userCode ? words.enterAnotherCode : model.locale.words.welcome.enterCode}</a></p>`,
  });
}

function demoHint({ locale }: Frame, demo: { email: string; password: string }): Html {
  const words = locale.words.signIn;
  return html`<dl class="facts demo">
<div><dt>${words.demoEmail}</dt><dd><code>${demo.email}</code></dd></div>
<div><dt>${words.demoPassword}</dt><dd><code>${demo.password}</code></dd></div>
</dl>`;
}
