import { type Html, html } from './html.ts';
import type { Locale } from './locale.ts';

/** What is drawn of a day: how often it went well, and how often it did not. */
export type DrawnDay = { day: Date; good: number; bad: number };

/** Bars of days one beside the other, the bad on top of the good, with their names. */
export type Chart = {
  title: string;
  good: string;
  bad: string;
  days: readonly DrawnDay[];
};

// In units of the drawing; the stylesheet stretches it.
const step = 10;
const width = 8;
const height = 100;

/** A drawing for those who see it, and the same numbers in a table. */
export function chart(locale: Locale, { title, good, bad, days }: Chart): Html {
  const { words, number, day } = locale;
  const most = Math.max(0, ...days.map((each) => each.good + each.bad));
  const sum = (name: 'good' | 'bad') => number(days.reduce((total, each) => total + each[name], 0));
  const [first, last] = [days[0], days.at(-1)];
  return html`<figure class="chart">
<figcaption><h2>${title}</h2></figcaption>
${
  most > 0
    ? html`<p class="legend"><span class="good">${good}: <strong>${sum('good')}</strong></span> <span class="bad">${bad}: <strong>${sum('bad')}</strong></span></p>
<p class="axis" aria-hidden="true">${words.activity.most(number(most))}</p>
${drawing(locale, { title, good, bad, days }, most)}
${first && last && html`<p class="axis" aria-hidden="true"><span>${day(first.day)}</span> <span>${day(last.day)}</span></p>`}
${numbers(locale, { title, good, bad, days })}`
    : html`<p class="hint">${words.activity.quiet}</p>`
}
</figure>`;
}

function numbers({ words, number, day }: Locale, { title, good, bad, days }: Chart): Html {
  return html`<details class="more"><summary>${words.activity.asTable}<span class="unseen">: ${title}</span></summary>
<table class="numbers">
<caption class="unseen">${title}</caption>
<thead><tr>${[words.activity.day, good, bad].map((name) => html`<th scope="col">${name}</th>`)}</tr></thead>
<tbody>
${days.toReversed().map(
  (
    each,
  ) => html`<tr><th scope="row">${day(each.day)}</th><td>${number(each.good)}</td><td>${number(each.bad)}</td></tr>
`,
)}</tbody>
</table>
</details>`;
}

/** Only to be seen: the table says the same. */
function drawing({ number, day }: Locale, { good, bad, days }: Chart, most: number): Html {
  const share = (count: number) => Math.round((count / most) * height * 100) / 100;
  return html`<svg class="bars" viewBox="0 0 ${days.length * step} ${height}" preserveAspectRatio="none" aria-hidden="true" focusable="false">
<line class="ground" x1="0" x2="${days.length * step}" y1="${height}" y2="${height}"/>
${days.map((each, index) => {
  const x = index * step + (step - width) / 2;
  const [low, high] = [share(each.good), share(each.bad)];
  return html`<g><title>${day(each.day)}: ${good} ${number(each.good)}, ${bad} ${number(each.bad)}</title>
<rect class="room" x="${index * step}" y="0" width="${step}" height="${height}"/>
${low > 0 && html`<rect class="good" x="${x}" y="${height - low}" width="${width}" height="${low}"/>`}
${high > 0 && html`<rect class="bad" x="${x}" y="${height - low - high}" width="${width}" height="${high}"/>`}</g>
`;
})}</svg>`;
}
