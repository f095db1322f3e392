import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import fc from 'fast-check';
import { addClient, getClient } from '../../src/clients/client.ts';
import { hasSecret, rotateClientSecret } from '../../src/clients/secret.ts';
import { createPool, type Pool } from '../../src/postgres/pool.ts';
import { sql } from '../../src/postgres/sql.ts';
import { addResource } from '../../src/resources/resource.ts';
import { createTokenFormat } from '../../src/secret.ts';
import { openDatabase } from '../support/postgres.ts';
import { testLog } from '../support/temporary-postgres.ts';

let db: Pool;
before(async () => {
  db = createPool({ url: (await openDatabase()).url, log: testLog });
  await addResource(db, { uri: api, name: 'API', scopes: { read: 'See' } });
});
after(() => db.close());

const format = createTokenFormat('pst');
const api = 'https://api.example.com';

let count = 0;

async function addMachine(): Promise<{ id: string; secret: string }> {
  count += 1;
  const id = `machine-${count}`;
  const added = await addClient(
    db,
    {
      id,
      name: 'Machine',
      authentication: 'client_secret_basic',
      grantTypes: ['client_credentials'],
      allowed: { [api]: ['read'] },
      audiences: [],
    },
    format,
  );
  assert.ok('client' in added && added.secret);
  return { id, secret: added.secret };
}

const rotate = (id: string, options: { overlapSeconds?: number; force?: boolean } = {}) =>
  rotateClientSecret(db, id, { overlapSeconds: 3600, format, ...options });

/** Lets time pass for the secrets of a client, by the clock of the database. */
const age = (id: string, seconds: number) =>
  db.query(sql`
    update client_secrets set expires_at = expires_at - make_interval(secs => ${seconds}) where client_id = ${id}`);

test('after a rotation both secrets work until the overlap is over', async () => {
  const { id, secret: first } = await addMachine();
  const rotated = await rotate(id);
  assert.ok('secret' in rotated && rotated.previousExpiresAt);
  const both = await getClient(db, id);
  assert.deepEqual([hasSecret(both, first), hasSecret(both, rotated.secret)], [true, true]);
  assert.deepEqual(
    both.secrets.map(({ expiresAt }) => expiresAt),
    [rotated.previousExpiresAt, undefined],
  );

  await age(id, 3601);
  const later = await getClient(db, id);
  assert.deepEqual([hasSecret(later, first), hasSecret(later, rotated.secret)], [false, true]);
});

test('without an overlap the old secret ends at once', async () => {
  const { id, secret: first } = await addMachine();
  const rotated = await rotate(id, { overlapSeconds: 0 });
  assert.ok('secret' in rotated);
  const client = await getClient(db, id);
  assert.deepEqual([hasSecret(client, first), hasSecret(client, rotated.secret)], [false, true]);
});

test('a third secret is refused while two are live, and says until when', async () => {
  const { id } = await addMachine();
  const rotated = await rotate(id);
  assert.ok('secret' in rotated);
  assert.deepEqual(await rotate(id), { refusal: 'two_live', until: rotated.previousExpiresAt });
  await age(id, 3601);
  assert.ok('secret' in (await rotate(id)));
});

test('by force the oldest secret ends at once and the newer one gets the overlap', async () => {
  const { id, secret: first } = await addMachine();
  const second = await rotate(id);
  const third = await rotate(id, { force: true });
  assert.ok('secret' in second && 'secret' in third);
  const client = await getClient(db, id);
  assert.deepEqual(
    [first, second.secret, third.secret].map((secret) => hasSecret(client, secret)),
    [false, true, true],
  );
  assert.deepEqual(client.secrets[0]?.expiresAt, third.previousExpiresAt);
});

test('a rotation never prolongs a secret that ends sooner', async () => {
  const { id } = await addMachine();
  await db.query(
    sql`update client_secrets set expires_at = now() + interval '1 minute' where client_id = ${id}`,
  );
  const [before] = (await getClient(db, id)).secrets;
  const rotated = await rotate(id);
  assert.ok('secret' in rotated);
  assert.deepEqual(rotated.previousExpiresAt, before?.expiresAt);
});

test('of many rotations at once one succeeds, and two secrets are live', async () => {
  const { id, secret } = await addMachine();
  const outcomes = await Promise.all(Array.from({ length: 8 }, () => rotate(id)));
  const winners = outcomes.flatMap((outcome) => ('secret' in outcome ? [outcome.secret] : []));
  assert.equal(winners.length, 1);
  const client = await getClient(db, id);
  assert.equal(client.secrets.length, 2);
  for (const live of [secret, ...winners]) assert.equal(hasSecret(client, live), true);
});

test('many forced rotations at once all give a secret, and two are live: the last ones', async () => {
  const { id } = await addMachine();
  const outcomes = await Promise.all(Array.from({ length: 8 }, () => rotate(id, { force: true })));
  const secrets = outcomes.flatMap((outcome) => ('secret' in outcome ? [outcome.secret] : []));
  assert.equal(secrets.length, 8);
  const client = await getClient(db, id);
  assert.equal(client.secrets.length, 2);
  assert.equal(secrets.filter((secret) => hasSecret(client, secret)).length, 2);
});

test('unknown and public clients get no secret', async () => {
  await db.query(sql`
    insert into clients (id, name, authentication, grant_types)
    values ('public', 'Public', 'none', array['urn:ietf:params:oauth:grant-type:device_code'])`);
  assert.deepEqual(await rotate('public', { force: true }), { refusal: 'no_secret' });
  assert.deepEqual(await rotate('nobody'), { refusal: 'unknown_client' });
  assert.deepEqual(await rotate('nul\0'), { refusal: 'unknown_client' });
});

test('no other text is a secret of the client, however close', async () => {
  const { id, secret } = await addMachine();
  const client = await getClient(db, id);
  fc.assert(
    fc.property(fc.nat(secret.length - 1), fc.string({ maxLength: 3 }), (at, text) => {
      const altered = secret.slice(0, at) + text + secret.slice(at + 1);
      assert.equal(hasSecret(client, altered), altered === secret);
    }),
  );
  assert.equal(hasSecret(client, `${secret}\0`), false);
  assert.equal(hasSecret(undefined, secret), false);
});
