import { type Sql, sql } from './sql.ts';

/** An item of a list, and its place there, behind which the list can be read on. */
export type Placed<Item> = Item & { place: string };

/** Which part of a list to read: at most `limit` items, those behind the place `after` where one is given. */
export type Part = { after?: string | undefined; limit?: number };

/** A list with the newest first: the column `place` of a row, which rows lie behind a place, and their order. */
export type NewestFirst = { place: Sql; behind(place: string | undefined): Sql; order: Sql };

/**
 * The order by when rows were made, and by their ids where that is the same moment. Neither of a row may ever change: then
 * its place, which has both to the microsecond, is right even when the row is gone.
 */
export function newestFirst(madeAt: Sql, id: Sql): NewestFirst {
  return {
    place: sql`json_build_array(${madeAt}, ${id})::text as place`,
    behind(place) {
      if (place === undefined) return sql`true`;
      const [at, last] = JSON.parse(place) as [string, string];
      return sql`(${madeAt}, ${id}) < (${at}, ${last})`;
    },
    order: sql`${madeAt} desc, ${id} desc`,
  };
}
