import { AppError } from '../../errors.ts';
import { changeMember, findMember, type Member, type MemberChange } from '../../organizations/member.ts';
import type { Database } from '../../postgres/pool.ts';
import { groupPairs, listPairs, type Scopes } from '../../scopes.ts';
import type { Io } from '../io.ts';
import { listByResource } from './client-flags.ts';
import { withDatabase } from './database.ts';
import { memberCard, memberJson } from './member-view.ts';
import { getNamedOrganization } from './named-organization.ts';
import { getNamedUser } from './named-user.ts';
import { change } from './operator.ts';
import { isProviderDemanded } from './sign-in-way.ts';

/** Which member: an organization by its id or name, a person by their address. */
export type NamedMember = { organization: string; email: string };

/** `postern member show`. */
export async function show(io: Io, named: NamedMember, options: { json?: boolean }): Promise<void> {
  print(io, await withDatabase(io, (db) => getNamedMember(db, named)), options);
}

/** `postern member give`. What was taken before is taken no more. */
export async function give(
  io: Io,
  named: NamedMember,
  pairs: readonly string[],
  options: { json?: boolean },
): Promise<void> {
  const scopes = readScopes(pairs);
  const member = await adjust(io, named, ({ given }) => ({ given: unite(given, scopes) }), {
    given: scopes,
  });
  print(io, member, options);
  io.say(`Gave ${named.email} ${wordsOf(scopes)}.`);
}

/** `postern member take`. What was given before is given no more. */
export async function take(
  io: Io,
  named: NamedMember,
  pairs: readonly string[],
  options: { json?: boolean },
): Promise<void> {
  const scopes = readScopes(pairs);
  const member = await adjust(io, named, ({ taken }) => ({ taken: unite(taken, scopes) }), {
    taken: scopes,
  });
  print(io, member, options);
  io.say(`Took ${wordsOf(scopes)} from ${named.email}.`);
}

/** `postern member sign-in`. The organization may demand an identity provider of everybody all the same. */
export async function setSignIn(io: Io, named: NamedMember, way: string): Promise<void> {
  const requiresIdentityProvider = isProviderDemanded(way);
  await adjust(io, named, () => ({ requiresIdentityProvider }), { fields: ['identity_provider_required'] });
  io.say(
    requiresIdentityProvider
      ? `${named.email} signs in at an identity provider.`
      : `${named.email} may sign in as the organization has it.`,
  );
}

async function adjust(
  io: Io,
  named: NamedMember,
  changeOf: (before: Member) => MemberChange,
  details: { given?: Scopes; taken?: Scopes; fields?: string[] },
): Promise<Member> {
  return await change(io, async (db, tell) => {
    const found = await getNamedMember(db, named);
    const changed = await changeMember(db, found, changeOf);
    if ('member' in changed) {
      const target = { kind: 'member' as const, id: found.userId, name: found.email };
      tell({ action: 'member.changed', target, organizationId: found.organizationId, details });
      return changed.member;
    }
    switch (changed.refusal) {
      case 'unknown_scope':
        throw new AppError(
          'not_found',
          'One of these scopes does not exist; postern resource list shows them',
        );
      case 'last_administrator':
        throw new AppError(
          'conflict',
          'An organization needs an administrator; make somebody else one first',
        );
      case 'nobody_could':
        throw new AppError(
          'conflict',
          'No administrator could sign in and change members any more; see to it first that somebody can',
        );
      case 'not_found':
      case 'unexpected':
        throw noSuchMember(named);
    }
  });
}

async function getNamedMember(db: Database, named: NamedMember): Promise<Member> {
  const organization = await getNamedOrganization(db, named.organization);
  const user = await getNamedUser(db, named.email);
  const member = await findMember(db, organization.id, user.id);
  if (!member) throw noSuchMember(named);
  return member;
}

function noSuchMember({ organization, email }: NamedMember): AppError {
  return new AppError('not_found', `${email} is no member of ${organization}`);
}

function readScopes(pairs: readonly string[]): Scopes {
  const scopes = listByResource(pairs);
  const isWhole = Object.entries(scopes).every(([uri, names]) => uri !== '' && names.length > 0);
  if (isWhole) return scopes;
  throw new AppError('usage', 'Write each as "https://api.example.com=read write"');
}

function unite(one: Scopes, other: Scopes): Scopes {
  return groupPairs([...listPairs(one), ...listPairs(other)]);
}

function wordsOf(scopes: Scopes): string {
  return listPairs(scopes)
    .map(({ resource, scope }) => `${scope} of ${resource}`)
    .join(', ');
}

function print(io: Io, member: Member, options: { json?: boolean }): void {
  if (options.json) io.json(memberJson(member));
  else io.data(memberCard(member));
}
