import { ownApi } from '../views/words/en/own-api.ts';
import { apiResource, apiRoleScopes } from './api/scope.ts';
import { ensureOwnClient, ownClient } from './clients/own-client.ts';
import type { Clock } from './clock.ts';
import { type Config, configurationError } from './config.ts';
import { addDevelopmentData, hasDevelopmentData } from './development.ts';
import { addPartitionsAhead } from './oauth/sweep.ts';
import type { Pool } from './postgres/pool.ts';
import { ensureResource } from './resources/resource.ts';
import { dismissSingleUser, ensureSingleUser } from './single-user.ts';

/** Makes what a server must find; resolves to the id of the single user where there is no sign-in. */
export async function prepareData(db: Pool, config: Config, clock: Clock): Promise<string | undefined> {
  await addPartitionsAhead(db, clock);
  const resource = apiResource(config.issuer);
  const own = await ensureResource(db, { uri: resource, name: ownApi.name, scopes: apiRoleScopes });
  if ('refusal' in own) {
    throw configurationError([
      `POSTERN_ISSUER: write another one; ${resource}, which would be the management API, is registered as an API of yours`,
    ]);
  }
  if (!(await ensureOwnClient(db))) {
    throw configurationError([
      `DATABASE_URL: a client ${ownClient.id} is registered there; remove it, the server needs that id itself`,
    ]);
  }
  const scopes = apiRoleScopes.filter(({ role }) => role !== 'operator').map(({ scope }) => scope);
  if (config.mode === 'development') await addDevelopmentData(db, { resource, scopes });
  else if (await hasDevelopmentData(db)) {
    throw configurationError([
      'DATABASE_URL: use another database; this one holds the development data, whose passwords everybody knows',
    ]);
  }
  if (config.signIn === 'none') return await ensureSingleUser(db);
  await dismissSingleUser(db);
  return undefined;
}
