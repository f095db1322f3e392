import { field, fieldError, postForm } from './form.ts';
import { type Html, html } from './html.ts';
import { type Frame, layout } from './layout.ts';

/** Why nobody was signed in. An unknown email and a wrong password are both `wrong`, on purpose. */
export type SignInError = 'wrong' | 'too_many_tries' | 'missing';

/** `userCode` is the code that waits for this sign-in, posted along; `demo` is for development only. */
export type SignInModel = Frame & {
  userCode?: string | undefined;
  email?: string | undefined;
  error?: SignInError | undefined;
  demo?: { email: string; password: string } | undefined;
};

const sentences: Record<SignInError, string> = {
  missing: 'Enter your email and your password.',
  wrong: 'This email and password do not go together. Check both and try again.',
  too_many_tries: 'Too many tries. Wait a few minutes, then try again.',
};

/** The page that asks for email and password; posts `email`, `password` and a waiting `user_code` to `/sign-in`. */
export function signInPage(model: SignInModel): Html {
  const { userCode, email, error, demo } = model;
  const errorId = error && 'sign-in-error';
  const isInvalid = error === 'missing' || error === 'wrong';
  const focus = html` autofocus`;
  return layout(model, {
    title: error ? 'Error: Sign in' : 'Sign in',
    main: html`<h1>Sign in</h1>
<p class="lead">${
      userCode
        ? html`Sign in to allow the device that shows <code><bdi>${userCode}</bdi></code>.`
        : 'Sign in with your account.'
    }</p>
${demo && demoHint(demo)}
${postForm(
  model,
  '/sign-in',
  html`${userCode && html`<input type="hidden" name="user_code" value="${userCode}">`}
${error && fieldError('sign-in-error', sentences[error])}
${field({
  name: 'email',
  label: 'Email',
  value: email,
  errorId,
  isInvalid,
  attributes: html`type="email" autocomplete="username" autocapitalize="none" spellcheck="false"${!email && focus}`,
})}
${field({
  name: 'password',
  label: 'Password',
  errorId,
  isInvalid,
  attributes: html`type="password" autocomplete="current-password"${email && focus}`,
})}
<button>Sign in</button>`,
)}
<p class="note"><a href="${model.base}/device">Enter another code</a></p>`,
  });
}

function demoHint(demo: { email: string; password: string }): Html {
  return html`<dl class="facts demo">
<div><dt>Demo email</dt><dd><code>${demo.email}</code></dd></div>
<div><dt>Demo password</dt><dd><code>${demo.password}</code></dd></div>
</dl>`;
}
