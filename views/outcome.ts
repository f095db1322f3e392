import { postForm } from './form.ts';
import { type Html, html } from './html.ts';
import { type Frame, layout } from './layout.ts';

/**
 * How a request of a device ended. `refused`: another account opened it first; `powerless`: the person had nothing to give;
 * `numbers_spent`: they typed too many wrong numbers; `undone`: they allowed it and took that back.
 */
export type Outcome =
  | 'allowed'
  | 'denied'
  | 'undone'
  | 'reported'
  | 'expired'
  | 'already_used'
  | 'refused'
  | 'powerless'
  | 'numbers_spent';

/** `clientName` is left out where the person may not learn whose request it was. */
export type OutcomeModel = Frame & {
  outcome: Outcome;
  clientName?: string | undefined;
};

const calm: readonly Outcome[] = ['allowed', 'denied', 'undone', 'reported'];

/**
 * The last page of a device login: what happened, and that the device is the place to go on. What was allowed can be undone
 * there: it posts `decision=undo|report` to `/device/undo`.
 */
export function outcomePage(model: OutcomeModel): Html {
  const { base, outcome, clientName, locale } = model;
  const { words } = locale;
  const { heading, sentence } = words.outcome[outcome];
  const isError = !calm.includes(outcome);
  const client = clientName ? html`<strong><bdi>${clientName}</bdi></strong>` : words.outcome.someDevice;
  return layout(model, {
    title: isError ? words.frame.errorTitle(heading) : heading,
    main: html`<div class="door ${outcome === 'allowed' ? 'open' : 'shut'}"></div>
<h1>${heading}</h1>
<p class="lead">${typeof sentence === 'string' ? sentence : sentence(client)}</p>
${outcome === 'allowed' && second(model)}
${isError && html`<p class="note"><a href="${base}/device">${words.outcome.enterNewCode}</a></p>`}`,
  });
}

function second(model: OutcomeModel): Html {
  const { outcome, confirm } = model.locale.words;
  return postForm(
    model,
    '/device/undo',
    html`<p class="hint">${outcome.undoHint}</p>
<div class="after">
<button name="decision" value="undo" class="quiet">${outcome.undo}</button>
<button name="decision" value="report" class="link">${confirm.report}</button>
</div>`,
  );
}
