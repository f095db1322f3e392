import type { Context } from 'koa';
import type { OwnCalls } from '../../api/own-calls.ts';
import type { ShownResource } from '../../api/resources.ts';
import type { Guest } from '../desk.ts';

/** Every API that there is. */
export async function readResources(ctx: Context, calls: OwnCalls, guest: Guest): Promise<ShownResource[]> {
  const resources: ShownResource[] = [];
  let cursor: string | undefined;
  do {
    const query = { limit: '100', ...(cursor && { cursor }) };
    const page = await calls.read<{ items: ShownResource[]; next_cursor?: string }>(
      ctx,
      guest.session,
      'listResources',
      { query },
    );
    resources.push(...page.items);
    cursor = page.next_cursor;
  } while (cursor !== undefined);
  return resources;
}
