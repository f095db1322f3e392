import { AppError } from '../../errors.ts';
import {
  findOrganization,
  findOrganizationsByName,
  type Organization,
} from '../../organizations/organization.ts';
import type { Database } from '../../postgres/pool.ts';

/** The organization of an id or a name, as an operator names it; AppError `not_found`, or `conflict` where two have the name. */
export async function getNamedOrganization(db: Database, text: string): Promise<Organization> {
  const isId = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text);
  const byId = isId ? await findOrganization(db, text) : undefined;
  const [found, another] = byId ? [byId] : await findOrganizationsByName(db, text, 2);
  if (!found) throw new AppError('not_found', `There is no organization ${text}`);
  if (another) {
    throw new AppError(
      'conflict',
      `More than one organization is called ${text}; write the id that postern organization list shows`,
    );
  }
  return found;
}
