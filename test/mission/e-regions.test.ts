import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { addOrganization } from '../../src/organizations/organization.ts';
import { createPool } from '../../src/postgres/pool.ts';
import { inRoot } from '../../src/root.ts';
import { createTokenFormat, randomText } from '../../src/secret.ts';
import { addApiToken } from '../../src/tokens/api-token.ts';
import { addValue } from '../../src/tokens/value.ts';
import { addUser } from '../../src/users/user.ts';
import { findFreePort } from '../support/port.ts';
import { openDatabase, type TestDatabase } from '../support/postgres.ts';
import { type Process, serve } from '../support/process.ts';
import { testLog } from '../support/temporary-postgres.ts';

/** One region, reached behind the proxy that would speak https for it. */
type Region = {
  name: string;
  url: string;
  issuer: string;
  database: TestDatabase;
  server: Process;
  token: string;
};

let folder: string;
let us: Region;
let eu: Region;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'postern-regions-'));
  [us, eu] = await Promise.all([open('us'), open('eu')]);
});
after(async () => {
  for (const { server, database } of [us, eu]) {
    await server.end();
    await database.drop();
  }
  await rm(folder, { recursive: true });
});

/** The settings of a region, as the template says them. */
async function render(region: string): Promise<Record<string, string>> {
  const values: Record<string, string> = { REGION: region, DOMAIN: 'example.com', SECRETS: folder };
  const template = await readFile(inRoot('deploy', 'region.env'), 'utf8');
  const text = template.replace(/\$\{(\w+)\}/g, (_, name) => values[name] ?? '');
  return Object.fromEntries([...text.matchAll(/^(\w+)=(.*)$/gm)].map(([, name, value]) => [name, value]));
}

async function open(name: string): Promise<Region> {
  const database = await openDatabase();
  await mkdir(join(folder, name));
  await writeFile(join(folder, name, 'master-secret'), randomText());
  await writeFile(join(folder, name, 'database-url'), database.url);
  const settings = await render(name);
  const port = await findFreePort();
  const server = await serve({ ...settings, POSTERN_HOST: 'localhost', POSTERN_PORT: String(port) });
  const token = await makeToken(database.url, settings.POSTERN_TOKEN_PREFIX ?? '');
  return {
    name,
    url: `http://localhost:${port}`,
    issuer: settings.POSTERN_ISSUER ?? '',
    database,
    server,
    token,
  };
}

/** An API token of somebody of the region. */
async function makeToken(databaseUrl: string, prefix: string): Promise<string> {
  const db = createPool({ url: databaseUrl, log: testLog });
  const added = await addUser(db, { email: 'ada@example.com', passwordHash: undefined });
  assert.ok('user' in added);
  const ownerId = added.user.id;
  const { id: organizationId } = await addOrganization(db, { name: 'Company', administratorId: ownerId });
  const made = await addApiToken(db, {
    organizationId,
    ownerId,
    kind: 'private',
    name: 'x',
    permissions: {},
  });
  assert.ok('token' in made);
  const { id } = made.token;
  const text = createTokenFormat(prefix).issue('api', new Date());
  await addValue(db, { tokenId: id, holderId: ownerId, text, overlapSeconds: 0 });
  await db.close();
  return text;
}

const statusOf = async (region: Region, token: string) =>
  (await fetch(`${region.url}/api/v1/users/me`, { headers: { authorization: `Bearer ${token}` } })).status;

describe('two regions of one product, from one template', () => {
  it('have an issuer each, and say so', async () => {
    for (const { url, issuer } of [us, eu]) {
      const metadata = await fetch(`${url}/.well-known/oauth-authorization-server`);
      assert.equal(((await metadata.json()) as { issuer: string }).issuer, issuer);
    }
    assert.deepEqual(
      [us.issuer, eu.issuer],
      ['https://login.us.example.com', 'https://login.eu.example.com'],
    );
  });

  it('take their own tokens, and know nothing of one another’s', async () => {
    assert.deepEqual([await statusOf(us, us.token), await statusOf(eu, eu.token)], [200, 200]);
    assert.deepEqual([await statusOf(us, eu.token), await statusOf(eu, us.token)], [401, 401]);
    assert.match(us.token, /^pstus_api_/);
  });

  it('sign with keys of their own', async () => {
    const kids = await Promise.all(
      [us, eu].map(async ({ url }) => {
        const { keys } = (await (await fetch(`${url}/.well-known/jwks.json`)).json()) as {
          keys: { kid: string }[];
        };
        return keys.map(({ kid }) => kid);
      }),
    );
    assert.equal(new Set(kids.flat()).size, kids.flat().length);
  });
});
