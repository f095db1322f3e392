import type { z } from 'zod';
import type { Act } from '../audit/action.ts';
import type { AuditEvent } from '../audit/event.ts';
import type { Database } from '../postgres/pool.ts';
import type { Caller } from '../verify/caller.ts';
import type { ApiScope } from './scope.ts';

/** What an operation is called with, checked. */
export type Call<Params = unknown, Query = unknown, Body = unknown> = {
  /** The transaction that everything a changing operation does is in, its record in the audit log too; or the pool. */
  db: Database;
  caller: Caller;
  /** Whether the caller has a scope of this API besides the one that the operation needs. */
  may(scope: ApiScope): boolean;
  params: Params;
  query: Query;
  body: Body;
  /** Whether `If-Match` allows to change what is represented so at this moment (`undefined`: there is nothing yet); anything, if it was not sent. */
  matches(representation: unknown): boolean;
  requestId: string;
  address: string;
  agent: string;
  /** Writes down what the caller has done; the last thing that an operation does with `db`. */
  record(act: CallersAct): Promise<void>;
};

/** What a caller has done; who, where and from where the call itself tells. `organizationId` is said where it is another. */
export type CallersAct = Pick<AuditEvent<Act>, 'action' | 'target' | 'organizationId' | 'details'>;

/**
 * What an operation answers: a representation, or nothing with 204. `session`: the new id of the session that calls, for its
 * browser alone.
 */
export type Answer<Body = unknown> = (
  | { status: 200 | 201 | 202; body: Body; location?: string }
  | { status: 204 }
) & { session?: string | undefined };

/** One function of the management API: its place, its schemas, its words in the reference, and what it does. */
export type Operation<
  Params = unknown,
  Query = unknown,
  Body = unknown,
  Result = unknown,
  Prepared = unknown,
> = {
  /** The `operationId`. */
  id: string;
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Below `/api/v1`, with `{names}` for the parameters in it. */
  path: string;
  tag: string;
  summary: string;
  description?: string;
  /** What the caller must be allowed to; anybody who is known may, if absent. */
  scope?: ApiScope;
  /** Concerns nobody but its caller: the session of a browser needs no scope for it, in no organization either. */
  isOwnAffair?: boolean;
  /** Its body has credentials on purpose; in any other, a token is a mistake. */
  takesCredentials?: boolean;
  params?: z.ZodType<Params> & z.ZodObject;
  query?: z.ZodType<Query> & z.ZodObject;
  body?: z.ZodType<Body>;
  /** An example of the body; the reference shows it, and it works. */
  example?: unknown;
  result?: z.ZodType<Result>;
  status?: 200 | 201 | 202 | 204;
  /**
   * Work before the transaction of a changing operation, on the pool: what is slow, and what must stay counted when the
   * operation fails. `handle` gets what it returns.
   */
  prepare?(call: Omit<Call<Params, Query, Body>, 'record'>): Promise<Prepared>;
  handle(call: Call<Params, Query, Body>, prepared: Prepared): Promise<Answer<Result>>;
};

/** Lets the compiler find out an operation's types from its schemas. */
export function defineOperation<Params, Query, Body, Result, Prepared>(
  operation: Operation<Params, Query, Body, Result, Prepared>,
): Operation {
  return operation as unknown as Operation;
}
