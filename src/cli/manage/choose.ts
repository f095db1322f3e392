import { AppError } from '../../errors.ts';

/** The one item that a word names; `not_found` for none, `usage` for several. `noun` is for these words. */
export function chooseOne<Item>(
  items: readonly Item[],
  noun: string,
  isNamed: (item: Item) => boolean,
): Item {
  const [found, another] = items.filter(isNamed);
  if (found === undefined) throw new AppError('not_found', `There is no such ${noun}`);
  if (another === undefined) return found;
  throw new AppError('usage', `Several ${noun}s are called so; name one by its whole id`);
}

/** Whether a word is the id of something, and not its name. */
export function isId(word: string): boolean {
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(word);
}

const fewestCharacters = 6;

/** Whether a word is a long id, or enough of its beginning; nothing at all names nothing. */
export function isBeginningOf(id: string, word: string): boolean {
  return word.length >= fewestCharacters && id.startsWith(word);
}
