import { fact } from './facts.ts';
import { heading } from './heading.ts';
import { type Html, html } from './html.ts';
import { type Frame, layout } from './layout.ts';
import { isSearched, type ListModel, paging, searchForm, wayToAll } from './list.ts';
import { table } from './table.ts';

/** An API: its scopes with what each means, and the least role that has it. */
export type ResourceModel = {
  uri: string;
  name: string;
  format: 'opaque' | 'jwt';
  algorithm: string;
  accessSeconds: number | undefined;
  isListed: boolean;
  scopes: readonly { name: string; means: string; role: 'member' | 'administrator' | 'operator' }[];
};

/** A page of APIs; `mayChange` is whether its reader may register some. */
export type ResourcesModel = Frame & {
  list: ListModel;
  resources: readonly ResourceModel[];
  mayChange: boolean;
};

const path = '/admin/resources';

/** Where the page of an API is. */
export function resourcePlace(uri: string): string {
  return `${path}/${encodeURIComponent(uri)}`;
}

/** The page that lists the APIs. */
export function resourcesPage(model: ResourcesModel): Html {
  const { base, locale, list, resources, mayChange } = model;
  const words = locale.words.resources;
  const { columns } = words;
  return layout(model, {
    title: words.title,
    main: html`${heading(words.title, words.lead, mayChange && html`<a class="button" href="${base}${path}/new">${words.register}</a>`)}
${(resources.length > 0 || isSearched(list)) && searchForm(model, list)}
${
  resources.length > 0
    ? table({
        caption: words.title,
        columns: [columns.name, columns.uri, columns.scopes, columns.format],
        rows: resources.map(({ uri, name, scopes, format }) => [
          html`<a href="${base}${resourcePlace(uri)}"><bdi>${name}</bdi></a>`,
          html`<code><bdi>${uri}</bdi></code>`,
          locale.number(scopes.length),
          words.shortFormats[format],
        ]),
      })
    : html`<p class="empty">${isSearched(list) ? locale.words.list.nothingFound : words.empty}</p>`
}
${wayToAll(model, list)}
${paging(model, list)}`,
  });
}

/** The page of one API: what it is, and who may do what there. */
export function resourcePage(model: Frame & { api: ResourceModel; mayChange: boolean }): Html {
  const { base, locale, api, mayChange } = model;
  const words = locale.words.resources;
  const { facts, scopes } = words;
  return layout(model, {
    title: api.name,
    main: html`<h1><bdi>${api.name}</bdi></h1>
<dl class="facts columns">
${fact(facts.uri, html`<code><bdi>${api.uri}</bdi></code>`)}
${fact(facts.format, words.formats[api.format])}
${api.format === 'jwt' && fact(facts.algorithm, html`<code><bdi>${api.algorithm}</bdi></code>`)}
${fact(facts.lifetime, api.accessSeconds === undefined ? words.usual : locale.duration(api.accessSeconds))}
${fact(facts.listed, api.isListed ? words.yes : words.no)}
</dl>
<section>
<h2>${scopes.title}</h2>
${
  api.scopes.length > 0
    ? table({
        caption: scopes.title,
        columns: [scopes.name, scopes.means, scopes.who],
        rows: api.scopes.map(({ name, means, role }) => [
          html`<code><bdi>${name}</bdi></code>`,
          means && html`<bdi>${means}</bdi>`,
          words.roles[role],
        ]),
      })
    : html`<p class="hint">${words.noScopes}</p>`
}
</section>
${mayChange && html`<section class="acts"><a class="button quiet" href="${base}${resourcePlace(api.uri)}/edit">${words.edit}</a></section>`}`,
  });
}
