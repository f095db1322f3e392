import { type Html, html } from './html.ts';
import { type Frame, layout } from './layout.ts';

/** `sentence` replaces what the page says by itself for `code`, else for `status`; it is shown to anybody. */
export type ErrorModel = Frame & {
  status: number;
  code?: string | undefined;
  requestId: string;
  sentence?: string | undefined;
};

/** The page for every answer that is an error. The request id finds it in the server's log. */
export function errorPage(model: ErrorModel): Html {
  const { base, locale, status, code, requestId, sentence } = model;
  const { error: words, frame } = locale.words;
  const statuses: Partial<Record<number, { heading: string; sentence: string }>> = words.statuses;
  const ofStatus = statuses[status] ?? (status < 500 ? words.badRequest : words.failure);
  const said = code === 'form_expired' ? words.formExpired : ofStatus;
  return layout(model, {
    title: frame.errorTitle(said.heading),
    requestId,
    main: html`<h1>${said.heading}</h1>
<p class="lead">${sentence ?? said.sentence}</p>
<p class="note"><a href="${base}/device">${words.enterCode}</a></p>`,
  });
}
