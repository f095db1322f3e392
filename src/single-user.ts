import { addOrganization, listOrganizationsOfUser } from './organizations/organization.ts';
import type { Database } from './postgres/pool.ts';
import { sql } from './postgres/sql.ts';
import { endSessionsOfUser } from './users/session.ts';
import { addUser, findUserByEmail } from './users/user.ts';

/** The one person of a server without sign-in. Nobody else can have an address like this. */
const singleUserEmail = 'local@localhost';

const organizationName = 'Local';

/** The id of that person, who administers an organization of their own; makes what is absent of it. */
export async function ensureSingleUser(db: Database): Promise<string> {
  await addUser(db, { email: singleUserEmail, passwordHash: undefined });
  return await db.transaction(async (tx) => {
    // Two servers that start at once make one organization.
    const [user] = await tx.query<{ id: string }>(
      sql`select id from users where email = ${singleUserEmail} for update`,
    );
    const { id } = user as { id: string };
    if ((await listOrganizationsOfUser(tx, id)).length === 0) {
      await addOrganization(tx, { name: organizationName, administratorId: id });
    }
    return id;
  });
}

/** Where people sign in, nobody goes on as that person who never has. */
export async function dismissSingleUser(db: Database): Promise<void> {
  const user = await findUserByEmail(db, singleUserEmail);
  if (user) await endSessionsOfUser(db, user.id);
}
