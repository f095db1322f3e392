/** What stands around long lists. */
export const list = {
  search: 'Search',
  find: 'Find',
  first: 'First page',
  next: 'Next page',
  nothingFound: 'Nothing matches. Search for something else, or look at the whole list.',
  all: 'Show all',
};
