import { field, fieldError, pageError, postForm } from './form.ts';
import { type Html, html } from './html.ts';
import { type Frame, layout } from './layout.ts';
import { type SomeSessions, sessionSection } from './sessions.ts';

/** Why a password was not changed; `least` and `most` count characters. */
export type PasswordChangeError =
  | { error: 'wrong' | 'different' | 'control_character' | 'guessable' | 'changed_meanwhile' }
  | { error: 'too_short'; least: number }
  | { error: 'too_long'; most: number };

/** A passkey in the list of its person's. */
export type ShownPasskey = {
  id: string;
  name: string;
  isSynced: boolean;
  addedAt: Date;
  usedAt: Date | undefined;
};

/** How somebody signs in, and where they are signed in. */
export type SecurityModel = Frame & {
  email: string;
  now: Date;
  password: { changedAt: Date | undefined } | undefined;
  least: number;
  isPasswordChanged?: boolean;
  error?: PasswordChangeError | undefined;
  /** What was ticked beside a password that was refused. */
  endsTokens?: boolean;
  /** Why something else was not done. */
  refusal?: string | undefined;
  totpSince: Date | undefined;
  canHavePasskeys: boolean;
  passkeys: readonly ShownPasskey[];
  recoveryCodes: number;
  /** What ends with the password, where that is wanted; `shared` are values of tokens that others have, too. */
  holdings: { devices: number; tokens: number; shared: number };
  sessions: SomeSessions;
};

const path = '/account/security';

/** The page about signing in; its forms post below `/account/security`. */
export function securityPage(model: SecurityModel): Html {
  const { tokens, frame, security: words } = model.locale.words;
  const { refusal } = model;
  const hasFactor = model.totpSince !== undefined || model.passkeys.length > 0;
  return layout(model, {
    title: model.error || refusal ? frame.errorTitle(words.title) : words.title,
    main: html`<h1>${words.title}</h1>
<p class="lead">${words.lead}</p>
${refusal && pageError('security-error', html`${tokens.refused} ${refusal}`, frame.error)}
${passwordSection(model)}
${passkeySection(model)}
${totpSection(model)}
${hasFactor && codesSection(model)}
${sessionSection({ ...model, ...model.sessions })}`,
  });
}

function passwordSection(model: SecurityModel): Html {
  const { locale, error, now } = model;
  const words = locale.words.security.password;
  const { password } = model;
  const at = password?.changedAt;
  return html`<section aria-labelledby="password-title">
<h2 id="password-title">${words.title}</h2>
${password ? at && html`<p class="hint">${words.changed(locale.ago(at, now))}</p>` : html`<p class="hint">${words.none}</p>`}
${model.isPasswordChanged && html`<p class="done" role="status">${words.done}</p>`}
${password && passwordForm(model, error)}
</section>`;
}

function passwordForm(model: SecurityModel, error: PasswordChangeError | undefined): Html {
  const { locale } = model;
  const words = locale.words.security.password;
  const errorId = error && 'password-error';
  const input = (name: string, label: string, autocomplete: string, isInvalid: boolean, hint?: string) =>
    field({
      name,
      label,
      ...(hint !== undefined && { hint }),
      errorId,
      isInvalid,
      // None keeps what was typed, so all of it is typed again.
      attributes: html`type="password" autocomplete="${autocomplete}"${error && name === 'present_password' && html` autofocus`}`,
    });
  const isPresentWrong = error?.error === 'wrong';
  const isNextWrong = error !== undefined && !isPresentWrong;
  return postForm(
    model,
    `${path}/password`,
    html`${error && fieldError('password-error', whyNot(model, error), locale.words.frame.error)}
<input type="hidden" name="username" autocomplete="username" value="${model.email}">
${input('present_password', words.present, 'current-password', isPresentWrong)}
${input('password', words.next, 'new-password', isNextWrong, words.nextHint(model.least))}
${input('password_again', words.again, 'new-password', isNextWrong)}
${endsTokens(model)}
<p class="hint">${words.effect}</p>
<button class="quiet">${words.change}</button>`,
  );
}

function endsTokens({ locale, holdings, endsTokens: isTicked }: SecurityModel): Html {
  const words = locale.words.security.password;
  const acts = (['devices', 'tokens', 'shared'] as const)
    .filter((kind) => holdings[kind] > 0)
    .map((kind) => words.ends[kind](holdings[kind], locale.number(holdings[kind])));
  if (acts.length === 0) return html`<p class="hint">${words.nothingEnds}</p>`;
  return html`<label class="check"><input type="checkbox" name="ends_tokens" value="yes"${isTicked && html` checked`}> ${words.endsToo(acts.reduce(words.and))}</label>`;
}

function whyNot({ locale }: SecurityModel, error: PasswordChangeError): string {
  const { errors } = locale.words.security.password;
  if (error.error === 'too_short') return errors.too_short(error.least);
  if (error.error === 'too_long') return errors.too_long(error.most);
  return errors[error.error];
}

function passkeySection(model: SecurityModel): Html {
  const { locale, passkeys, base } = model;
  const words = locale.words.security.passkeys;
  return html`<section aria-labelledby="passkeys-title">
<h2 id="passkeys-title">${words.title}</h2>
<p class="hint">${model.canHavePasskeys ? words.lead : words.impossible}</p>
${passkeys.length > 0 && html`<ul class="things">${passkeys.map((passkey) => passkeyItem(model, passkey))}</ul>`}
${model.canHavePasskeys && html`<p><a class="button quiet" href="${base}${path}/passkey">${words.add}</a></p>`}
</section>`;
}

function passkeyItem(model: SecurityModel, { id, name, isSynced, addedAt, usedAt }: ShownPasskey): Html {
  const { locale, now } = model;
  const words = locale.words.security.passkeys;
  const facts = [
    words.added(locale.ago(addedAt, now)),
    usedAt ? words.used(locale.ago(usedAt, now)) : words.unused,
    ...(isSynced ? [words.synced] : []),
  ];
  const idField = html`<input type="hidden" name="id" value="${id}">`;
  return html`<li class="thing">
<div>
<p><strong><bdi>${name}</bdi></strong></p>
<p class="hint">${facts.map((fact, index) => html`${index > 0 && ' · '}${fact}`)}</p>
</div>
<details>
<summary class="rename">${words.rename}</summary>
${postForm(
  model,
  `${path}/passkeys/rename`,
  html`${idField}
<div class="field"><label for="name-${id}">${words.name}</label>
<input id="name-${id}" name="name" value="${name}" required type="text" maxlength="100" autocomplete="off"></div>
<button class="quiet">${words.rename}</button>`,
)}
</details>
${postForm(model, `${path}/passkeys/remove`, html`${idField}<button class="danger small" aria-label="${`${words.remove}: ${name}`}">${words.remove}</button>`)}
</li>`;
}

function totpSection(model: SecurityModel): Html {
  const { locale, totpSince, now, base } = model;
  const words = locale.words.security.totp;
  return html`<section aria-labelledby="totp-title">
<h2 id="totp-title">${words.title}</h2>
<p class="hint">${totpSince ? words.on(locale.ago(totpSince, now)) : words.off}</p>
<div class="acts">
<a class="button quiet" href="${base}${path}/totp">${totpSince ? words.replace : words.setUp}</a>
${totpSince && postForm(model, `${path}/totp/remove`, html`<button class="danger">${words.remove}</button>`)}
</div>
</section>`;
}

function codesSection(model: SecurityModel): Html {
  const { locale, recoveryCodes } = model;
  const words = locale.words.security.codes;
  return html`<section aria-labelledby="codes-title">
<h2 id="codes-title">${words.title}</h2>
<p class="hint">${recoveryCodes > 0 ? words.left(recoveryCodes, locale.number(recoveryCodes)) : words.none}</p>
${postForm(
  model,
  `${path}/recovery-codes`,
  html`<p class="hint">${words.effect}</p>
<button class="quiet">${words.make}</button>`,
)}
</section>`;
}
