import { type Html, html } from './html.ts';
import { type Frame, layout } from './layout.ts';

/** How a request of a device ended. `refused`: another account opened it first; `powerless`: the person had nothing to give. */
export type Outcome = 'allowed' | 'denied' | 'expired' | 'already_used' | 'refused' | 'powerless';

/** `clientName` is left out where the person may not learn whose request it was. */
export type OutcomeModel = Frame & {
  outcome: Outcome;
  clientName?: string | undefined;
};

type Ending = { heading: string; isError: boolean; sentence: (client: Html) => Html };

const endings: Record<Outcome, Ending> = {
  allowed: {
    heading: 'Your device is connected',
    isError: false,
    sentence: (client) =>
      html`You allowed ${client}. Go back to your device; it goes on by itself in a moment.`,
  },
  denied: {
    heading: 'You denied it',
    isError: false,
    sentence: (client) =>
      html`You did not let ${client} in. Nothing was shared. If it was your device after all, go back to it and start again.`,
  },
  expired: {
    heading: 'This code has ended',
    isError: true,
    sentence: () => html`Nothing was shared. Go back to your device and ask it for a new code.`,
  },
  already_used: {
    heading: 'This code was already used',
    isError: true,
    sentence: () =>
      html`It was answered before. Go back to your device; if it still waits, ask it for a new code.`,
  },
  refused: {
    heading: 'Another account opened this code',
    isError: true,
    sentence: () =>
      html`Only the account that opened it may answer. Go back to your device and ask it for a new code.`,
  },
  powerless: {
    heading: 'You cannot allow this',
    isError: true,
    sentence: () =>
      html`Nothing was shared. What you may do has changed since the page was loaded. Enter the code again to see what is left.`,
  },
};

/** The last page of a device login: what happened, and that the device is the place to go on. */
export function outcomePage(model: OutcomeModel): Html {
  const { heading, isError, sentence } = endings[model.outcome];
  const client = model.clientName ? html`<strong><bdi>${model.clientName}</bdi></strong>` : html`the device`;
  return layout(model, {
    title: isError ? `Error: ${heading}` : heading,
    main: html`<div class="door ${model.outcome === 'allowed' ? 'open' : 'shut'}"></div>
<h1>${heading}</h1>
<p class="lead">${sentence(client)}</p>
${isError && html`<p class="note"><a href="${model.base}/device">Enter a new code</a></p>`}`,
  });
}
