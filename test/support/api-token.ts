import assert from 'node:assert/strict';
import { demoOrganization, demoResource, demoUser } from '../../src/development.ts';
import { addMember } from '../../src/organizations/member.ts';
import { addOrganization, listOrganizationsOfUser, type Role } from '../../src/organizations/organization.ts';
import type { Database } from '../../src/postgres/pool.ts';
import { createTokenFormat, randomText } from '../../src/secret.ts';
import { type ApiTokenRegistration, addApiToken } from '../../src/tokens/api-token.ts';
import { importLegacyTokens, type LegacyCredential } from '../../src/tokens/legacy.ts';
import { addValue } from '../../src/tokens/value.ts';
import { addUser, findUserByEmail } from '../../src/users/user.ts';
import { type Answer, basic } from './client.ts';

/** Somebody of a company. */
export type Colleague = { id: string; email: string; organizationId: string };

/** An API token, and the text that its owner has of it. */
export type TestApiToken = { id: string; organizationId: string; ownerId: string; text: string };

/** The demo person in the demo company. */
export async function findDemoColleague(db: Database): Promise<Colleague> {
  const user = await findUserByEmail(db, demoUser.email);
  const organizations = user ? await listOrganizationsOfUser(db, user.id) : [];
  const own = organizations.find(({ name }) => name === demoOrganization.name);
  assert.ok(user && own);
  return { id: user.id, email: user.email, organizationId: own.id };
}

/** A new person in a company, or the administrator of a new one. */
export async function addColleague(
  db: Database,
  { organizationId, role = 'member' }: { organizationId?: string; role?: Role } = {},
): Promise<Colleague> {
  const email = `${randomText(12).toLowerCase()}@example.com`;
  const added = await addUser(db, { email, passwordHash: undefined });
  assert.ok('user' in added);
  const { id } = added.user;
  if (organizationId === undefined) {
    const organization = await addOrganization(db, { name: 'Another company', administratorId: id });
    return { id, email, organizationId: organization.id };
  }
  assert.ok('member' in (await addMember(db, { organizationId, userId: id, role })));
  return { id, email, organizationId };
}

/** A token of somebody's that may read at the demo API, except for what is said. */
export async function makeApiToken(
  db: Database,
  owner: Colleague,
  changes: Partial<ApiTokenRegistration> = {},
): Promise<TestApiToken> {
  const added = await addApiToken(db, {
    organizationId: owner.organizationId,
    ownerId: owner.id,
    kind: 'private',
    name: 'Test token',
    permissions: { [demoResource.uri]: ['read'] },
    ...changes,
  });
  assert.ok('token' in added);
  const { id } = added.token;
  const token = { id, organizationId: owner.organizationId, ownerId: owner.id };
  return { ...token, text: await takeValue(db, token, owner) };
}

/** Gives somebody a text of a token; the ones that they had end with the overlap. */
export async function takeValue(
  db: Database,
  { id }: { id: string },
  holder: Colleague,
  overlapSeconds = 0,
): Promise<string> {
  const text = createTokenFormat('pst').issue('api', new Date());
  await addValue(db, { tokenId: id, holderId: holder.id, text, overlapSeconds });
  return text;
}

/** Imports a credential of an earlier system, and tells what became of it. */
export async function importLegacy(
  db: Database,
  organizationId: string,
  credential: LegacyCredential,
): Promise<string | undefined> {
  const [imported] = await importLegacyTokens(db, organizationId, [credential]);
  return imported?.outcome;
}

/** Asks the management API who is asking. */
export async function showMe(issuer: string, headers: Record<string, string>): Promise<Answer> {
  const response = await fetch(`${issuer}/api/v1/users/me`, { headers });
  return { status: response.status, headers: response.headers, body: await response.json() };
}

/** The headers of each way to present the text of an API token. */
export const presentations = {
  bearer: (text: string) => ({ authorization: `Bearer ${text}` }),
  token: (text: string) => ({ authorization: `Token ${text}` }),
  named: (text: string, username: string) => ({ authorization: basic(`${username}:${text}`) }),
};
