import { allowClient } from './clients/allowance.ts';
import { addClientWithSecret } from './clients/client.ts';
import type { Registration } from './clients/registration.ts';
import { AppError } from './errors.ts';
import { addOrganization, listOrganizationsOfUser } from './organizations/organization.ts';
import type { Database } from './postgres/pool.ts';
import { sql } from './postgres/sql.ts';
import { addResource } from './resources/resource.ts';
import { deviceGrant } from './urn.ts';
import { hashPassword } from './users/password.ts';
import { addUser, findUserByEmail } from './users/user.ts';

/** The person to try Postern with. Everybody knows the password, and a check of new passwords would refuse it. */
export const demoUser = { email: 'demo@example.com', password: 'correct horse battery staple' };

/** The company that this person administers. */
export const demoOrganization = { name: 'Example Company' };

/** The API that the demo clients ask for. */
export const demoResource = {
  uri: 'https://api.example.com',
  name: 'Example API',
  scopes: { read: 'See your data', write: 'Change your data' },
};

/** An API whose tokens are JWTs, to be checked without asking anybody. */
export const demoJwtResource = {
  uri: 'https://jobs.example.com',
  name: 'Example Jobs',
  scopes: { run: 'Run your jobs' },
  accessTokenFormat: 'jwt' as const,
};

/** A machine that gets tokens by client credentials. */
export const demoMachine = {
  id: 'demo-machine',
  secret: 'demo-machine-secret-for-development-only',
};

/** A command-line program that signs people in by the device grant. */
export const demoCli = { id: 'demo-cli' };

/** A resource server, which introspects tokens for `demoResource`. */
export const demoApi = { id: 'demo-api', secret: 'demo-api-secret-for-development-only' };

const allowed = { [demoResource.uri]: ['read', 'write'] };

const clients: { registration: Registration; secret: string | undefined }[] = [
  {
    registration: {
      id: demoMachine.id,
      name: 'Demo machine',
      authentication: 'client_secret_basic',
      grantTypes: ['client_credentials'],
      defaultResource: demoResource.uri,
      allowed: { ...allowed, [demoJwtResource.uri]: ['run'] },
      audiences: [],
    },
    secret: demoMachine.secret,
  },
  {
    registration: {
      id: demoCli.id,
      name: 'Demo CLI',
      authentication: 'none',
      grantTypes: [deviceGrant, 'refresh_token'],
      defaultResource: demoResource.uri,
      allowed,
      audiences: [],
    },
    secret: undefined,
  },
  {
    registration: {
      id: demoApi.id,
      name: 'Demo API',
      authentication: 'client_secret_basic',
      grantTypes: [],
      allowed: {},
      audiences: [demoResource.uri, demoJwtResource.uri],
    },
    secret: demoApi.secret,
  },
];

/** The management API of a server as a resource that is there, and what members and administrators may do with it. */
export type Management = { resource: string; scopes: readonly string[] };

/** Adds what is absent of the development data and leaves alone what is there, changed or not. */
export async function addDevelopmentData(db: Database, management?: Management): Promise<void> {
  await addResource(db, demoResource);
  await addResource(db, demoJwtResource);
  for (const { registration, secret } of clients) {
    const added = await addClientWithSecret(db, registration, secret);
    if ('refusal' in added && added.refusal !== 'exists') {
      throw new AppError('failure', `The development client ${registration.id} could not be added`, {
        cause: added,
      });
    }
  }
  if (management) await allowClient(db, demoCli.id, management);
  const known = await findUserByEmail(db, demoUser.email);
  if (!known) {
    await addUser(db, { email: demoUser.email, passwordHash: await hashPassword(demoUser.password) });
  }
  const user = known ?? (await findUserByEmail(db, demoUser.email));
  if (user) await db.transaction((tx) => foundCompany(tx, user.id));
}

/** Two servers that start at once found one company. */
async function foundCompany(tx: Database, administratorId: string): Promise<void> {
  await tx.query(sql`select from users where id = ${administratorId}::uuid for update`);
  if ((await listOrganizationsOfUser(tx, administratorId)).length > 0) return;
  await addOrganization(tx, { name: demoOrganization.name, administratorId });
}

/** Whether any client or person of the development data is here, even renamed or disabled; production must not start then. */
export async function hasDevelopmentData(db: Database): Promise<boolean> {
  const ids = clients.map(({ registration }) => registration.id);
  const [row] = await db.query<{ found: boolean }>(sql`
    select exists (select from clients where id = any(${ids}))
      or exists (select from users where email = ${demoUser.email}) as found`);
  return row?.found === true;
}
