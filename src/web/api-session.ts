import type { Context } from 'koa';
import type { Csrf } from './csrf.ts';
import type { Reception, Visit } from './reception.ts';

/**
 * A browser whose script of ours calls the management API. Who is disabled in the organization
 * that they chose acts in no other: what was meant for one must not happen in another.
 */
export type ApiSession = {
  id: string;
  userId: string;
  email: string;
  organizationId: string | undefined;
  identityProvider: string | undefined;
  confinedTo: string | undefined;
};

/**
 * The signed-in session of a request that one of our own pages has sent: `X-CSRF-Token` holds the token that the page was
 * given. `undefined` for every other request.
 */
export function createApiSessions(
  reception: Pick<Reception, 'find'>,
  csrf: Csrf,
): (ctx: Context) => Promise<ApiSession | undefined> {
  return async (ctx) => {
    const token = ctx.get('X-CSRF-Token');
    if (token === '' || !csrf.isOwnOrigin(ctx)) return undefined;
    const visit: Visit | undefined = await reception.find(ctx);
    if (!visit?.session || visit.sessionId === undefined || !csrf.isRight(visit, token)) return undefined;
    const {
      userId,
      email,
      chosenOrganizationId: organizationId,
      identityProvider,
      confinedTo,
    } = visit.session;
    return { id: visit.sessionId, userId, email, organizationId, identityProvider, confinedTo };
  };
}
