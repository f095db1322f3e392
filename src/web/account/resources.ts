import type { Context } from 'koa';
import type { Page } from '../../api/page.ts';
import type { ShownResource } from '../../api/resources.ts';
import type { Guest } from '../desk.ts';
import { resourceInWords } from '../own-api.ts';
import type { AccountOptions } from './account.ts';

/** Every API that there is. */
export async function readResources(
  ctx: Context,
  { calls, resource: own }: AccountOptions,
  guest: Guest,
): Promise<ShownResource[]> {
  const resources: ShownResource[] = [];
  let cursor: string | undefined;
  do {
    const query = { limit: '100', ...(cursor && { cursor }) };
    const page = await calls.read<Page<ShownResource>>(ctx, guest.session, 'listResources', { query });
    resources.push(...page.items.map((shown) => resourceInWords(shown, own, guest.frame.locale)));
    cursor = page.next_cursor;
  } while (cursor !== undefined);
  return resources;
}
