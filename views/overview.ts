import { approvalNotices, furtherNotices, type SomeDevices } from './devices.ts';
import { type Html, html, type Renderable } from './html.ts';
import { type Frame, layout } from './layout.ts';

/**
 * What somebody has, at a glance. `tokens` is absent where they may have none; `endingTokens` end within 30 days; each
 * count may be a lower bound (`isMore`).
 */
export type OverviewModel = Frame &
  SomeDevices & {
    tokens?: { count: number; ending: number; isMore: boolean } | undefined;
    /** With two factors, with a password alone, or without one of ours. */
    signIn: 'two_factors' | 'password' | 'elsewhere';
  };

/** The first page of an account: what was allowed lately, and where to go from here. */
export function overviewPage(model: OverviewModel): Html {
  const { base, locale, tokens, total, signIn } = model;
  const words = locale.words.overview;
  const { places } = locale.words.frame;
  const number = (count: number, isMore = false) => `${locale.number(count)}${isMore ? '+' : ''}`;
  return layout(model, {
    title: words.title,
    main: html`<h1>${words.title}</h1>
<p class="lead">${words.lead}</p>
${approvalNotices(model)}
${furtherNotices(model)}
<div class="cards">
${
  tokens &&
  card(
    `${base}/account/tokens`,
    places['/account/tokens'],
    words.tokens(number(tokens.count, tokens.isMore), tokens.count),
    [tokens.ending > 0 && words.ending(number(tokens.ending), tokens.ending)],
  )
}
${card(`${base}/account/devices`, places['/account/devices'], words.devices(number(total), total), [])}
${card(`${base}/account/security`, places['/account/security'], words.signIn[signIn], [
  signIn === 'password' && words.addSecondFactor,
])}
</div>
<p><a class="button" href="${base}/device">${words.connect}</a></p>`,
  });
}

function card(address: string, name: string, fact: Renderable, hints: readonly Renderable[]): Html {
  return html`<section class="card">
<h2><a href="${address}">${name}</a></h2>
<p>${fact}</p>
${hints.map((hint) => hint && html`<p class="hint">${hint}</p>`)}
</section>
`;
}
