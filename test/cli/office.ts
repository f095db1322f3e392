import { addMember } from '../../src/organizations/member.ts';
import { sql } from '../../src/postgres/sql.ts';
import { ada, addAccount } from '../support/person.ts';
import type { TestServer } from '../support/server.ts';
import { type SignedIn, signInByCommand } from './signed-in.ts';
import type { Owner } from './terminal.ts';

/** The demo company at the command line: its administrator, and Ada as a member, each signed in for the management API. */
export async function openOffice(
  owner: Owner,
  { issuer, db }: TestServer,
): Promise<{ administrator: SignedIn; member: SignedIn }> {
  const userId = await addAccount(db, ada);
  const [organization] = await db.query<{ id: string }>(sql`select id from organizations`);
  await addMember(db, { organizationId: organization?.id ?? '', userId, role: 'member' });
  // Each login waits out the interval of its first poll, so they wait together.
  const [administrator, member] = await Promise.all([
    signInByCommand(owner, issuer, { flags: ['--manage'] }),
    signInByCommand(owner, issuer, { flags: ['--manage'], account: ada }),
  ]);
  return { administrator, member };
}
