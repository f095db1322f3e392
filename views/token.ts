import { breakable } from './breakable.ts';
import { fact } from './facts.ts';
import { pageError, postForm, select } from './form.ts';
import { type Html, html, type Renderable } from './html.ts';
import { type Frame, layout } from './layout.ts';
import type { Locale } from './locale.ts';

/** When something was last used, from where, and by what. */
export type LastUse = { at: Date; address: string; agent: string };

/** A token for people. Permissions are scopes by API; those of a legacy token are absent. `isOwn`: of who looks at it. */
export type TokenModel = {
  id: string;
  name: string;
  note: string;
  kind: 'private' | 'shared' | 'legacy';
  state: 'active' | 'disabled' | 'expired' | 'waiting' | 'refused';
  disabledBy?: 'owner' | 'administrator' | 'operator' | undefined;
  owner: string;
  isOwn: boolean;
  permissions?: Readonly<Record<string, readonly string[]>> | undefined;
  present?: Readonly<Record<string, readonly string[]>> | undefined;
  ranges: readonly string[];
  reason?: string | undefined;
  /** How many members have a value of it, where it is shared. */
  holders?: number | undefined;
  createdAt: Date;
  endsAt?: Date | undefined;
  lastUse?: LastUse | undefined;
  previousValue?: { endsAt: Date; lastUse?: LastUse | undefined } | undefined;
};

/** One token at `path`, the list that it is in. `mayChange`, `mayEnable` and `mayDecide` are what its reader may do with it. */
export type TokenPageModel = Frame & {
  path: string;
  token: TokenModel;
  mayChange: boolean;
  mayEnable: boolean;
  mayDecide: boolean;
  refusal?: string | undefined;
  now: Date;
};

/** The page of one token: what is known of it, and what can be done with it. */
export function tokenPage(model: TokenPageModel): Html {
  const { locale, token, refusal } = model;
  const words = locale.words.tokens;
  return layout(model, {
    title: refusal === undefined ? token.name : locale.words.frame.errorTitle(token.name),
    main: html`<h1><bdi>${breakable(token.name)}</bdi></h1>
<p class="lead">${stateOf(token, locale)}</p>
${token.state === 'disabled' && disabler(model)}
${refusal !== undefined && pageError('token-error', html`${words.refused} ${refusal}`, locale.words.frame.error)}
${facts(model)}
${acts(model)}`,
  });
}

function disabler({ locale, token, standpoint }: TokenPageModel): Html | undefined {
  const by = token.disabledBy;
  return by && html`<p>${locale.words.tokens.disabledBy[by](standpoint?.organization?.name)}</p>`;
}

function facts({ locale, token, now }: TokenPageModel): Html {
  const words = locale.words.tokens.facts;
  const previous = token.previousValue;
  return html`<dl class="facts columns">
${token.note && fact(words.note, token.note)}
${fact(words.owner, html`<bdi>${breakable(token.owner)}</bdi>`)}
${fact(words.kind, locale.words.tokens.kinds[token.kind])}
${token.present && fact(words.may, permissions(token.present, words.mayNothing))}
${token.permissions && lacking(token, words.less)}
${fact(words.ranges, token.ranges.length > 0 ? token.ranges.join(', ') : words.anywhere)}
${token.reason && fact(words.reason, token.reason)}
${fact(words.created, locale.ago(token.createdAt, now))}
${fact(words.ends, endOf(token.endsAt, locale, now))}
${fact(words.lastUsed, usedIn(token.lastUse, locale, now))}
${token.lastUse?.agent && fact(words.agent, html`<bdi>${token.lastUse.agent}</bdi>`)}
${
  previous &&
  fact(
    words.previous,
    html`${previous.lastUse ? words.previousUsed(usedIn(previous.lastUse, locale, now)) : words.previousUnused}; ${words.previousEnds(locale.ago(previous.endsAt, now))}`,
  )
}
</dl>`;
}

function permissions(given: NonNullable<TokenModel['present']>, nothing: string): Html {
  const entries = Object.entries(given).filter(([, scopes]) => scopes.length > 0);
  if (entries.length === 0) return html`${nothing}`;
  return html`${entries.map(
    ([resource, scopes]) => html`<bdi>${scopes.join(', ')}</bdi> <code><bdi>${resource}</bdi></code>
`,
  )}`;
}

function lacking({ permissions: wanted = {}, present = {} }: TokenModel, heading: string): Html | false {
  const missing = Object.fromEntries(
    Object.entries(wanted)
      .map(([resource, scopes]) => [resource, scopes.filter((scope) => !present[resource]?.includes(scope))])
      .filter(([, scopes]) => (scopes as string[]).length > 0),
  );
  return Object.keys(missing).length > 0 && fact(heading, permissions(missing, ''));
}

function acts(model: TokenPageModel): Html | false {
  const { base, locale, path, token, mayChange, mayEnable, mayDecide } = model;
  const words = locale.words.tokens.acts;
  const place = `${path}/${token.id}`;
  const press = (act: string, label: string, kind = 'quiet') =>
    postForm(model, `${place}/${act}`, html`<button class="${kind}">${label}</button>`);
  return html`${token.isOwn && token.kind === 'private' && rotation(model, place)}
${
  token.kind === 'shared' &&
  html`<section>
<h2>${words.take}</h2>
<p class="hint">${words.takeHint}</p>
<div class="acts">
${press('take', words.take, '')}
${press('give-back', words.giveBack)}
</div>
</section>`
}
${
  mayDecide &&
  token.state === 'waiting' &&
  html`<section class="acts">
${press('approve', words.approve, '')}
${press('refuse', words.refuse)}
</section>`
}
${
  mayChange &&
  html`<section class="acts">
<a class="button quiet" href="${base}${place}/edit">${words.edit}</a>
${mayEnable && token.state === 'disabled' && press('enable', words.enable)}
${token.state === 'active' && press('disable', words.disable)}
<a class="button danger" href="${base}${place}/remove">${words.remove}</a>
</section>
${token.state === 'active' && html`<p class="hint">${words.disable}: ${words.disableHint}${token.holders !== undefined && html` ${words.disableShared(locale.number(token.holders))}`}</p>`}`
}`;
}

function rotation(model: TokenPageModel, place: string): Html {
  const words = model.locale.words.tokens.acts;
  return html`<section>
<h2>${words.rotate}</h2>
<p class="hint">${words.rotateHint}</p>
${postForm(
  model,
  `${place}/rotate`,
  html`${select({
    name: 'overlap_seconds',
    label: words.overlap,
    value: '86400',
    options: Object.entries(words.overlaps).map(([value, label]) => ({ value, label })),
  })}
<button>${words.rotate}</button>`,
)}
</section>`;
}

/** The state of a token as a mark with its word. */
export function stateOf({ state }: Pick<TokenModel, 'state'>, locale: Locale): Html {
  return html`<span class="state ${state}">${locale.words.tokens.states[state]}</span>`;
}

/** When and from where something was used. */
export function usedIn(use: LastUse | undefined, { ago, words }: Locale, now: Date): Renderable {
  return use
    ? words.tokens.used(ago(use.at, now), use.address && breakable(use.address))
    : words.tokens.neverUsed;
}

/** When something ends. */
export function endOf(endsAt: Date | undefined, { ago, words }: Locale, now: Date): Renderable {
  return endsAt ? ago(endsAt, now) : words.tokens.never;
}
