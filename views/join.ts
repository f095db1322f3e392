import { field, fieldError, postForm } from './form.ts';
import { type Html, html } from './html.ts';
import { type Frame, layout } from './layout.ts';

/** Why a link was not taken. One that was used, has run out, was taken back or never was is `unknown`, on purpose. */
export type JoinError = 'missing' | 'unknown' | 'too_many_tries';

/** The page that a link of an invitation leads to. */
export type JoinModel = Frame & { error?: JoinError | undefined };

const sentences: Record<JoinError, string> = {
  missing: 'Paste the link of your invitation.',
  unknown: 'This invitation does not work. It was used, has run out, or was taken back. Ask for a new one.',
  too_many_tries: 'Too many tries. Wait a few minutes, then try again.',
};

/**
 * Takes the text of an invitation, which stands behind the `#` of its link; posts `invitation` to `/join`. A script of ours
 * does that by itself; without one, people paste the link.
 */
export function joinPage(model: JoinModel): Html {
  const { error } = model;
  return layout(model, {
    title: error ? 'Error: Your invitation' : 'Your invitation',
    script: 'join.js',
    main: html`<h1>Your invitation</h1>
<p class="lead">Somebody has asked you into their organization. Paste the link that you got.</p>
${postForm(
  model,
  '/join',
  html`${error && fieldError('invitation-error', sentences[error])}
${field({
  name: 'invitation',
  label: 'Link',
  errorId: error && 'invitation-error',
  isInvalid: error === 'missing' || error === 'unknown',
  attributes: html`type="text" maxlength="2000" autocomplete="off" autocapitalize="none" spellcheck="false" autofocus`,
})}
<button>Continue</button>`,
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
  const { organization, role, error } = model;
  const as = role === 'administrator' ? 'an administrator' : 'a member';
  return layout(model, {
    title: `${error ? 'Error: ' : ''}Join ${organization}`,
    main: html`<h1>Join <bdi>${organization}</bdi></h1>
<p class="lead">You are invited as ${as}, as <strong><bdi>${model.email}</bdi></strong>.</p>
${stepOf(model)}`,
  });
}

function stepOf(model: InvitationModel): Html {
  const { base, organization, email } = model;
  switch (model.step) {
    case 'accept':
      return postForm(model, '/join/confirm', html`<button>Join <bdi>${organization}</bdi></button>`);
    case 'register':
      return register(model);
    case 'sign_in':
      return html`<p class="lead">There is an account with this address. Sign in with it, then you can join.</p>
<p><a class="button" href="${base}/sign-in">Sign in</a></p>`;
    case 'foreign':
      return html`<p class="warning">You are signed in as <strong><bdi>${model.account?.email}</bdi></strong>, and this invitation is for <strong><bdi>${email}</bdi></strong>. Sign out, then open the link of the invitation again.</p>
${postForm(model, '/sign-out', html`<button>Sign out</button>`)}`;
  }
}

function register(model: InvitationModel): Html {
  const { error } = model;
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
    html`${error && fieldError('password-error', whyNot(error))}
<input type="hidden" name="username" autocomplete="username" value="${model.email}">
${password('password', 'Choose a password', `At least ${model.least} characters. A few words that do not belong together are good.`)}
${password('password_again', 'The same password again')}
<button>Join <bdi>${model.organization}</bdi></button>`,
  );
}

function whyNot(error: NewPasswordError): string {
  switch (error.error) {
    case 'different':
      return 'The two passwords are not the same. Type both again.';
    case 'too_short':
      return `This password is too short. Use at least ${error.least} characters.`;
    case 'too_long':
      return `This password is too long. Use at most ${error.most} characters.`;
    case 'control_character':
      return 'This password has a character in it that cannot be typed everywhere. Choose another one.';
    case 'guessable':
      return 'This password is easy to guess. Choose one that nobody would think of.';
  }
}

/** The page after joining. */
export function joinedPage(model: Frame & { organization: string }): Html {
  const { organization } = model;
  return layout(model, {
    title: `Welcome to ${organization}`,
    main: html`<div class="door open"></div>
<h1>Welcome to <bdi>${organization}</bdi></h1>
<p class="lead">You are in. Programs and devices that you allow from now on may act for you there.</p>
<p><a class="button" href="${model.base}/device">Enter a code</a></p>`,
  });
}
