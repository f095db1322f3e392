import { ending } from './ending.ts';
import { checkbox } from './form.ts';
import { heading } from './heading.ts';
import { type Html, html, type Renderable } from './html.ts';
import { type Frame, layout } from './layout.ts';
import type { Locale } from './locale.ts';
import { table } from './table.ts';

/** A signing key and its life. */
export type KeyModel = {
  kid: string;
  algorithm: string;
  state: 'pending' | 'active' | 'retiring' | 'retired' | 'revoked';
  publishedAt: Date;
  signsFrom?: Date | undefined;
  replacedAt?: Date | undefined;
  retiredAt?: Date | undefined;
  revokedAt?: Date | undefined;
  neededUntil: Date;
};

/** The signing keys; `mayChange` is whether their reader may rotate and revoke. */
export type KeysModel = Frame & { keys: readonly KeyModel[]; mayChange: boolean; now: Date };

const path = '/admin/keys';
const marks = {
  pending: 'waiting',
  active: 'active',
  retiring: 'disabled',
  retired: 'disabled',
  revoked: 'refused',
};

/** The page that lists the signing keys. */
export function keysPage(model: KeysModel): Html {
  const { base, locale, keys, mayChange, now } = model;
  const words = locale.words.keys;
  const { columns } = words;
  const act = ({ kid, state }: KeyModel) =>
    !['retired', 'revoked'].includes(state) &&
    html`<a class="button quiet small" href="${base}${path}/${encodeURIComponent(kid)}/revoke">${words.revoke.act}</a>`;
  return layout(model, {
    title: words.title,
    main: html`${heading(words.title, words.lead, mayChange && html`<a class="button quiet" href="${base}${path}/rotate">${words.rotate.title}</a>`)}
${
  keys.length > 0
    ? table({
        caption: words.title,
        columns: [
          columns.kid,
          columns.state,
          columns.life,
          columns.needed,
          ...(mayChange ? [columns.acts] : []),
        ],
        rows: keys.map((key) => [
          html`<code><bdi>${key.kid}</bdi></code> <span class="below"><bdi>${key.algorithm}</bdi></span>`,
          html`<span class="state ${marks[key.state]}">${words.states[key.state]}</span>`,
          lifeOf(key, locale, now),
          hasSigned(key) ? locale.ago(key.neededUntil, now) : words.unused,
          ...(mayChange ? [act(key)] : []),
        ]),
      })
    : html`<p class="empty">${words.empty}</p>`
}`,
  });
}

/** It is needed from its first JWT on. */
function hasSigned({ neededUntil, publishedAt }: KeyModel): boolean {
  return neededUntil > publishedAt;
}

function lifeOf(key: KeyModel, { words, ago }: Locale, now: Date): Html {
  const { life } = words.keys;
  const steps: [(at: Renderable) => Html, Date | undefined][] = [
    [life.published, key.publishedAt],
    [life.signsFrom, key.signsFrom],
    [life.replaced, key.replacedAt],
    [life.retired, key.retiredAt],
    [life.revoked, key.revokedAt],
  ];
  return html`<ol class="life">
${steps.map(
  ([tell, at]) =>
    at &&
    html`<li${at > now && html` class="ahead"`}>${tell(ago(at, now))}</li>
`,
)}</ol>`;
}

/** The page that says what a rotation does. */
export function keyRotationPage(model: Frame): Html {
  const { rotate } = model.locale.words.keys;
  return ending(model, {
    ...rotate,
    plainTitle: rotate.title,
    path: `${path}/rotate`,
    back: path,
    fields: html`<div class="checks">
${checkbox({ name: 'immediate', value: 'yes', label: rotate.immediate, hint: rotate.immediateHint, isChecked: false })}
</div>
`,
  });
}

/** The page that says what ends with a key. */
export function keyRevocationPage(model: Frame & { signingKey: KeyModel; now: Date }): Html {
  const { locale, signingKey: key, now } = model;
  const { revoke } = locale.words.keys;
  return ending(model, {
    ...revoke,
    title: revoke.title(key.kid),
    losses: hasSigned(key) ? revoke.losses(locale.ago(key.neededUntil, now)) : revoke.noLosses,
    path: `${path}/${encodeURIComponent(key.kid)}/revoke`,
    back: path,
  });
}
