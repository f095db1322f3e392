import { breakable } from './breakable.ts';
import { type Html, html } from './html.ts';
import { type Frame, layout } from './layout.ts';
import { type ListModel, paging, searchForm } from './list.ts';
import { table } from './table.ts';
import { endOf, stateOf, type TokenModel, usedIn } from './token.ts';

/** Whose tokens a list shows: the person's own, those of every member's use, or all of the organization. */
export type TokenSection = 'own' | 'shared' | 'all';

/** A page of tokens. `canCreate` is whether the person may make one of these. */
export type TokensModel = Frame & {
  section: TokenSection;
  list: ListModel;
  tokens: readonly TokenModel[];
  canCreate: boolean;
  now: Date;
};

/** The page that lists tokens. */
export function tokensPage(model: TokensModel): Html {
  const { base, locale, section, list, tokens, canCreate } = model;
  const words = locale.words.tokens;
  const { title, lead, empty } = words[section];
  const isSearched = list.search !== undefined || Object.keys(list.filters ?? {}).length > 0;
  return layout(model, {
    title,
    main: html`<div class="heading">
<div>
<h1>${title}</h1>
<p class="lead">${lead}</p>
</div>
${canCreate && html`<a class="button" href="${base}${list.path}/new">${section === 'shared' ? words.createShared : words.create}</a>`}
</div>
${(tokens.length > 0 || isSearched) && searchForm(model, list)}
${tokens.length > 0 ? listOf(model) : html`<p class="empty">${isSearched ? locale.words.list.nothingFound : empty}</p>`}
${isSearched && html`<p class="note"><a href="${base}${list.path}">${locale.words.list.all}</a></p>`}
${paging(model, list)}`,
  });
}

function listOf({ base, locale, section, list, tokens, now }: TokensModel): Html {
  const { columns } = locale.words.tokens;
  const hasOwner = section !== 'own';
  return table({
    caption: locale.words.tokens[section].title,
    columns: [
      columns.name,
      ...(hasOwner ? [columns.owner] : []),
      columns.state,
      columns.lastUsed,
      columns.ends,
    ],
    rows: tokens.map((token) => [
      html`<a href="${base}${list.path}/${token.id}"><bdi>${breakable(token.name)}</bdi></a>`,
      ...(hasOwner ? [html`<bdi>${breakable(token.owner)}</bdi>`] : []),
      stateOf(token, locale),
      usedIn(token.lastUse, locale, now),
      endOf(token.endsAt, locale, now),
    ]),
  });
}
