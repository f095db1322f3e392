import { field, fieldError, pageError, postForm } from './form.ts';
import { type Html, html } from './html.ts';
import { type Frame, layout } from './layout.ts';
import { type PasskeyOffer, passkeyForm } from './passkey.ts';
import { qrCode } from './qr.ts';

/** A secret for an authenticator app, and what the server knows it by. */
export type TotpModel = Frame & {
  secret: string;
  uri: string;
  enrolment: string;
  error?: 'wrong' | 'over' | undefined;
};

/** Shows a secret to be scanned, and asks for a code made with it; posts to `/account/security/totp`. */
export function totpPage(model: TotpModel): Html {
  const { locale, error } = model;
  const words = locale.words.security.totp;
  return layout(model, {
    title: error ? locale.words.frame.errorTitle(words.scanTitle) : words.scanTitle,
    main: html`<h1>${words.scanTitle}</h1>
<p class="lead">${words.scan}</p>
${qrCode(model.uri, words.qr)}
<dl class="facts"><div><dt>${words.secret}</dt><dd><code class="secret">${model.secret.replace(/.{4}(?=.)/g, '$& ')}</code></dd></div></dl>
${postForm(
  model,
  '/account/security/totp',
  html`<input type="hidden" name="enrolment" value="${model.enrolment}">
<input type="hidden" name="secret" value="${model.secret}">
${error && fieldError('code-error', words[error], locale.words.frame.error)}
${field({
  name: 'code',
  label: words.code,
  hint: words.codeHint,
  errorId: error && 'code-error',
  isInvalid: error !== undefined,
  attributes: html`class="code" type="text" inputmode="numeric" maxlength="6" autocomplete="one-time-code" spellcheck="false" autofocus`,
})}
<button>${words.confirm}</button>`,
)}`,
  });
}

/** What a browser makes a passkey from. */
export type NewPasskeyModel = Frame & {
  offer: PasskeyOffer;
  name?: string | undefined;
  error?: 'name' | 'refused' | 'over' | undefined;
};

/** Names a passkey and has the browser make it; posts to `/account/security/passkey`. */
export function newPasskeyPage(model: NewPasskeyModel): Html {
  const { locale, error } = model;
  const words = locale.words.security.passkeys;
  return layout(model, {
    title: error ? locale.words.frame.errorTitle(words.add) : words.add,
    script: 'passkey.js',
    main: html`<h1>${words.add}</h1>
<p class="lead">${words.addLead}</p>
${error && pageError('name-error', words.errors[error], locale.words.frame.error)}
<p class="note" data-without-passkeys>${words.needsScript}</p>
${passkeyForm(model, '/account/security/passkey', model.offer, {
  does: 'create',
  label: words.create,
  content: field({
    name: 'name',
    label: words.name,
    hint: words.nameHint,
    value: model.name,
    errorId: error && 'name-error',
    isInvalid: error === 'name',
    attributes: html`type="text" maxlength="100" autocomplete="off"`,
  }),
})}`,
  });
}

/** Shows new recovery codes, this once. */
export function recoveryCodesPage(model: Frame & { codes: readonly string[] }): Html {
  const words = model.locale.words.security.codes;
  return layout(model, {
    title: words.shownTitle,
    main: html`<h1>${words.shownTitle}</h1>
<p class="lead">${words.shownLead}</p>
<ol class="recovery">${model.codes.map((code) => html`<li><code>${code}</code></li>`)}</ol>
<p><a class="button" href="${model.base}/account/security">${words.kept}</a></p>`,
  });
}
