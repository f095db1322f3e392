import type { Context } from 'koa';
import type { ListModel } from '../../../views/list.ts';

/** What a page of a list was asked for: which part of it, and what in it. */
export type ListQuery = { search?: string; cursor?: string };

/** Reads it from the address of the page. */
export function listQuery(ctx: Context): ListQuery {
  const query = new URLSearchParams(ctx.querystring);
  const search = query.get('search')?.trim().slice(0, 100);
  const cursor = query.get('cursor');
  return { ...(search && { search }), ...(cursor && { cursor }) };
}

/** Where in its list a page is. */
export function listModel(path: string, asked: ListQuery, next: string | undefined): ListModel {
  return { path, search: asked.search, isFirst: asked.cursor === undefined, next };
}
