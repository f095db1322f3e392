import type { Context } from 'koa';
import type { AuditLog } from '../audit/audit-log.ts';
import { type CodeProof, proveByCode } from '../factors/proof.ts';
import { addressOf, addressPrefix } from '../http/client-address.ts';
import { traceOf } from '../http/trace.ts';
import type { Limits } from '../limits/limits.ts';
import type { Database } from '../postgres/pool.ts';
import type { MasterSecrets } from '../secret.ts';
import { recoveryCodeUsed, secondFactorFailed } from './events.ts';
import type { KnownBrowsers } from './known-browser.ts';

/** Takes one-time codes and recovery codes from pages. */
export type CodeDesk = {
  take(ctx: Context, user: { id: string; email: string }, code: string): Promise<CodeProof>;
};

/** Judges codes, throttled, and writes down what became of them. */
export function createCodeDesk(options: {
  db: Database;
  limits: Limits;
  secrets: MasterSecrets;
  audit: AuditLog;
  knownBrowsers: KnownBrowsers;
}): CodeDesk {
  const { db, limits, secrets, audit, knownBrowsers } = options;
  return {
    async take(ctx, user, code) {
      const trace = traceOf(ctx);
      const known = knownBrowsers.read(ctx);
      const attempt = {
        userId: user.id,
        code,
        network: addressPrefix(addressOf(ctx)),
        knownBrowser: known?.userIds.includes(user.id) ? known.id : undefined,
      };
      const proof = await proveByCode(db, { limits, secrets }, attempt, (tx) =>
        audit.record(tx, recoveryCodeUsed(user, trace)),
      );
      if (proof.outcome !== 'proven') audit.note(secondFactorFailed(proof.outcome, user, trace));
      return proof;
    },
  };
}
