import type { list as english } from '../en/list.ts';

/** What stands around long lists. */
export const list: typeof english = {
  search: 'Suchen',
  find: 'Finden',
  first: 'Erste Seite',
  next: 'Nächste Seite',
  nothingFound: 'Nichts passt dazu. Suchen Sie etwas anderes, oder sehen Sie die ganze Liste an.',
  all: 'Alle zeigen',
};
