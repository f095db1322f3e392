import { html, type Renderable } from '../../html.ts';

/** Proving who one is, beside a password or instead of one. */
export const factors = {
  title: 'One more step',
  lead: (email: Renderable) =>
    html`Your password is right. Now prove that it is you, <strong><bdi>${email}</bdi></strong>.`,
  usePasskey: 'Use a passkey',
  failed: 'That did not work, or you turned away. Try again, or choose another way.',
  needsScript: 'Your passkey needs a browser with scripts switched on.',
  code: 'Code',
  codeHint: 'Six digits from your authenticator app, or one of your recovery codes.',
  recoveryCode: 'Recovery code',
  recoveryHint: 'As your authenticator app or your list shows it.',
  continue: 'Continue',
  again: 'Start again',
  password: 'Password',
  stepUpTitle: 'Is it still you?',
  stepUpLead:
    'The next step needs to be sure that it is you. Prove who you are once more; then you go on where you were.',
  signInAgain: 'You have no password here. Sign out, then sign in again as you did before.',
  signInAgainAt: (provider: Renderable) => html`Sign in again at <bdi>${provider}</bdi>`,
  noFactorTitle: 'A second factor is needed',
  noFactorLead:
    'What you want to do needs more than a password. Set up an authenticator app or a passkey first.',
  setUp: 'Set one up',
  errors: {
    missing: 'Fill in what is asked for.',
    wrong: 'This code does not work. Each works once; wait for the next one, or use another.',
    wrong_password: 'This is not your password. Try again.',
    passkey: 'This passkey does not work here. Choose another way.',
    too_many_tries: 'Too many tries. Wait a few minutes, then try again.',
    provider_stopped: 'The sign-in there was stopped. Try again, or choose another way.',
    provider_unavailable:
      'There is no answer from there just now. Try again in a moment, or choose another way.',
    provider_not_anew:
      'The answer from there does not say for certain that you have just signed in. Try again, or choose another way.',
    provider_other_person: 'Somebody else has signed in there. Sign in as yourself.',
    provider_single_factor:
      'You have signed in there, but with no second factor, as far as we are told. It is still needed.',
  },
};
