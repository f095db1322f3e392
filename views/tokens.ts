import { breakable } from './breakable.ts';
import { heading } from './heading.ts';
import { type Html, html } from './html.ts';
import { type Frame, layout } from './layout.ts';
import { isSearched, type ListModel, paging, searchForm, wayToAll } from './list.ts';
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
  return layout(model, {
    title,
    main: html`${heading(title, lead, canCreate && html`<a class="button" href="${base}${list.path}/new">${section === 'shared' ? words.createShared : words.create}</a>`)}
${(tokens.length > 0 || isSearched(list)) && searchForm(model, list)}
${tokens.length > 0 ? listOf(model) : html`<p class="empty">${isSearched(list) ? locale.words.list.nothingFound : empty}</p>`}
${wayToAll(model, list)}
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
