import type { Log } from '../log.ts';
import type { Database } from '../postgres/pool.ts';
import type { MasterSecrets } from '../secret.ts';
import type { Act, Happening } from './action.ts';
import { loadAuditKey } from './audit-key.ts';
import { append, serverChain } from './chain.ts';
import { type AuditEvent, type PlainEvent, toPlain } from './event.ts';
import { addEventPartitions } from './partition.ts';
import { createRecorder } from './recorder.ts';

/** What is written down of what happens. */
export type AuditLog = {
  /**
   * Writes an act down, as the last statement of the transaction that it is: they are committed together or not at all.
   * All of one call belong to one organization.
   */
  record(tx: Database, ...acts: readonly AuditEvent<Act>[]): Promise<void>;
  /** Remembers what happened; the next `flush` writes it. Costs its caller nothing, and is lost in a crash. */
  note(happening: AuditEvent<Happening>): void;
  /** Writes what is remembered; called every second and at the stop. Never throws. */
  flush(): Promise<void>;
  /** The key of the MACs, for what reads and trims the chains. */
  readonly key: Buffer;
};

/** The audit log of this process; makes its key where there is none, and the partitions for the next time. */
export async function openAuditLog(db: Database, secrets: MasterSecrets, log: Log): Promise<AuditLog> {
  const key = await loadAuditKey(db, secrets);
  await addEventPartitions(db);

  async function write(tx: Database, chainId: string, events: readonly PlainEvent[]): Promise<void> {
    const isSound = await append(tx, key, chainId, events);
    if (!isSound)
      log.error({ chain: chainId }, 'the audit log was tampered with; postern audit verify tells where');
  }

  const recorder = createRecorder({
    log,
    write: (chainId, events) => db.transaction((tx) => write(tx, chainId, events)),
  });
  return {
    key,
    async record(tx, ...acts) {
      const [first] = acts;
      if (!first) return;
      const chainId = first.organizationId ?? serverChain;
      await tx.transaction((inner) => write(inner, chainId, acts.map(toPlain)));
    },
    note: recorder.add,
    flush: recorder.flush,
  };
}
