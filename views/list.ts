import { type Html, html } from './html.ts';
import type { Frame } from './layout.ts';

/** Where in a long list somebody is: at which path, what they look for, and where the next page begins. */
export type ListModel = {
  path: string;
  search?: string | undefined;
  /** What else the list was asked for, by the names in its address. */
  filters?: Readonly<Record<string, string>> | undefined;
  isFirst: boolean;
  next?: string | undefined;
};

/** The field that searches a list; works by GET, so that what was found can be kept as an address. */
export function searchForm({ base, locale }: Frame, { path, search }: ListModel): Html {
  const words = locale.words.list;
  return html`<form class="search" method="get" action="${base}${path}" role="search">
<label class="unseen" for="search">${words.search}</label>
<input id="search" name="search" type="search" value="${search}" maxlength="100" placeholder="${words.search}">
<button class="quiet">${words.find}</button>
</form>`;
}

/** Whether a list has only what was searched for. */
export function isSearched({ search, filters }: ListModel): boolean {
  return search !== undefined || Object.keys(filters ?? {}).length > 0;
}

/** The way back from what was found to the whole list. */
export function wayToAll({ base, locale }: Frame, list: ListModel): Html | false {
  return (
    isSearched(list) && html`<p class="note"><a href="${base}${list.path}">${locale.words.list.all}</a></p>`
  );
}

/** The ways to the next page and back to the first. */
export function paging(
  { base, locale }: Frame,
  { path, search, filters, isFirst, next }: ListModel,
): Html | false {
  const words = locale.words.list;
  const address = (cursor?: string) => {
    const query = new URLSearchParams({
      ...filters,
      ...(search && { search }),
      ...(cursor && { cursor }),
    }).toString();
    return base + path + (query && `?${query}`);
  };
  if (isFirst && next === undefined) return false;
  return html`<p class="paging">
${!isFirst && html`<a href="${address()}">${words.first}</a>`}
${next !== undefined && html`<a href="${address(next)}" rel="next">${words.next}</a>`}
</p>`;
}
