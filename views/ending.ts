import { postForm } from './form.ts';
import { type Html, html, type Renderable } from './html.ts';
import { type Frame, layout } from './layout.ts';

/** Something that ends for good: what it is, what ends with it, where it is ended, and the way back. */
export type Ending = {
  plainTitle: string;
  title: Renderable;
  lead: Renderable;
  losses: Renderable;
  path: string;
  back: string;
  cancel: string;
  confirm: string;
  /** What else the form sends. */
  fields?: Html | false;
};

/** A page that says what will break, before it does. */
export function ending(frame: Frame, about: Ending): Html {
  const { plainTitle, title, lead, losses, path, back, cancel, confirm, fields } = about;
  return layout(frame, {
    title: plainTitle,
    main: html`<h1>${title}</h1>
<p class="lead">${lead}</p>
<p class="warning">${losses}</p>
${postForm(
  frame,
  path,
  html`${fields}<div class="decision">
<a class="button quiet" href="${frame.base}${back}">${cancel}</a>
<button class="danger">${confirm}</button>
</div>`,
)}`,
  });
}
