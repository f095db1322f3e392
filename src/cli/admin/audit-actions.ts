import { z } from 'zod';
import { serverChain } from '../../audit/chain.ts';
import { eventJson, listEvents, streamEvents } from '../../audit/events.ts';
import { AppError } from '../../errors.ts';
import type { Io } from '../io.ts';
import { type FilterFlags, readFilter, readNumber } from './audit-filter.ts';
import { eventTable } from './audit-view.ts';
import { withDatabase } from './database.ts';

/** What `postern audit export --database` was given; the events are the server's where no organization is named. */
export type ExportFlags = FilterFlags & { organization?: string };

/** What `postern audit list --database` was given. */
export type ListFlags = ExportFlags & { limit: string; json?: boolean };

/** `postern audit list --database`. */
export async function list(io: Io, flags: ListFlags): Promise<void> {
  const limit = readNumber('--limit', flags.limit);
  const [chain, filter] = [readChain(flags), readFilter(io, flags)];
  const events = await withDatabase(io, (db) => listEvents(db, chain, filter, { limit }));
  if (flags.json) io.json(events.map(eventJson));
  else if (events.length === 0) io.say('Nothing of that has happened.');
  else io.data(eventTable(events.map(eventJson)));
}

/** `postern audit export --database`. Reads as it prints, however much there is. */
export async function exportEvents(io: Io, flags: ExportFlags): Promise<void> {
  const [chain, filter] = [readChain(flags), readFilter(io, flags)];
  await withDatabase(io, async (db) => {
    let count = 0;
    for await (const event of streamEvents(db, chain, filter)) {
      io.json(eventJson(event));
      count += 1;
      // A reader that is slower than the database must not fill our memory.
      if (count % 1_000 === 0) await io.flush();
    }
  });
}

function readChain({ organization }: ExportFlags): string {
  if (organization === undefined) return serverChain;
  if (z.uuid().safeParse(organization).success) return organization.toLowerCase();
  throw new AppError('usage', '--organization: write the id of an organization');
}
