/** Everything that a bounded list has, read in pages; `after` of the next page is the key of the last item. */
export async function listAll<Item>(
  listPage: (page: { after: string; limit: number }) => Promise<Item[]>,
  keyOf: (item: Item) => string,
): Promise<Item[]> {
  const limit = 500;
  const all: Item[] = [];
  for (let after = ''; ; ) {
    const page = await listPage({ after, limit });
    all.push(...page);
    const last = page.at(-1);
    if (last === undefined || page.length < limit) return all;
    after = keyOf(last);
  }
}
