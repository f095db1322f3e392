import { postForm } from './form.ts';
import { type Html, html } from './html.ts';
import { type Frame, layout } from './layout.ts';
import type { Locale } from './locale.ts';

/** An identity provider as people choose it. */
export type ProviderChoice = { id: string; name: string };

/** The ways in besides a password; each button posts `provider` to `/sign-in/provider`. */
export function providerChoices(
  frame: { base: string; csrf: string; locale: Locale },
  providers: readonly ProviderChoice[],
): Html {
  const words = frame.locale.words.provider;
  return html`<div class="providers">
${postForm(
  frame,
  '/sign-in/provider',
  html`${providers.map(
    ({
      id,
      name,
    }) => html`<button name="provider" value="${id}" class="choice">${words.signInWith(name)}</button>
`,
  )}`,
)}
<h2>${words.orWithPassword}</h2>
</div>`;
}

/** Leads to `url` at the provider; for browsers that do not go there by themselves. */
export function leavingPage(model: Frame & { provider: string; url: string }): Html {
  const { provider, url, locale } = model;
  const words = locale.words.provider.leaving;
  return layout(model, {
    title: words.title(provider),
    main: html`<h1>${words.heading(provider)}</h1>
<p class="lead">${words.lead}</p>
<p><a class="button" href="${url}">${words.go(provider)}</a></p>`,
  });
}

/** Why a sign-in at a provider came to nothing; `email` is what it calls the person. */
export type ProviderProblem =
  | { problem: 'gone' | 'lost' | 'too_many_tries' }
  | { problem: 'stopped' | 'unavailable' | 'untrustworthy'; provider: string }
  | {
      problem: 'email_unverified' | 'account_exists' | 'disabled' | 'stranger';
      provider: string;
      organization?: string | undefined;
      email?: string | undefined;
    };

/** Says what went wrong, and whom to ask. */
export function providerProblemPage(model: Frame & { problem: ProviderProblem }): Html {
  const { base, locale, problem } = model;
  const { frame, provider: words } = locale.words;
  const { title } = words.problems[problem.problem];
  return layout(model, {
    title: frame.errorTitle(title),
    main: html`<h1>${title}</h1>
<p class="lead">${leadOf(locale, problem)}</p>
<p><a class="button" href="${base}/sign-in">${words.again}</a></p>`,
  });
}

function leadOf({ words }: Locale, about: ProviderProblem): Html | string {
  const { problems } = words.provider;
  switch (about.problem) {
    case 'stopped':
    case 'unavailable':
    case 'untrustworthy':
    case 'email_unverified':
      return problems[about.problem].lead(about.provider);
    case 'account_exists':
      return problems.account_exists.lead(about.provider, about.email);
    case 'stranger': {
      const { provider, email, organization } = about;
      return organization === undefined
        ? problems.stranger.lead(provider, email)
        : problems.stranger.leadIn(provider, email, organization);
    }
    default:
      return problems[about.problem].lead;
  }
}
