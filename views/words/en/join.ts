import { html, type Renderable } from '../../html.ts';

/** The pages that a link of an invitation leads to. */
export const join = {
  title: 'Your invitation',
  lead: 'Somebody has asked you into their organization. Paste the link that you got.',
  link: 'Link',
  continue: 'Continue',
  errors: {
    missing: 'Paste the link of your invitation.',
    unknown: 'This invitation does not work. It was used, has run out, or was taken back. Ask for a new one.',
    too_many_tries: 'Too many tries. Wait a few minutes, then try again.',
  },
  joinTitle: (organization: string) => `Join ${organization}`,
  joinIt: (organization: Renderable) => html`Join <bdi>${organization}</bdi>`,
  invited: {
    administrator: (email: Renderable) =>
      html`You are invited as an administrator, as <strong><bdi>${email}</bdi></strong>.`,
    member: (email: Renderable) =>
      html`You are invited as a member, as <strong><bdi>${email}</bdi></strong>.`,
  },
  signInFirst: 'There is an account with this address. Sign in with it, then you can join.',
  signIn: 'Sign in',
  foreign: (account: Renderable, email: Renderable) =>
    html`You are signed in as <strong><bdi>${account}</bdi></strong>, and this invitation is for <strong><bdi>${email}</bdi></strong>. Sign out, then open the link of the invitation again.`,
  signOut: 'Sign out',
  choosePassword: 'Choose a password',
  passwordHint: (least: string) =>
    `At least ${least} characters. A few words that do not belong together are good.`,
  passwordAgain: 'The same password again',
  passwordErrors: {
    different: 'The two passwords are not the same. Type both again.',
    too_short: (least: string) => `This password is too short. Use at least ${least} characters.`,
    too_long: (most: string) => `This password is too long. Use at most ${most} characters.`,
    control_character:
      'This password has a character in it that cannot be typed everywhere. Choose another one.',
    guessable: 'This password is easy to guess. Choose one that nobody would think of.',
  },
  joinedTitle: (organization: string) => `Welcome to ${organization}`,
  joined: (organization: Renderable) => html`Welcome to <bdi>${organization}</bdi>`,
  joinedLead: 'You are in. Programs and devices that you allow from now on may act for you there.',
  enterCode: 'Enter a code',
};
