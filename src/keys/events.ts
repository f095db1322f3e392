import type { AuditLog } from '../audit/audit-log.ts';
import type { Database } from '../postgres/pool.ts';
import type { TakenStep } from './rotation.ts';

/** Records what the signing keys do by themselves, in the transaction in which they do it. */
export async function recordSteps(audit: AuditLog, tx: Database, steps: readonly TakenStep[]): Promise<void> {
  const acts = steps.map(({ step, kid, algorithm }) => ({
    action: step === 'add' ? ('key.published' as const) : ('key.activated' as const),
    actor: { kind: 'server' as const },
    target: { kind: 'signing_key' as const, id: kid },
    origin: {},
    details: { algorithm },
  }));
  await audit.record(tx, ...acts);
}
