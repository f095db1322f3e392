import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { serverChain } from '../../src/audit/chain.ts';
import { demoUser } from '../../src/development.ts';
import { type Sql, sql } from '../../src/postgres/sql.ts';
import { runCommand } from '../cli/terminal.ts';
import { untilRecorded } from '../support/audit.ts';
import { createPerson } from '../support/person.ts';
import { startServer, type TestServer, testSecret } from '../support/server.ts';

let server: TestServer;
before(async () => {
  server = await startServer();
});
after(() => server.stop());

const signIns = { action: 'sign_in.succeeded' };

async function verify(): Promise<{ exitCode: number; said: string }> {
  const env = { DATABASE_URL: server.databaseUrl, POSTERN_SECRET: testSecret };
  const { exitCode, stdout, stderr } = await runCommand(['audit', 'verify'], { env });
  return { exitCode, said: stdout + stderr };
}

/** Lets the demo person sign in, and waits until that is written down. */
async function signInOnce(): Promise<void> {
  const { db, issuer } = server;
  const before = await untilRecorded(db, serverChain, signIns, 0);
  await createPerson(issuer).signIn();
  await untilRecorded(db, serverChain, signIns, before.length + 1);
}

/** Keeps what is there now, to put it back. */
async function keepEverything(): Promise<() => Promise<void>> {
  const { db } = server;
  for (const table of ['audit_events', 'audit_chains', 'audit_keys']) {
    await db.query(sql`create table ${sql.identifier(`kept_${table}`)} as table ${sql.identifier(table)}`);
  }
  // At once: the server writes on meanwhile.
  return () =>
    db.transaction(async (tx) => {
      await tx.query(sql`lock table audit_events, audit_chains, audit_keys`);
      for (const table of ['audit_events', 'audit_chains', 'audit_keys']) {
        await tx.query(sql`delete from ${sql.identifier(table)}`);
        await tx.query(sql`insert into ${sql.identifier(table)} table ${sql.identifier(`kept_${table}`)}`);
      }
    });
}

/** What somebody may try who can write to the database, but does not know the master secret. */
const attempts: [what: string, statements: Sql[], found: RegExp][] = [
  [
    'blames another',
    [sql`update audit_events set actor_name = 'mallory@example.com' where action = 'sign_in.succeeded'`],
    /^server: event \d+ was changed/m,
  ],
  [
    'takes the last event away with the ends that the chain would have had then',
    [
      sql`update audit_chains set sequence = sequence - 1, mac = (
            select mac from audit_events where chain_id = id and audit_events.sequence = audit_chains.sequence - 1
          ) where number = 0`,
      sql`delete from audit_events where sequence > (select sequence from audit_chains where number = 0)`,
    ],
    /^server: its ends were changed/m,
  ],
  [
    'lets a server forget everything',
    [sql`delete from audit_events`, sql`delete from audit_chains`, sql`delete from audit_keys`],
    /There is no key of an audit log/,
  ],
];

describe('who can write to the database but does not know the master secret', () => {
  let putBack: () => Promise<void>;
  before(async () => {
    for (let count = 0; count < 2; count += 1) await signInOnce();
    putBack = await keepEverything();
    assert.equal((await verify()).exitCode, 0);
  });

  for (const [what, statements, found] of attempts) {
    it(`${what}, and is found out, also when the server has written on`, async () => {
      const { db } = server;
      await db.transaction(async (tx) => {
        for (const statement of statements) await tx.query(statement);
      });
      await signInOnce();
      const { exitCode, said } = await verify();
      await putBack();
      assert.equal(exitCode, 1, said);
      assert.match(said, found);
      assert.equal((await verify()).exitCode, 0, 'nothing else was wrong');
    });
  }

  it('cannot make the servers go on under a key that it knows', async () => {
    await server.db.query(sql`update audit_keys set sealed = sha256('known') || sealed`);
    const start = async () => (await startServer({ databaseUrl: server.databaseUrl })).stop();
    await assert.rejects(start, { code: 'configuration', message: /POSTERN_SECRET/ });
    await putBack();
  });

  it('cannot keep a revocation from happening by breaking the log: it is written behind the break', async () => {
    const { db, databaseUrl } = server;
    await db.query(sql`update audit_chains set seal = sha256('broken') where number = 0`);
    const env = { DATABASE_URL: databaseUrl, POSTERN_SECRET: testSecret };
    const { exitCode, stderr } = await runCommand(['revoke', '--user', demoUser.email, '--yes'], { env });
    assert.equal(exitCode, 0, stderr);
    assert.match(stderr, /the audit log was tampered with/);
    await untilRecorded(db, serverChain, { action: 'user.tokens_revoked' });
    assert.match((await verify()).said, /^server: its ends were changed/m);
  });
});
