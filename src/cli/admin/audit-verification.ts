import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { findAuditKey } from '../../audit/audit-key.ts';
import { serverChain } from '../../audit/chain.ts';
import { type ChainVerdict, type Checkpoint, verifyChains } from '../../audit/verification.ts';
import { AppError } from '../../errors.ts';
import { loadMasterSecrets } from '../../master-secret.ts';
import type { Io } from '../io.ts';
import { withDatabase } from './database.ts';

/** What `postern audit verify` was given. */
export type VerifyOptions = { checkpoint?: string; json?: boolean };

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
        chainId: chain === 'server' ? serverChain : chain.toLowerCase(),
        sequence,
        mac: Buffer.from(mac, 'base64url'),
      }));
  } catch (cause) {
    throw new AppError('usage', `--checkpoint: ${path} is not what verify --json prints`, { cause });
  }
}

function chainName(chainId: string): string {
  return chainId === serverChain ? 'server' : chainId;
}
