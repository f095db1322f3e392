import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { wordsOf } from '../../audit/action.ts';
import { findAuditKey } from '../../audit/audit-key.ts';
import { serverChain } from '../../audit/chain.ts';
import { eventJson, listEvents, type ReadEvent, streamEvents } from '../../audit/events.ts';
import { type ChainVerdict, type Checkpoint, verifyChains } from '../../audit/verification.ts';
import { AppError } from '../../errors.ts';
import { loadMasterSecrets } from '../../master-secret.ts';
import type { Io } from '../io.ts';
import { withDatabase } from './database.ts';
import { parseLifetime } from './lifetime.ts';
import { table } from './table.ts';

/** What `postern audit list` was given. */
export type ListOptions = {
  organization?: string;
  actor?: string;
  action?: string;
  target?: string;
  since?: string;
  until?: string;
  limit: string;
  json?: boolean;
};

/** What `postern audit verify` was given. */
export type VerifyOptions = { checkpoint?: string; json?: boolean };

/** What `postern audit export` was given. */
export type ExportOptions = { organization?: string; since?: string; after?: string };

/** `postern audit list`. */
export async function list(io: Io, options: ListOptions): Promise<void> {
  const limit = readNumber('--limit', options.limit);
  const chain = readChain(options.organization);
  const { actor, action, target } = options;
  const from = readTime(io, '--since', options.since);
  const to = readTime(io, '--until', options.until);
  const events = await withDatabase(io, (db) =>
    listEvents(db, chain, { actor, action, target, from, to }, { limit }),
  );
  if (options.json) io.json(events.map(eventJson));
  else if (events.length === 0) io.say('Nothing of that has happened.');
  else io.data(table([['SEQUENCE', 'TIME', 'WHO', 'WHAT', 'ON', 'FROM'], ...events.map(row)]));
}

/** `postern audit export`. Reads as it prints, however much there is. */
export async function exportEvents(io: Io, options: ExportOptions): Promise<void> {
  const chain = readChain(options.organization);
  const from = readTime(io, '--since', options.since);
  const after = options.after === undefined ? 0 : readNumber('--after', options.after);
  await withDatabase(io, async (db) => {
    for await (const event of streamEvents(db, chain, { from }, after)) {
      io.json(eventJson(event));
      // A reader that is slower than the database must not fill our memory.
      if (event.sequence % 1_000 === 0) await io.flush();
    }
  });
}

/** `postern audit verify`. A failure where anything is not as it was written. */
export async function verify(io: Io, options: VerifyOptions): Promise<void> {
  const known = options.checkpoint === undefined ? [] : await readCheckpoint(options.checkpoint);
  const bad = await withDatabase(io, async (db, config) => {
    const key = await findAuditKey(db, await loadMasterSecrets(config));
    if (!key) throw new AppError('failure', 'There is no key of an audit log in this database');
    let count = 0;
    for await (const verdict of verifyChains(db, key, known)) {
      if (verdict.bad) count += 1;
      if (options.json) io.json(verdictJson(verdict));
      else io.data(verdictText(verdict));
    }
    return count;
  });
  if (bad > 0) throw new AppError('failure', 'The audit log was tampered with, or an older one was put back');
  io.say('Everything is as it was written.');
}

const words = {
  changed: 'was changed, or put elsewhere',
  removed: 'was removed',
  inserted: 'was inserted',
  ends_changed: 'its ends were changed',
  chain_removed: 'all of it was removed',
  chain_inserted: 'all of it was inserted',
  forgotten: 'is not as the checkpoint knows it',
} as const;

function verdictText({ chainId, events, end, bad }: ChainVerdict): string {
  const name = chainId === undefined ? 'a chain without a name' : chainName(chainId);
  if (!bad) return `${name}: ${events} events, to ${end?.sequence} ${end?.mac.toString('base64url')}`;
  return `${name}: ${bad.sequence === undefined ? '' : `event ${bad.sequence} `}${words[bad.tampering]}`;
}

function verdictJson({ chainId, events, end, bad }: ChainVerdict): Record<string, unknown> {
  return {
    chain: chainId && chainName(chainId),
    events,
    ...(end && { sequence: end.sequence, mac: end.mac.toString('base64url') }),
    ...(bad && { tampering: bad.tampering, bad_sequence: bad.sequence }),
  };
}

const checkpointLine = z.object({
  chain: z.union([z.literal('server'), z.uuid()]),
  sequence: z.int().min(0),
  mac: z.string().regex(/^[\w-]{43}$/),
});

async function readCheckpoint(path: string): Promise<Checkpoint[]> {
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new AppError('usage', `--checkpoint: ${path} cannot be read`, { cause });
  });
  try {
    return text
      .split('\n')
      .filter(Boolean)
      .map((line) => checkpointLine.parse(JSON.parse(line)))
      .map(({ chain, sequence, mac }) => ({
        chainId: readChain(chain === 'server' ? undefined : chain),
        sequence,
        mac: Buffer.from(mac, 'base64url'),
      }));
  } catch (cause) {
    throw new AppError('usage', `--checkpoint: ${path} is not what verify --json prints`, { cause });
  }
}

function row(event: ReadEvent): string[] {
  const { sequence, at, actorKind, actorName, actorId, action, reason } = event;
  return [
    String(sequence),
    at.replace(/\d{3}Z$/, 'Z'),
    actorName ?? actorId ?? actorKind,
    reason === null ? wordsOf(action) : `${wordsOf(action)} (${reason})`,
    [event.targetKind, event.targetName ?? event.targetId].filter(Boolean).join(' ') || '-',
    event.address ?? '-',
  ];
}

function chainName(chainId: string): string {
  return chainId === serverChain ? 'server' : chainId;
}

function readChain(organization: string | undefined): string {
  if (organization === undefined) return serverChain;
  if (z.uuid().safeParse(organization).success) return organization.toLowerCase();
  throw new AppError('usage', '--organization: write the id of an organization');
}

function readNumber(flag: string, text: string): number {
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
