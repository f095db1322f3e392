import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { demoCli, demoUser } from '../../src/development.ts';
import { sql } from '../../src/postgres/sql.ts';
import { addResource } from '../../src/resources/resource.ts';
import { changeApiToken } from '../../src/tokens/api-token.ts';
import {
  addColleague,
  findDemoColleague,
  makeApiToken,
  presentations,
  showMe,
  takeValue,
} from '../support/api-token.ts';
import { addDevices } from '../support/belongings.ts';
import { introspect, post, refresh, requestMachineToken } from '../support/client.ts';
import { letDeviceIn } from '../support/device-login.ts';
import { ada, addAccount, createPerson } from '../support/person.ts';
import { registerClient } from '../support/registration.ts';
import { startServer, type TestServer, testSecret } from '../support/server.ts';
import { runCommand } from './terminal.ts';

let server: TestServer;
let env: Record<string, string>;
before(async () => {
  server = await startServer();
  env = {
    DATABASE_URL: server.databaseUrl,
    POSTERN_ISSUER: server.issuer,
    POSTERN_SECRET: testSecret,
  };
});
after(() => server.stop());

const postern = (args: string[], input = '') => runCommand(args, { env, input });

async function assertActive(token: string, expected: boolean): Promise<void> {
  assert.equal((await introspect(server.issuer, token)).body.active, expected);
}

describe('postern grant list', () => {
  it('lists all of a person, the newest first, however many they are', async () => {
    await addDevices(server.db, await addAccount(server.db, ada), 1001);
    const { exitCode, stdout } = await postern(['grant', 'list', '--user', ada.email, '--json']);
    assert.equal(exitCode, 0);
    const grants: { id: string; created_at: string }[] = JSON.parse(stdout);
    assert.equal(new Set(grants.map(({ id }) => id)).size, 1001);
    const times = grants.map(({ created_at }) => created_at);
    assert.deepEqual(times, times.toSorted().reverse());
  });
});

describe('postern revoke', () => {
  it('says how much it would end, and ends nothing without a yes', async () => {
    const tokens = await letDeviceIn(server.issuer);
    const { exitCode, stderr } = await postern(['revoke', '--user', demoUser.email]);
    assert.equal(exitCode, 2);
    assert.match(stderr, /This ends 1 grant of demo@example\.com and their sessions in browsers/);
    await assertActive(tokens.access_token, true);
  });

  it('ends everything of a person, sessions in browsers included', async () => {
    const [first, second] = [await letDeviceIn(server.issuer), await letDeviceIn(server.issuer)];
    const person = createPerson(server.issuer);
    await person.signIn();
    const { exitCode, stdout } = await postern(['revoke', '--user', demoUser.email, '--yes', '--json']);
    assert.equal(exitCode, 0);
    assert.ok(JSON.parse(stdout).grants >= 2);
    for (const { access_token, refresh_token } of [first, second]) {
      await assertActive(access_token, false);
      assert.equal((await refresh(server.issuer, refresh_token)).body.error, 'invalid_grant');
    }
    assert.match((await person.open('/sign-in')).html, /password/i);
  });

  it('disables the API tokens of a person, and ends their values of shared ones', async () => {
    const { db, issuer } = server;
    const owner = await addColleague(db, { role: 'administrator' });
    const other = await addColleague(db, { organizationId: owner.organizationId, role: 'administrator' });
    const [first, second] = [await makeApiToken(db, owner), await makeApiToken(db, owner)];
    const others = await makeApiToken(db, other);
    const shared = await makeApiToken(db, other, { kind: 'shared' });
    const made = await makeApiToken(db, owner, { kind: 'shared' });
    const [taken, kept] = [await takeValue(db, shared, owner), await takeValue(db, made, other)];
    const asked = await postern(['revoke', '--user', owner.email]);
    assert.match(asked.stderr, /; 2 API tokens disabled; their values of 2 shared tokens ended\./);
    await assertActive(first.text, true);
    const { exitCode, stdout } = await postern(['revoke', '--user', owner.email, '--yes', '--json']);
    assert.equal(exitCode, 0);
    assert.deepEqual(JSON.parse(stdout), { grants: 0, api_tokens: 2, shared_tokens: 2 });
    for (const text of [first.text, second.text, taken, made.text]) await assertActive(text, false);
    for (const text of [others.text, shared.text, kept]) await assertActive(text, true);
    const events = await db.query<{ action: string; target_id: string }>(sql`
      select action, target_id from audit_events where chain_id = ${owner.organizationId}::uuid`);
    const named = (action: string) =>
      events.filter((event) => event.action === action).map(({ target_id }) => target_id);
    assert.deepEqual(named('token.disabled').sort(), [first.id, second.id].sort());
    assert.deepEqual(named('token.values_removed').sort(), [shared.id, made.id].sort());
    const [whole] = await db.query<{ details: unknown }>(sql`
      select details from audit_events where action = 'user.tokens_revoked' and target_id = ${owner.id}`);
    assert.deepEqual(whole?.details, { grants: 0, api_tokens: 2, shared_tokens: 2 });
    await changeApiToken(db, first, { isDisabled: false });
    assert.equal((await showMe(issuer, presentations.bearer(first.text))).status, 200);
  });

  it('ends one grant and leaves the other devices alone', async () => {
    const [lost, kept] = [await letDeviceIn(server.issuer), await letDeviceIn(server.issuer)];
    const list = await postern(['grant', 'list', '--user', demoUser.email, '--json']);
    const grants: { id: string; client_id: string; resources: object }[] = JSON.parse(list.stdout);
    assert.equal(grants.length, 2);
    assert.deepEqual(grants[1]?.resources, { 'https://api.example.com': 'read write' });
    const { exitCode } = await postern(['revoke', '--grant', grants[1]?.id.slice(0, 16) ?? '', '--yes']);
    assert.equal(exitCode, 0);
    await assertActive(lost.access_token, false);
    await assertActive(kept.access_token, true);
  });

  it('ends everything of a client, opaque and JWT, and lets it get new tokens at once', async () => {
    const api = 'https://jwt.example.com';
    await addResource(server.db, {
      uri: api,
      name: 'JWT API',
      scopes: { read: 'See' },
      accessTokenFormat: 'jwt',
    });
    const machine = await registerClient(server.db, {
      allowed: { [api]: ['read'], 'https://api.example.com': ['read'] },
      defaultResource: api,
      audiences: [api, 'https://api.example.com'],
    });
    const request = (resource: string) =>
      post(
        `${server.issuer}/oauth/token`,
        { grant_type: 'client_credentials', resource },
        { basic: machine.basic },
      );
    const isActive = async (token: string) =>
      (await post(`${server.issuer}/oauth/introspect`, { token }, { basic: machine.basic })).body.active;
    const jwt = (await request(api)).body.access_token;
    const opaque = (await request('https://api.example.com')).body.access_token;
    const others = (await requestMachineToken(server.issuer)).body.access_token;
    assert.equal((await postern(['revoke', '--client', machine.id, '--yes'])).exitCode, 0);
    assert.deepEqual([await isActive(jwt), await isActive(opaque)], [false, false]);
    for (const resource of [api, 'https://api.example.com'])
      assert.equal(await isActive((await request(resource)).body.access_token), true);
    await assertActive(others, true);
  });

  it('ends one access token alone, and the grant of a refresh token', async () => {
    const tokens = await letDeviceIn(server.issuer);
    const { body: next } = await refresh(server.issuer, tokens.refresh_token);
    const one = await postern(['revoke', '--token', '--json'], `${tokens.access_token}\n`);
    assert.deepEqual(JSON.parse(one.stdout), { ended: 'access_token' });
    await assertActive(tokens.access_token, false);
    await assertActive(next.access_token, true);
    const all = await postern(['revoke', '--token', '--json'], next.refresh_token);
    assert.deepEqual(JSON.parse(all.stdout), { ended: 'grant' });
    await assertActive(next.access_token, false);
    const nothing = await postern(['revoke', '--token', '--json'], 'garbage');
    assert.deepEqual(JSON.parse(nothing.stdout), { ended: 'nothing' });
  });

  it('ends one value of an API token alone', async () => {
    const owner = await findDemoColleague(server.db);
    const token = await makeApiToken(server.db, owner);
    const next = await takeValue(server.db, token, owner, 600);
    const ended = await postern(['revoke', '--token', '--json'], `${token.text}\n`);
    assert.deepEqual(JSON.parse(ended.stdout), { ended: 'api_token_value' });
    await assertActive(token.text, false);
    await assertActive(next, true);
    const again = await postern(['revoke', '--token', '--json'], token.text);
    assert.deepEqual(JSON.parse(again.stdout), { ended: 'nothing' });
  });

  it('wants one thing named that is there', async () => {
    assert.equal((await postern(['revoke'])).exitCode, 2);
    assert.equal((await postern(['revoke', '--user', demoUser.email, '--client', demoCli.id])).exitCode, 2);
    assert.equal((await postern(['revoke', '--grant', 'x', '--yes'])).exitCode, 2);
    assert.equal((await postern(['revoke', '--grant', '0123456789abcdef', '--yes'])).exitCode, 1);
    assert.equal((await postern(['revoke', '--client', 'nobody', '--yes'])).exitCode, 1);
  });
});
