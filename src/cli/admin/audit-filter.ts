import { z } from 'zod';
import type { EventFilter } from '../../audit/events.ts';
import { AppError } from '../../errors.ts';
import type { Io } from '../io.ts';
import { parseLifetime } from './lifetime.ts';

/** Which events, as the flags of `postern audit list` and `export` say it. */
export type FilterFlags = {
  actor?: string;
  action?: string;
  target?: string;
  since?: string;
  until?: string;
  after?: string;
};

/** What these flags mean. */
export type AuditFilter = EventFilter;

/** Reads them; AppError `usage` with what to write instead. */
export function readFilter(io: Io, flags: FilterFlags): AuditFilter {
  const { actor, action, target, after } = flags;
  return {
    actor,
    action,
    target,
    from: readTime(io, '--since', flags.since),
    to: readTime(io, '--until', flags.until),
    after: after === undefined ? undefined : readNumber('--after', after),
  };
}

/** Reads a number from 0 on. */
export function readNumber(flag: string, text: string): number {
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw new AppError('usage', `${flag}: write a number`);
}

function readTime(io: Io, flag: string, text: string | undefined): Date | undefined {
  if (text === undefined) return undefined;
  const seconds = parseLifetime(text);
  if (seconds !== undefined) return new Date(io.clock.now().getTime() - seconds * 1000);
  if (z.iso.datetime({ offset: true }).safeParse(text).success) return new Date(text);
  throw new AppError('usage', `${flag}: write a time such as 2030-01-31T12:00:00Z, or 7d`);
}
