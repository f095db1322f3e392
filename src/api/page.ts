import { z } from 'zod';
import { AppError } from '../errors.ts';
import type { Placed } from '../postgres/newest-first.ts';
import type { Cursors } from './cursor.ts';

/** The query of every list. */
export const pageQuery = z.strictObject({
  limit: z.coerce
    .number('write a number from 1 to 100')
    .int('write a number from 1 to 100')
    .min(1, 'write a number from 1 to 100')
    .max(100, 'write a number from 1 to 100')
    .default(50)
    .meta({ description: 'How many items at most.' }),
  cursor: z.string().max(500).optional().meta({ description: 'The `next_cursor` of the page before.' }),
});

/** What a list is searched for. */
export const search = z
  .string()
  .trim()
  .max(100, 'write at most 100 characters')
  .transform((text) => text || undefined)
  .optional()
  .meta({ description: 'Only what has this text in it, in any case.', example: 'backup' });

/** What `pageQuery` makes of a query. */
export type PageQuery = z.infer<typeof pageQuery>;

/** One page of a list on the wire. */
export type Page<Item> = { items: Item[]; next_cursor?: string };

/** The schema of one page of a list. */
export function pageOf<Item extends z.ZodType>(item: Item) {
  return z.object({
    items: z.array(item),
    next_cursor: z
      .string()
      .optional()
      .meta({ description: 'Where the next page begins; absent on the last one.' }),
  });
}

/**
 * Reads one page: `read` gets the key of the last item before it, and how many to return. The cursor is good for the
 * list called `list` alone.
 */
export async function readPage<Item, Shown>(
  cursors: Cursors,
  list: string,
  query: PageQuery,
  options: {
    read(page: { after: string | undefined; limit: number }): Promise<Item[]>;
    keyOf(item: Item): string;
    show(item: Item): Shown;
  },
): Promise<Page<Shown>> {
  const after = query.cursor === undefined ? undefined : cursors.read(list, query.cursor);
  if (query.cursor !== undefined && after === undefined) {
    throw new AppError('unprocessable', undefined, {
      problems: [{ parameter: 'cursor', detail: 'this is no cursor of this list' }],
    });
  }
  // One more than asked for tells whether there is a next page.
  const found = await options.read({ after, limit: query.limit + 1 });
  const items = found.slice(0, query.limit);
  const last = items.at(-1);
  return {
    items: items.map((item) => options.show(item)),
    ...(found.length > query.limit && last && { next_cursor: cursors.write(list, options.keyOf(last)) }),
  };
}

/** Like `readPage`, of a list with the newest first. */
export function readNewest<Item, Shown>(
  cursors: Cursors,
  list: string,
  query: PageQuery,
  options: {
    read(part: { after: string | undefined; limit: number }): Promise<Placed<Item>[]>;
    show(item: Item): Shown;
  },
): Promise<Page<Shown>> {
  // The order is in the name: places of these lists were mere ids once.
  const keyOf = ({ place }: Placed<Item>) => place;
  return readPage(cursors, `${list}, the newest first`, query, { ...options, keyOf });
}
