import { type Html, html, type Renderable } from './html.ts';
import { type Frame, layout } from './layout.ts';

/** Something secret that has just been made, with what there is to say of it, and where to go then. */
export type Once = {
  title: string;
  lead: Renderable;
  value: string;
  /** Paragraphs below it. */
  notes?: Html | false | undefined;
  path: string;
  done: string;
};

/** A page that shows a secret, the only time. */
export function once(frame: Frame, { title, lead, value, notes, path, done }: Once): Html {
  const words = frame.locale.words.tokens.value;
  return layout(frame, {
    title,
    script: 'copy.js',
    main: html`<h1>${title}</h1>
<p class="lead">${lead}</p>
<p class="value"><code id="value">${value}</code></p>
<div><button type="button" class="quiet" data-copy="value" data-copied="${words.copied}" hidden>${words.copy}</button></div>
${notes}
<p class="note"><a href="${frame.base}${path}">${done}</a></p>`,
  });
}
