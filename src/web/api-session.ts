import type { Context } from 'koa';
import type { FoundSession } from '../verify/session.ts';
import type { Csrf } from './csrf.ts';
import type { Reception, Visit } from './reception.ts';

/**
 * Who is signed in, as the management API knows them. Who is disabled in the organization that they chose acts in no
 * other: what was meant for one must not happen in another.
 */
export function sessionIn({ session, sessionId }: Visit): FoundSession | undefined {
  if (!session || sessionId === undefined) return undefined;
  const { userId, email, chosenOrganizationId: organizationId, identityProvider, confinedTo } = session;
  return { id: sessionId, userId, email, organizationId, identityProvider, confinedTo };
}

/** Hands the browser of a page of ours the new id of its session, and the page its next token in `X-CSRF-Token`. */
export function createSessionKeeper(reception: Pick<Reception, 'keep'>): (ctx: Context, id: string) => void {
  return (ctx, id) => ctx.set('X-CSRF-Token', reception.keep(ctx, id));
}

/**
 * The signed-in session of a request that one of our own pages has sent: `X-CSRF-Token` holds the token that the page was
 * given. `undefined` for every other request.
 */
export function createApiSessions(
  reception: Pick<Reception, 'find'>,
  csrf: Csrf,
): (ctx: Context) => Promise<FoundSession | undefined> {
  return async (ctx) => {
    const token = ctx.get('X-CSRF-Token');
    if (token === '' || !csrf.isOwnOrigin(ctx)) return undefined;
    const visit = await reception.find(ctx);
    return visit && csrf.isRight(visit, token) ? sessionIn(visit) : undefined;
  };
}
