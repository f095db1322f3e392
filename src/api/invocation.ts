import type { AuditLog } from '../audit/audit-log.ts';
import { AppError } from '../errors.ts';
import type { Trace } from '../http/trace.ts';
import type { Database } from '../postgres/pool.ts';
import { holdSession } from '../users/session.ts';
import type { Caller } from '../verify/caller.ts';
import { namesState } from './entity-tag.ts';
import { callersAct } from './events.ts';
import { doOnce } from './idempotency.ts';
import type { Input } from './input.ts';
import type { Answer, Call, Operation } from './operation.ts';
import { actsNowhere } from './organization.ts';
import { mayCall } from './scope.ts';

/** What operations are performed on; `resource` is the URI of this API, whose scopes count. */
export type Ground = { db: Database; audit: AuditLog; resource: string };

/** One call of an operation: by whom, with what, on which condition (`If-Match`), and as which of a POST that is repeated. */
export type Invocation = {
  caller: Caller;
  input: Input;
  condition: string;
  key: string | undefined;
  trace: Trace;
};

/** AppError `forbidden`, with RFC 6750's challenge in the scheme that was tried, for a caller without the operation's scope. */
export function authorize(
  { resource }: Ground,
  operation: Operation,
  caller: Caller,
  scheme: 'Bearer' | 'DPoP' = 'Bearer',
): void {
  const { scope, isOwnAffair } = operation;
  if (isOwnAffair && caller.presentation === 'session') return;
  if (scope === undefined || mayCall(caller, resource, scope)) return;
  const acts = caller.userId === undefined || caller.organizationId !== undefined;
  throw new AppError('forbidden', acts ? `This needs the permission ${scope}` : actsNowhere, {
    headers: { 'WWW-Authenticate': `${scheme} error="insufficient_scope", scope="${scope}"` },
  });
}

/** Performs an operation: what changes something is one transaction, and happens once for each `Idempotency-Key`. */
export async function perform(
  { db, audit, resource }: Ground,
  operation: Operation,
  { caller, input, condition, key, trace }: Invocation,
): Promise<Answer> {
  const call = (db: Database): Call => ({
    db,
    caller,
    may: (scope) => mayCall(caller, resource, scope),
    ...input,
    matches: (representation) => condition === '' || namesState(condition, representation),
    ...trace,
    record: (act) => audit.record(db, callersAct(caller, act, trace)),
  });
  const prepared = await operation.prepare?.(call(db));
  const handle = (db: Database) => operation.handle(call(db), prepared);
  if (operation.method === 'GET') return await handle(db);
  const change = async (tx: Database) => {
    await holdCaller(tx, caller);
    return await handle(tx);
  };
  if (key === undefined || operation.method !== 'POST') return await db.transaction(change);
  const request = JSON.stringify([operation.id, input]);
  return await doOnce(db, { key, caller, request }, change);
}

/** What a session has begun must not outlast its end: a token, say, that was made while the password was changed. */
async function holdCaller(tx: Database, { presentation, credential: id, userId }: Caller): Promise<void> {
  if (presentation !== 'session' || userId === undefined) return;
  if (!(await holdSession(tx, { id, userId }))) throw new AppError('not_signed_in');
}
