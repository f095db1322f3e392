import { type Chart, chart, type DrawnDay } from './chart.ts';
import { type Html, html } from './html.ts';
import { type Frame, layout } from './layout.ts';

/** What is drawn. */
export type Drawn = 'tokens' | 'signIns' | 'devices';

/** What has happened lately, and what waits for who reads it. */
export type ActivityModel = Frame & {
  drawn: Readonly<Record<Drawn, readonly DrawnDay[]>>;
  waiting: { tokens: number; invitations: number };
};

/** The page that draws what has happened. */
export function activityPage(model: ActivityModel): Html {
  const { base, locale, drawn } = model;
  const words = locale.words.activity;
  const draw = (name: Drawn) => {
    const about: Chart = { ...words[name], days: drawn[name] };
    return chart(locale, about);
  };
  return layout(model, {
    title: words.title,
    main: html`<h1>${words.title}</h1>
<p class="lead">${words.lead}</p>
${waiting(model)}
<div class="charts">
${draw('tokens')}
${draw('signIns')}
${draw('devices')}
</div>
<p class="note"><a href="${base}/admin/audit">${words.log}</a></p>`,
  });
}

function waiting({ base, locale, waiting: { tokens, invitations } }: ActivityModel): Html {
  const words = locale.words.activity.waiting;
  if (tokens + invitations === 0) return html`<p class="empty">${words.nothing}</p>`;
  return html`<section class="waiting">
<h2>${words.title}</h2>
<ul>
${tokens > 0 && html`<li><a href="${base}/admin/tokens?state=waiting">${words.tokens(locale.number(tokens))}</a></li>`}
${invitations > 0 && html`<li><a href="${base}/admin/members">${words.invitations(locale.number(invitations))}</a></li>`}
</ul>
</section>`;
}
