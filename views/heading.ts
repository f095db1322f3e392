import { type Html, html, type Renderable } from './html.ts';

/** The top of a page that lists things: its title, what it is for, and the way to a new one for whoever may add any. */
export function heading(title: string, lead: string, action: Renderable): Html {
  return html`<div class="heading">
<div>
<h1>${title}</h1>
<p class="lead">${lead}</p>
</div>
${action}
</div>`;
}
