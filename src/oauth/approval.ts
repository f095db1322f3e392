import type { Client } from '../clients/client.ts';
import { findStanding } from '../organizations/acting.ts';
import type { Database } from '../postgres/pool.ts';

/** Where a person lets a device in, what it gets there, and what it asks for that they lack. */
export type Approval = {
  /** Absent for who belongs to none. */
  organization: { id: string; name: string; isOneOfSeveral: boolean } | undefined;
  given: string[];
  lacking: string[];
};

/**
 * Why a person cannot let a device in at all: they must choose an organization first, they or it are disabled, they must
 * sign in at its identity provider, or the program belongs to one that they do not belong to.
 */
export type ApprovalRefusal = 'undecided' | 'disabled' | 'signed_in_otherwise' | 'stranger';

/** Who decides: where they have chosen to act, and how they have signed in. */
export type ApprovingPerson = {
  userId: string;
  organizationId: string | undefined;
  identityProvider: string | undefined;
};

/**
 * What a person can give at this moment of what a device asks for. Nobody gives what they do not have: in an organization
 * that is what they may do there; who belongs to none speaks for themselves, and gives what is asked for.
 */
export async function findApproval(
  db: Database,
  { client, resource, asked }: { client: Client; resource: string; asked: readonly string[] },
  person: ApprovingPerson,
): Promise<Approval | { refusal: ApprovalRefusal }> {
  const chosen = client.organizationId ?? person.organizationId;
  const acting = await findStanding(db, person.userId, chosen, person);
  if (acting.standing === 'member') {
    const { organizationId: id, organizationName: name, isOneOfSeveral } = acting;
    const own = acting.permissions[resource] ?? [];
    return {
      organization: { id, name, isOneOfSeveral },
      given: asked.filter((scope) => own.includes(scope)),
      lacking: asked.filter((scope) => !own.includes(scope)),
    };
  }
  if (acting.standing === 'disabled' || acting.standing === 'signed_in_otherwise')
    return { refusal: acting.standing };
  if (client.organizationId !== undefined) return { refusal: 'stranger' };
  if (acting.standing === 'undecided' || chosen !== undefined) return { refusal: 'undecided' };
  return { organization: undefined, given: [...asked], lacking: [] };
}
