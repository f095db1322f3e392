import { heading } from './heading.ts';
import { type Html, html, type Renderable } from './html.ts';
import { type Frame, layout } from './layout.ts';
import { isSearched, type ListModel, paging, searchForm, wayToAll } from './list.ts';
import type { Locale } from './locale.ts';
import { table } from './table.ts';

/** What a program is: by itself, with people, or both; `other` was registered elsewhere with something else. */
export type ClientKind = 'machine' | 'device' | 'both' | 'other';

/** A program in a list. */
export type ListedClient = {
  id: string;
  name: string;
  kind: ClientKind;
  isDisabled: boolean;
  lastUsedAt: Date | undefined;
};

/** A page of programs; `mayChange` is whether its reader may register some. */
export type ClientsModel = Frame & {
  list: ListModel;
  clients: readonly ListedClient[];
  mayChange: boolean;
  now: Date;
};

/** The page that lists the programs of the organization. */
export function clientsPage(model: ClientsModel): Html {
  const { base, locale, list, clients, mayChange, now } = model;
  const words = locale.words.clients;
  const { columns } = words;
  return layout(model, {
    title: words.title,
    main: html`${heading(words.title, words.lead, mayChange && html`<a class="button" href="${base}${list.path}/new">${words.register}</a>`)}
${(clients.length > 0 || isSearched(list)) && searchForm(model, list)}
${
  clients.length > 0
    ? table({
        caption: words.title,
        columns: [columns.name, columns.kind, columns.state, columns.used],
        rows: clients.map((client) => [
          html`<a href="${base}${list.path}/${encodeURIComponent(client.id)}"><bdi>${client.name}</bdi></a>`,
          words.shortKinds[client.kind],
          clientState(client, locale),
          clientUse(client, locale, now),
        ]),
      })
    : html`<p class="empty">${isSearched(list) ? locale.words.list.nothingFound : words.empty}</p>`
}
${wayToAll(model, list)}
${paging(model, list)}`,
  });
}

/** Whether a program may act, as a mark with its word. */
export function clientState({ isDisabled }: { isDisabled: boolean }, { words }: Locale): Html {
  const state = isDisabled ? 'disabled' : 'active';
  return html`<span class="state ${state}">${words.clients.states[state]}</span>`;
}

/** When a program was last used. */
export function clientUse(
  { lastUsedAt }: { lastUsedAt: Date | undefined },
  { words, ago }: Locale,
  now: Date,
): Renderable {
  return lastUsedAt ? ago(lastUsedAt, now) : words.clients.neverUsed;
}
