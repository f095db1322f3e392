import { html, type Renderable } from '../../html.ts';

/** Signing in at an identity provider. */
export const provider = {
  signInWith: (name: Renderable) => html`Sign in with <bdi>${name}</bdi>`,
  orWithPassword: 'Or with email and password',
  leaving: {
    title: (name: string) => `To ${name}`,
    heading: (name: Renderable) => html`You are being taken to <bdi>${name}</bdi>`,
    lead: 'Sign in there, and you come back here.',
    go: (name: Renderable) => html`Go on to <bdi>${name}</bdi>`,
  },
  again: 'Back to the sign-in',
  problems: {
    stopped: {
      title: 'You are not signed in',
      lead: (name: Renderable) => html`The sign-in at <bdi>${name}</bdi> was stopped. Nothing was changed.`,
    },
    unavailable: {
      title: 'Not available just now',
      lead: (name: Renderable) =>
        html`<bdi>${name}</bdi> does not answer. Try again in a moment, or sign in another way.`,
    },
    untrustworthy: {
      title: 'That did not work',
      lead: (name: Renderable) =>
        html`What <bdi>${name}</bdi> has answered cannot be trusted, so nobody was signed in. Try again; if it happens again, tell who runs this server.`,
    },
    lost: {
      title: 'This sign-in is over',
      lead: 'It was begun in another browser, was finished already, or took longer than ten minutes. Start again.',
    },
    gone: {
      title: 'There is no such sign-in',
      lead: 'Choose another way to sign in.',
    },
    too_many_tries: {
      title: 'Too many tries',
      lead: 'Wait a few minutes, then try again.',
    },
    email_unverified: {
      title: 'Your address is not verified',
      lead: (name: Renderable) =>
        html`<bdi>${name}</bdi> does not say that your email address is yours. Verify it there, then sign in again.`,
    },
    account_exists: {
      title: 'Sign in as before',
      lead: (name: Renderable, email: Renderable) =>
        html`<strong><bdi>${email}</bdi></strong> has an account here that does not belong to your sign-in at <bdi>${name}</bdi>. Sign in as you did before, or ask who runs this server.`,
    },
    disabled: {
      title: 'You cannot sign in',
      lead: 'Your account here is disabled, or you are no member any more. Ask an administrator of your organization.',
    },
    stranger: {
      title: 'You have no account here',
      lead: (name: Renderable, email: Renderable) =>
        html`<bdi>${name}</bdi> knows you as <strong><bdi>${email}</bdi></strong>. Ask an administrator of your organization for an invitation to this address.`,
      leadIn: (name: Renderable, email: Renderable, organization: Renderable) =>
        html`<bdi>${name}</bdi> knows you as <strong><bdi>${email}</bdi></strong>. Ask an administrator of <bdi>${organization}</bdi> for an invitation to this address.`,
    },
  },
};
