import { html, type Renderable } from '../../html.ts';

/** The page that asks who somebody is. */
export const signIn = {
  title: 'Sign in',
  lead: 'Sign in with your account.',
  leadWithCode: (userCode: Renderable) =>
    html`Sign in to allow the device that shows <code><bdi>${userCode}</bdi></code>.`,
  email: 'Email',
  password: 'Password',
  submit: 'Sign in',
  byOrganization: 'Sign in with my organization',
  enterAnotherCode: 'Enter another code',
  demoEmail: 'Demo email',
  demoPassword: 'Demo password',
  errors: {
    missing: 'Enter your email and your password.',
    wrong: 'This email and password do not go together. Check both and try again.',
    too_many_tries: 'Too many tries. Wait a few minutes, then try again.',
    no_provider:
      'No organization has a sign-in of its own here for this email. Check it, or sign in with your password.',
    passkey: 'This passkey does not work here. Sign in with your password.',
  },
};
