import { type Html, html } from './html.ts';
import { type Frame, layout } from './layout.ts';

/** How a request of a device ended. `refused`: another account opened it first; `powerless`: the person had nothing to give. */
export type Outcome = 'allowed' | 'denied' | 'expired' | 'already_used' | 'refused' | 'powerless';

/** `clientName` is left out where the person may not learn whose request it was. */
export type OutcomeModel = Frame & {
  outcome: Outcome;
  clientName?: string | undefined;
};

const good: readonly Outcome[] = ['allowed', 'denied'];

/** The last page of a device login: what happened, and that the device is the place to go on. */
export function outcomePage(model: OutcomeModel): Html {
  const { outcome: words, frame } = model.locale.words;
  const { heading, sentence } = words[model.outcome];
  const isError = !good.includes(model.outcome);
  const client = model.clientName ? html`<strong><bdi>${model.clientName}</bdi></strong>` : words.someDevice;
  return layout(model, {
    title: isError ? frame.errorTitle(heading) : heading,
    main: html`<div class="door ${model.outcome === 'allowed' ? 'open' : 'shut'}"></div>
<h1>${heading}</h1>
<p class="lead">${typeof sentence === 'string' ? sentence : sentence(client)}</p>
${isError && html`<p class="note"><a href="${model.base}/device">${words.enterNewCode}</a></p>`}`,
  });
}
