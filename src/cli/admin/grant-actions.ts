import { AppError } from '../../errors.ts';
import { type Grant, listGrants } from '../../oauth/grant.ts';
import type { Io } from '../io.ts';
import { withDatabase } from './database.ts';
import { getNamedUser } from './named-user.ts';
import { listAll } from './pages.ts';
import { table } from './table.ts';

/** What `postern grant list` was given. */
export type GrantOptions = { user?: string; client?: string; json?: boolean };

/** `postern grant list`. */
export async function list(io: Io, { user, client, json }: GrantOptions): Promise<void> {
  if ((user === undefined) === (client === undefined)) {
    throw new AppError('usage', 'Say whose: --user or --client, one of them');
  }
  const grants = await withDatabase(io, async (db) => {
    const selection =
      user === undefined ? { clientId: client ?? '' } : { accountId: (await getNamedUser(db, user)).id };
    return await listAll(
      (part) => listGrants(db, selection, {}, part),
      ({ place }) => place,
    );
  });
  if (json) io.json(grants.map(grantJson));
  else if (grants.length === 0) io.say('There is no grant.');
  else {
    const rows = grants.map((grant) => [
      grant.id.slice(0, 16),
      grant.clientId,
      grant.accountId,
      Object.values(grant.resources).join(' '),
      grant.createdAt.toISOString(),
    ]);
    io.data(table([['GRANT', 'CLIENT', 'USER', 'SCOPES', 'SINCE'], ...rows]));
  }
}

function grantJson(grant: Grant): Record<string, unknown> {
  return {
    id: grant.id,
    client_id: grant.clientId,
    sub: grant.accountId,
    resources: grant.resources,
    created_at: grant.createdAt.toISOString(),
    expires_at: grant.expiresAt.toISOString(),
  };
}
