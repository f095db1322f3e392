/** Everything that a bounded list has, read in pages; `after` of the next page is the key of the last item. */
export async function listAll<Item>(
  listPage: (page: { after?: string; limit: number }) => Promise<Item[]>,
  keyOf: (item: Item) => string,
): Promise<Item[]> {
  const limit = 500;
  const all: Item[] = [];
  for (let part: { after?: string; limit: number } = { limit }; ; ) {
    const page = await listPage(part);
    all.push(...page);
    const last = page.at(-1);
    if (last === undefined || page.length < limit) return all;
    part = { after: keyOf(last), limit };
  }
}
