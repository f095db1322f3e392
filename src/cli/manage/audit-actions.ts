import { type AuditFilter, type FilterFlags, readFilter, readNumber } from '../admin/audit-filter.ts';
import { eventTable, type ShownEvent } from '../admin/audit-view.ts';
import type { Io } from '../io.ts';
import { openApi } from './api.ts';
import type { ApiFlags } from './flags.ts';
import { printList } from './print.ts';

/** What `postern audit export` was given. */
export type ExportFlags = FilterFlags & { issuer?: string };

/** What `postern audit list` was given. */
export type ListFlags = FilterFlags & ApiFlags & { limit: string };

const path = '/audit-events';
const fields = {
  actor: '--actor',
  action: '--action',
  target: '--target',
  from: '--since',
  to: '--until',
  after: '--after',
};

/** `postern audit list`. */
export async function list(io: Io, flags: ListFlags): Promise<void> {
  const limit = readNumber('--limit', flags.limit);
  const query = queryOf(readFilter(io, flags));
  const api = await openApi(io, flags);
  const events = limit === 0 ? [] : await api.list<ShownEvent>(path, { query, fields, limit });
  printList(io, events, flags, { textOf: eventTable, none: 'Nothing of that has happened.' });
}

/** `postern audit export`. Asks for a page when the one before is printed, however many there are. */
export async function exportEvents(io: Io, flags: ExportFlags): Promise<void> {
  const query = { ...queryOf(readFilter(io, flags)), order: 'oldest' };
  const api = await openApi(io, flags);
  let count = 0;
  for await (const event of api.walk<ShownEvent>(path, { query, fields })) {
    io.json(event);
    count += 1;
    // A reader that is slower than the server must not fill our memory.
    if (count % 1_000 === 0) await io.flush();
  }
}

function queryOf({ actor, action, target, from, to, after }: AuditFilter) {
  return {
    actor,
    action,
    target,
    from: from?.toISOString(),
    to: to?.toISOString(),
    after: after?.toString(),
  };
}
