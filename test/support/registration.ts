import assert from 'node:assert/strict';
import { addClientWithSecret } from '../../src/clients/client.ts';
import type { Registration } from '../../src/clients/registration.ts';
import { demoResource } from '../../src/development.ts';
import type { Database } from '../../src/postgres/pool.ts';
import { randomText } from '../../src/secret.ts';

/** A client of one test. `secret` is empty for a public one; `basic` is what `post` takes. */
export type TestClient = { id: string; secret: string; basic: string };

/** Registers a client that is like `demo-machine`, except for what is said. */
export async function registerClient(
  db: Database,
  changes: Partial<Registration> & { secret?: string } = {},
): Promise<TestClient> {
  const { secret = randomText(), ...registration } = changes;
  const isPublic = registration.authentication === 'none';
  const client: Registration = {
    id: `client-${randomText(12)}`,
    name: 'Test client',
    authentication: 'client_secret_basic',
    grantTypes: ['client_credentials'],
    defaultResource: demoResource.uri,
    allowed: { [demoResource.uri]: ['read', 'write'] },
    audiences: [],
    ...registration,
  };
  const added = await addClientWithSecret(db, client, isPublic ? undefined : secret);
  assert.ok('client' in added, JSON.stringify(added));
  return { id: client.id, secret: isPublic ? '' : secret, basic: `${client.id}:${isPublic ? '' : secret}` };
}
