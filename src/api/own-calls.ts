import type { Context } from 'koa';
import { AppError } from '../errors.ts';
import { traceOf } from '../http/trace.ts';
import type { Caller } from '../verify/caller.ts';
import { callerOf, type FoundSession } from '../verify/session.ts';
import { checkInput } from './input.ts';
import { authorize, type Ground, perform } from './invocation.ts';
import type { Operation } from './operation.ts';

/** What one of our own pages calls an operation with. `key` makes a form that is sent twice do its work once. */
export type OwnInput = {
  params?: Record<string, string>;
  query?: Record<string, string>;
  body?: unknown;
  key?: string;
  condition?: string;
};

/**
 * The management API for our own pages, in the name of the person in the browser: the same permissions, checks, audit and
 * answers as over HTTP, in the same process and without a quota. A page that posts has checked the form token before.
 */
export type OwnCalls = {
  /** What a reading operation answers; throws what the API would answer instead. */
  read<Body>(ctx: Context, session: FoundSession, id: string, input?: OwnInput): Promise<Body>;
  /**
   * What an operation answers, or what speaks against it, for the form to show; throws for who may not call it at all.
   * `renewed` is the new id of the session, where it has got one.
   */
  change<Body>(
    ctx: Context,
    session: FoundSession,
    id: string,
    input?: OwnInput,
  ): Promise<{ body: Body; renewed?: string | undefined } | { refusal: AppError }>;
};

// The rest is no mistake in a form: it has a page of its own.
const shownInForms = new Set([
  'unprocessable',
  'conflict',
  'forbidden',
  'precondition_failed',
  'bad_request',
]);

/** The operations, for the pages of the same server. */
export function createOwnCalls(ground: Ground, operations: readonly Operation[]): OwnCalls {
  const byId = new Map(operations.map((operation) => [operation.id, operation]));

  /** Who calls what; throws for somebody without the permission that it needs. */
  async function admit(session: FoundSession, id: string): Promise<{ operation: Operation; caller: Caller }> {
    const operation = byId.get(id);
    if (!operation)
      throw new AppError('internal', undefined, { cause: new Error(`there is no operation ${id}`) });
    const caller = await callerOf(ground.db, session);
    authorize(ground, operation, caller);
    return { operation, caller };
  }

  async function call(
    ctx: Context,
    { operation, caller }: { operation: Operation; caller: Caller },
    given: OwnInput,
  ): Promise<{ body: unknown; renewed: string | undefined }> {
    const { params = {}, query = {}, body, key, condition = '' } = given;
    if (operation.params?.safeParse(params).success === false) throw new AppError('not_found');
    const input = checkInput(operation, { params, query, body });
    const answer = await perform(ground, operation, { caller, input, condition, key, trace: traceOf(ctx) });
    return { body: 'body' in answer ? answer.body : undefined, renewed: answer.session };
  }

  return {
    async read<Body>(ctx: Context, session: FoundSession, id: string, input: OwnInput = {}) {
      const { body } = await call(ctx, await admit(session, id), input);
      return body as Body;
    },
    async change<Body>(ctx: Context, session: FoundSession, id: string, input: OwnInput = {}) {
      const admitted = await admit(session, id);
      try {
        const { body, renewed } = await call(ctx, admitted, input);
        return { body: body as Body, renewed };
      } catch (error) {
        if (error instanceof AppError && shownInForms.has(error.code)) return { refusal: error };
        throw error;
      }
    },
  };
}
