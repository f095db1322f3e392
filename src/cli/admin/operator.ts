import { userInfo } from 'node:os';
import type { Act } from '../../audit/action.ts';
import { openAuditLog } from '../../audit/audit-log.ts';
import type { AuditEvent } from '../../audit/event.ts';
import type { Config } from '../../config.ts';
import { loadMasterSecrets } from '../../master-secret.ts';
import type { Database, Pool } from '../../postgres/pool.ts';
import type { Io } from '../io.ts';
import { openCommandLog, withDatabase } from './database.ts';

/** What an operator has done. */
export type OperatorsAct = Pick<AuditEvent<Act>, 'action' | 'target' | 'organizationId' | 'details'>;

/** Writes an operator's acts down, each in the log of its organization, at the end of the transaction that they are. */
export type OperatorLog = (tx: Database, ...acts: readonly OperatorsAct[]) => Promise<void>;

/** The audit log for whoever runs this command; AppError `configuration` without the master secret of the servers. */
export async function openOperatorLog(io: Io, db: Pool, config: Config): Promise<OperatorLog> {
  const audit = await openAuditLog(db, await loadMasterSecrets(config), await openCommandLog(io));
  const event = { actor: { kind: 'operator' as const, name: operatorName() }, origin: {} };
  return async (tx, ...acts) => {
    const byOrganization = Map.groupBy(acts, ({ organizationId }) => organizationId ?? serversOwn);
    // Always in this order, so that two operators never wait for each other.
    for (const [, own] of [...byOrganization].sort(([one], [other]) => (one < other ? -1 : 1)))
      await audit.record(tx, ...own.map((act) => ({ ...act, ...event })));
  };
}

/** Behind every id: the server's chain comes last. */
const serversOwn = '~';

/**
 * Runs a command's change as one transaction, which ends with the acts that `work` hands to `tell`. Where it hands over
 * none, nothing was done.
 */
export async function change<Result>(
  io: Io,
  work: (db: Database, tell: (act: OperatorsAct) => void, config: Config) => Promise<Result>,
): Promise<Result> {
  return await withDatabase(io, async (db, config) => {
    const record = await openOperatorLog(io, db, config);
    return await db.transaction(async (tx) => {
      const acts: OperatorsAct[] = [];
      const result = await work(tx, (act) => acts.push(act), config);
      await record(tx, ...acts);
      return result;
    });
  });
}

/** As the operating system knows them; in a container somebody may have a number and no name. */
function operatorName(): string {
  try {
    return userInfo().username;
  } catch {
    return `user ${process.getuid?.()}`;
  }
}
