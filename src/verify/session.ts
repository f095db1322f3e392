import { findActing } from '../organizations/acting.ts';
import type { Database } from '../postgres/pool.ts';
import { sha256 } from '../secret.ts';
import type { Caller } from './caller.ts';

/** A browser in which somebody is signed in, and whose request came from one of our own pages. */
export type FoundSession = {
  id: string;
  userId: string;
  email: string;
  organizationId: string | undefined;
  /** Where they have signed in, if not here. */
  identityProvider: string | undefined;
  /** The organization that this one belongs to, if it does. */
  confinedTo: string | undefined;
};

/** Who sits in the browser, as a caller: what they may do where they act at this moment. */
export async function callerOf(db: Database, session: FoundSession): Promise<Caller> {
  const acting = await findActing(db, session.userId, session.organizationId, session);
  return {
    presentation: 'session',
    credentialId: `session ${sha256(session.id).toString('base64url')}`,
    credential: session.id,
    userId: session.userId,
    clientId: undefined,
    tokenId: undefined,
    organizationId: acting?.organizationId,
    confinedTo: session.confinedTo,
    name: session.email,
    permissions: acting?.permissions ?? {},
  };
}
