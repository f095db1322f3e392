import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { demoMachine, demoResource } from '../../src/development.ts';
import { sql } from '../../src/postgres/sql.ts';
import { randomText, sha256 } from '../../src/secret.ts';
import { callByExample } from '../api/example-call.ts';
import { createExampleWorld } from '../api/example-world.ts';
import { type SignedIn, signInByCommand } from '../cli/signed-in.ts';
import { makeHome, type Owner, runCommand } from '../cli/terminal.ts';
import { type ApiCaller, createApiCaller, createBrowserCaller, makeToken, showMe } from '../support/api.ts';
import { findDemoColleague } from '../support/api-token.ts';
import { basic, introspect, post, revoke } from '../support/client.ts';
import { register } from '../support/dynamic-client.ts';
import { examplesOf, listOperations, successOf } from '../support/openapi.ts';
import { createPerson } from '../support/person.ts';
import { driveKeySecrets, driveSecrets, type Secrets } from '../support/secrets.ts';
import { type TestServer, testSecret } from '../support/server.ts';
import { until } from '../support/until.ts';

/** The server that everything is played at, and who cleans up behind it. */
export type Stage = Pick<TestServer, 'issuer' | 'db' | 'databaseUrl'> & { owner: Owner };

/** A credential of an earlier system. */
export type LegacyToken = { id: string; secret: string };

/**
 * Plays every flow in which somebody is shown a secret or sends one: those of the protocol, every operation of the
 * reference, the commands of people and of operators, and what goes wrong. The server must offer registration and
 * believe this process what it forwards. Resolves to the secrets that are known without listening.
 */
export async function driveEverything(stage: Stage): Promise<{ known: Secrets; legacy: LegacyToken }> {
  const { issuer, db, owner } = stage;
  // Each login waits out the interval of its first poll, so they wait beside the rest.
  const signIns = Promise.all([
    signInByCommand(owner, issuer),
    signInByCommand(owner, issuer, { flags: ['--manage'] }),
  ]);
  const flows = await driveSecrets(stage);
  const value = await driveAccidents(issuer);
  await db.query(sql`delete from rate_limits`);
  await driveCommands(stage, await signIns);
  // One of them signs everything out.
  await driveExamples(stage);
  await untilUsed(stage);
  await revoke(issuer, value);
  const legacy = await importLegacy(stage);
  const known = new Map([...flows, ...(await driveKeySecrets(stage))]);
  return { known: known.set('the secret of a legacy token', legacy.secret), legacy };
}

/** Every operation of the reference with every example; the requests that may be repeated, twice. */
async function driveExamples({ issuer, db }: Stage): Promise<void> {
  const browser = await createBrowserCaller(issuer);
  const call: ApiCaller = async (method, path, { headers = {}, ...request } = {}) => {
    const again = { ...request, headers: { 'idempotency-key': randomUUID(), ...headers } };
    const answer = await browser(method, path, again);
    if (method === 'POST') assert.deepEqual((await browser(method, path, again)).body, answer.body);
    return answer;
  };
  const { body: document } = await createApiCaller(issuer)('GET', '/openapi.json');
  const world = await createExampleWorld({ issuer, db }, call);
  for (const placed of listOperations(document)) {
    for (const example of examplesOf(placed.operation)) {
      const answer = await callByExample({ issuer, call }, placed, example, await world(placed, example));
      const { operationId } = placed.operation;
      assert.equal(answer.status, successOf(placed.operation), operationId);
    }
  }
  await db.query(sql`delete from token_policies`);
}

/** What commands print is used, so that it is seen on the way: of people, of operators. */
async function driveCommands(stage: Stage, [ordinary, manager]: [SignedIn, SignedIn]): Promise<void> {
  const { issuer } = stage;
  await introspect(issuer, await ordinary.read('token'));
  for (const argv of [
    ['create', 'Printed', '--permission', `${demoResource.uri}=read`],
    ['rotate', 'Printed', '--overlap', '1h'],
  ]) {
    const value = await manager.read('tokens', ...argv);
    assert.equal((await showMe(issuer, { authorization: `Token ${value}` })).status, 200);
  }

  const allow = ['--allow', `${demoResource.uri}=read`, '--default-resource', demoResource.uri];
  const robot = ['--id', 'robot', '--name', 'Robot', '--grant', 'client_credentials', ...allow];
  for (const argv of [
    ['client', 'add', ...robot],
    ['client', 'rotate-secret', 'robot', '--overlap', '1h'],
  ]) {
    const { client_secret: secret } = JSON.parse(await administrate(stage, ...argv, '--json'));
    const { status } = await post(
      `${issuer}/oauth/token`,
      { grant_type: 'client_credentials' },
      { basic: `robot:${secret}` },
    );
    assert.equal(status, 200);
  }
  const email = 'grace@example.com';
  for (const argv of [
    ['user', 'add', email],
    ['user', 'set-password', email],
  ]) {
    const { password } = JSON.parse(await administrate(stage, ...argv, '--generate', '--json'));
    assert.match((await createPerson(issuer).signIn({ email, password })).html, /Signed in as/);
  }
}

/** The token whose value somebody pastes everywhere. */
const pasted = 'Pasted';

/** Waits until its last use is written down, which takes up to five seconds. */
async function untilUsed({ db }: Stage): Promise<void> {
  const used = sql`select from api_tokens where name = ${pasted} and last_used_agent is not null`;
  await until(async () => (await db.query(used)).length > 0);
}

/** Credentials that are wrong, or the right one in every wrong place; resolves to the right one. */
async function driveAccidents(issuer: string): Promise<string> {
  const wrong = { client_id: demoMachine.id, client_secret: 'a-wrong-secret-in-a-body' };
  await post(`${issuer}/oauth/token`, { grant_type: 'client_credentials', ...wrong });
  await post(`${issuer}/oauth/token`, 'grant_type=%', {
    basic: `${demoMachine.id}:a-wrong-secret-in-a-header`,
  });
  await post(`${issuer}/oauth/token`, 'x', { headers: { authorization: 'Bearer garbage-that-is-a-secret' } });
  await register(issuer, 'a-wrong-initial-access-token', { client_name: 'Nobody' });
  await showMe(issuer, { authorization: basic('somebody:a-wrong-legacy-secret') });
  const person = createPerson(issuer);
  await person.open('/join');
  await person.submit('/join', { invitation: 'a-wrong-invitation-of-somebody' });
  const call = await createBrowserCaller(issuer);
  const { value } = await makeToken(call, { name: pasted });
  await showMe(issuer, { authorization: `Bearer ${value}`, 'user-agent': value, 'x-request-id': value });
  await call('POST', `/tokens/${value}/rotate`, { headers: { 'idempotency-key': value } });
  await call('POST', '/tokens', { body: { name: value, note: value, permissions: { [value]: [value] } } });
  await createPerson(issuer, { 'user-agent': value }).signIn();
  return value;
}

async function importLegacy(stage: Stage): Promise<LegacyToken> {
  const { issuer, db, owner } = stage;
  const credential = { id: randomUUID(), secret: randomText() };
  const { email, organizationId } = await findDemoColleague(db);
  const path = join((await makeHome(owner)).HOME, 'legacy.csv');
  const line = `${credential.id},${sha256(credential.secret).toString('hex')},${email},Old`;
  await writeFile(path, `uuid,secret_sha256,owner,name\n${line}\n`);
  await administrate(stage, 'tokens', 'import', path, '--organization', organizationId);
  const { status } = await showMe(issuer, { authorization: basic(`${credential.id}:${credential.secret}`) });
  assert.equal(status, 200);
  return credential;
}

/** Runs a command of an operator, and returns what it has printed. */
export async function administrate({ databaseUrl }: Stage, ...argv: string[]): Promise<string> {
  const env = { DATABASE_URL: databaseUrl, POSTERN_SECRET: testSecret };
  const { exitCode, stdout, stderr } = await runCommand(argv, { env });
  assert.equal(exitCode, 0, stderr);
  return stdout;
}
