import type { Act } from '../../audit/action.ts';
import { AppError } from '../../errors.ts';
import type { Organization } from '../../organizations/organization.ts';
import {
  type Belongings,
  countBelongings,
  disableOrganization,
  enableOrganization,
  removeOrganization,
} from '../../organizations/organization-life.ts';
import type { Database } from '../../postgres/pool.ts';
import type { Io } from '../io.ts';
import { confirm } from './confirmation.ts';
import { withDatabase } from './database.ts';
import { getNamedOrganization } from './named-organization.ts';
import { change } from './operator.ts';

/** `postern organization disable`. */
export async function disable(io: Io, name: string): Promise<void> {
  const organization = await changeNamed(io, name, 'organization.disabled', disableOrganization);
  io.say(`Disabled ${organization.name}. Nothing of it is let in until it is enabled again.`);
}

/** `postern organization enable`. */
export async function enable(io: Io, name: string): Promise<void> {
  const organization = await changeNamed(io, name, 'organization.enabled', enableOrganization);
  io.say(`Enabled ${organization.name}.`);
}

/** `postern organization remove`. Says how much goes with it, and asks. */
export async function remove(io: Io, name: string, options: { yes?: boolean }): Promise<void> {
  const { organization, belongings } = await withDatabase(io, async (db) => {
    const organization = await getNamedOrganization(db, name);
    return { organization, belongings: await countBelongings(db, organization.id) };
  });
  const question = `This removes ${organization.name} (${organization.id}) for good, with ${words(belongings)}.`;
  await confirm(io, { question, word: 'remove', isAgreed: options.yes });
  // By its id: another one may be called so by now.
  await changeNamed(io, organization.id, 'organization.removed', removeOrganization);
  io.say(`Removed ${organization.name} with ${words(belongings)}.`);
}

async function changeNamed(
  io: Io,
  name: string,
  action: Act,
  work: (db: Database, id: string) => Promise<boolean>,
): Promise<Organization> {
  return await change(io, async (db, tell) => {
    const organization = await getNamedOrganization(db, name);
    const { id } = organization;
    if (!(await work(db, id))) throw new AppError('not_found', `There is no organization ${name}`);
    const target = { kind: 'organization' as const, id, name: organization.name };
    tell({ action, target, organizationId: id });
    return organization;
  });
}

function words({ members, tokens, clients, grants }: Belongings): string {
  return [
    count(members, 'membership'),
    count(tokens, 'API token'),
    count(clients, 'program'),
    `${count(grants, 'approval')} of devices and apps`,
  ].join(', ');
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
