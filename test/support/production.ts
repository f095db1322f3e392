import { addClientWithSecret } from '../../src/clients/client.ts';
import { createPool, type Pool } from '../../src/postgres/pool.ts';
import { addResource } from '../../src/resources/resource.ts';
import { type Answer, post } from './client.ts';
import { findFreePort } from './port.ts';
import { openDatabase } from './postgres.ts';
import { testSecret } from './server.ts';
import { testLog } from './temporary-postgres.ts';

/** A database that servers in production mode share, with one machine that gets tokens and introspects them. */
export type Production = {
  db: Pool;
  issuer: string;
  /** The environment of a server on this port, or on the issuer's own. */
  settings(port?: number): Record<string, string>;
  drop(): Promise<void>;
};

const resource = 'https://api.example.com';
const machine = { id: 'robot', secret: 'a-secret-of-a-robot-that-nobody-guesses' };

/** Makes such a database; no server runs on it yet. */
export async function openProduction(): Promise<Production> {
  const database = await openDatabase();
  const db = createPool({ url: database.url, log: testLog, max: 4 });
  await addResource(db, {
    uri: resource,
    name: 'Example API',
    scopes: { read: 'See your data', write: 'Change your data' },
  });
  await addClientWithSecret(
    db,
    {
      id: machine.id,
      name: 'Robot',
      authentication: 'client_secret_basic',
      grantTypes: ['client_credentials'],
      defaultResource: resource,
      allowed: { [resource]: ['read'] },
      audiences: [resource],
    },
    machine.secret,
  );
  const ownPort = await findFreePort();
  const issuer = `http://localhost:${ownPort}`;
  return {
    db,
    issuer,
    settings: (port = ownPort) => ({
      POSTERN_ISSUER: issuer,
      POSTERN_PORT: String(port),
      POSTERN_SECRET: testSecret,
      DATABASE_URL: database.url,
    }),
    async drop() {
      await db.close();
      await database.drop();
    },
  };
}

/** A token for the machine, from the server at this address. */
export function requestRobotToken(address: string): Promise<Answer> {
  return post(
    `${address}/oauth/token`,
    { grant_type: 'client_credentials' },
    { basic: `${machine.id}:${machine.secret}` },
  );
}

/** The machine asks the server at this address what a token is worth. */
export function introspectAsRobot(address: string, token: string): Promise<Answer> {
  return post(`${address}/oauth/introspect`, { token }, { basic: `${machine.id}:${machine.secret}` });
}
