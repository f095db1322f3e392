import { field, fieldError, postForm } from './form.ts';
import { type Html, html } from './html.ts';
import { type Frame, layout } from './layout.ts';

/** Why a link was not taken. One that was used, has run out, was taken back or never was is `unknown`, on purpose. */
export type JoinError = 'missing' | 'unknown' | 'too_many_tries';

/** The page that a link of an invitation leads to. */
export type JoinModel = Frame & { error?: JoinError | undefined };

/**
 * Takes the text of an invitation, which stands behind the `#` of its link; posts `invitation` to `/join`. A script of ours
 * does that by itself; without one, people paste the link.
 */
export function joinPage(model: JoinModel): Html {
  const { error } = model;
  const { join: words, frame } = model.locale.words;
  return layout(model, {
    title: error ? frame.errorTitle(words.title) : words.title,
    script: 'join.js',
    main: html`<h1>${words.title}</h1>
<p class="lead">${words.lead}</p>
${postForm(
  model,
  '/join',
  html`${error && fieldError('invitation-error', words.errors[error], frame.error)}
${field({
  name: 'invitation',
  label: words.link,
  errorId: error && 'invitation-error',
  isInvalid: error === 'missing' || error === 'unknown',
  attributes: html`type="text" maxlength="2000" autocomplete="off" autocapitalize="none" spellcheck="false" autofocus`,
})}
<button>${words.continue}</button>`,
)}`,
  });
}

/** Why the password was not taken; `least` and `most` count characters. */
export type NewPasswordError =
  | { error: 'different' | 'control_character' | 'guessable' }
  | { error: 'too_short'; least: number }
  | { error: 'too_long'; most: number };

/**
 * An invitation, and what its person has to do: press a button (`accept`), choose a password (`register`), sign in first
 * (`sign_in`), or sign out, since another account is signed in (`foreign`).
 */
export type InvitationModel = Frame & {
  organization: string;
  role: 'administrator' | 'member';
  email: string;
  step: 'accept' | 'register' | 'sign_in' | 'foreign';
  least: number;
  error?: NewPasswordError | undefined;
};

/** Shows an invitation; posts to `/join/confirm`, with `password` and `password_again` from who is new. */
export function invitationPage(model: InvitationModel): Html {
  const { organization, role, email, error } = model;
  const { join: words, frame } = model.locale.words;
  const title = words.joinTitle(organization);
  return layout(model, {
    title: error ? frame.errorTitle(title) : title,
    main: html`<h1>${words.joinIt(organization)}</h1>
<p class="lead">${words.invited[role](email)}</p>
${stepOf(model)}`,
  });
}

function stepOf(model: InvitationModel): Html {
  const { base, organization, email } = model;
  const words = model.locale.words.join;
  switch (model.step) {
    case 'accept':
      return postForm(model, '/join/confirm', html`<button>${words.joinIt(organization)}</button>`);
    case 'register':
      return register(model);
    case 'sign_in':
      return html`<p class="lead">${words.signInFirst}</p>
<p><a class="button" href="${base}/sign-in">${words.signIn}</a></p>`;
    case 'foreign':
      return html`<p class="warning">${words.foreign(model.account?.email, email)}</p>
${postForm(model, '/sign-out', html`<button>${words.signOut}</button>`)}`;
  }
}

function register(model: InvitationModel): Html {
  const { error, locale } = model;
  const { join: words, frame } = locale.words;
  const errorId = error && 'password-error';
  const password = (name: string, label: string, hint?: string) =>
    field({
      name,
      label,
      ...(hint !== undefined && { hint }),
      errorId,
      isInvalid: error !== undefined,
      attributes: html`type="password" autocomplete="new-password"${name === 'password' && html` autofocus`}`,
    });
  return postForm(
    model,
    '/join/confirm',
    html`${error && fieldError('password-error', whyNot(model, error), frame.error)}
<input type="hidden" name="username" autocomplete="username" value="${model.email}">
${password('password', words.choosePassword, words.passwordHint(locale.number(model.least)))}
${password('password_again', words.passwordAgain)}
<button>${words.joinIt(model.organization)}</button>`,
  );
}

function whyNot({ locale }: Frame, problem: NewPasswordError): string {
  const words = locale.words.join.passwordErrors;
  switch (problem.error) {
    case 'too_short':
      return words.too_short(locale.number(problem.least));
    case 'too_long':
      return words.too_long(locale.number(problem.most));
    default:
      return words[problem.error];
  }
}

/** The page after joining. */
export function joinedPage(model: Frame & { organization: string }): Html {
  const { organization } = model;
  const words = model.locale.words.join;
  return layout(model, {
    title: words.joinedTitle(organization),
    main: html`<div class="door open"></div>
<h1>${words.joined(organization)}</h1>
<p class="lead">${words.joinedLead}</p>
<p><a class="button" href="${model.base}/device">${words.enterCode}</a></p>`,
  });
}
