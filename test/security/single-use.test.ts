import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { addClient } from '../../src/clients/client.ts';
import { type Sql, sql } from '../../src/postgres/sql.ts';
import { createTokenFormat, sha256 } from '../../src/secret.ts';
import { type Answer, introspect, poll, refresh, requestDevice } from '../support/client.ts';
import { createPerson } from '../support/person.ts';
import { redeemOnce } from '../support/redemption.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { until } from '../support/until.ts';

let server: TestServer;
before(async () => {
  server = await startServer();
  await addClient(
    server.db,
    {
      id: 'other-cli',
      name: 'Other CLI',
      authentication: 'none',
      grantTypes: ['urn:ietf:params:oauth:grant-type:device_code', 'refresh_token'],
      defaultResource: 'https://api.example.com',
      allowed: { 'https://api.example.com': ['read', 'write'] },
      audiences: [],
    },
    createTokenFormat('pst'),
  );
});
after(() => server.stop());

/** A device code that a person has approved. */
async function approvedCode(): Promise<string> {
  const { body } = await requestDevice(server.issuer);
  const person = createPerson(server.issuer);
  await person.enterCode(body.user_code);
  await person.decide('allow');
  return body.device_code;
}

/** Tokens of a device that was let in. */
async function signedIn(): Promise<Answer['body']> {
  return (await poll(server.issuer, await approvedCode())).body;
}

/** All that is kept of a device code, as text. */
async function readCode(code: string): Promise<{ row: string } | undefined> {
  const [row] = await server.db.query<{ row: string }>(
    sql`select device_codes::text as row from device_codes where digest = ${sha256(code)}`,
  );
  return row;
}

async function assertAlive({ access_token, refresh_token }: Answer['body']): Promise<void> {
  assert.equal((await introspect(server.issuer, access_token)).body.active, true, 'the access token works');
  const renewed = await refresh(server.issuer, refresh_token);
  assert.equal(renewed.status, 200, 'the refresh token works');
  assert.equal((await introspect(server.issuer, renewed.body.access_token)).body.active, true);
}

/** Moves the redemption of whatever was redeemed into the past, by the database's clock. */
async function age(
  table: 'device_codes' | 'refresh_tokens',
  presented: string,
  seconds: number,
): Promise<void> {
  const rows = await server.db.query(
    sql`update ${sql.identifier(table)} set consumed_at = consumed_at - make_interval(secs => ${seconds})
        where digest = ${sha256(presented)} returning 1`,
  );
  assert.equal(rows.length, 1);
}

describe('a device code', () => {
  for (const gap of [0, 2, 5, 20, 50]) {
    it(`is redeemed once by 20 polls ${gap} ms apart, and the winner’s tokens work`, async () => {
      const code = await approvedCode();
      await assertAlive(await redeemOnce(gap, () => poll(server.issuer, code)));
    });
  }

  it('is redeemed once by 50 polls over two servers', async () => {
    const second = await startServer({ databaseUrl: server.databaseUrl });
    try {
      const code = await approvedCode();
      const answers = await Promise.all(
        Array.from({ length: 50 }, (_, index) => poll(index % 2 ? server.issuer : second.issuer, code)),
      );
      const won = answers.filter(({ status }) => status === 200);
      assert.equal(won.length, 1);
      assert.ok(answers.every(({ status, body }) => status === 200 || body.error === 'invalid_grant'));
      await assertAlive(won[0]?.body);
    } finally {
      await second.stop();
    }
  });

  it('gives the same answer again to a client whose first answer was lost', async () => {
    const code = await approvedCode();
    const first = await poll(server.issuer, code);
    await age('device_codes', code, 6);
    const again = await poll(server.issuer, code);
    assert.equal(again.status, 200);
    assert.deepEqual(again.body, first.body);
    await assertAlive(again.body);
  });

  it('gives it at once when the connection broke before the answer had left', async () => {
    const code = await approvedCode();
    await abandonPoll(code);
    await untilFound(
      sql`select 1 from device_codes where digest = ${sha256(code)} and response_lost_at is not null`,
    );
    const again = await poll(server.issuer, code);
    assert.equal(again.status, 200);
    await assertAlive(again.body);
  });

  it('is refused after the window, and its grant is revoked', async () => {
    const code = await approvedCode();
    const { body } = await poll(server.issuer, code);
    await age('device_codes', code, 31);
    assert.equal((await poll(server.issuer, code)).body.error, 'invalid_grant');
    assert.deepEqual((await introspect(server.issuer, body.access_token)).body, { active: false });
    assert.equal((await refresh(server.issuer, body.refresh_token)).body.error, 'invalid_grant');
  });

  it('keeps its answer sealed: the database alone does not open it', async () => {
    const code = await approvedCode();
    const { body } = await poll(server.issuer, code);
    const [row] = await server.db.query<{ response: Buffer }>(
      sql`select response from device_codes where digest = ${sha256(code)}`,
    );
    assert.ok(row && !row.response.includes(body.access_token) && !row.response.includes('access_token'));
  });

  it('of one client is nothing to another, and the first can still use it', async () => {
    const code = await approvedCode();
    const stolen = await poll(server.issuer, code, { client_id: 'other-cli' });
    assert.deepEqual([stolen.status, stolen.body.error], [400, 'invalid_grant']);
    const { status, body } = await poll(server.issuer, code);
    assert.equal(status, 200);
    // Not when it has been redeemed either, be it a moment ago, within the grace, or after it.
    for (const seconds of [0, 6, 31]) {
      await age('device_codes', code, seconds);
      const late = await poll(server.issuer, code, { client_id: 'other-cli' });
      assert.deepEqual([late.status, late.body.error], [400, 'invalid_grant']);
    }
    await assertAlive(body);
  });

  it('is not given back by an approval that comes after its redemption', async () => {
    const { body: device } = await requestDevice(server.issuer);
    const [early, late] = [createPerson(server.issuer), createPerson(server.issuer)];
    await early.enterCode(device.user_code);
    await late.enterCode(device.user_code);
    await early.decide('allow');
    const { body } = await poll(server.issuer, device.device_code);
    const kept = await readCode(device.device_code);
    const { html } = await late.decide('allow');
    assert.match(html, /<h1>This code was already used<\/h1>/);
    assert.deepEqual(await readCode(device.device_code), kept);
    assert.equal((await poll(server.issuer, device.device_code)).body.error, 'invalid_grant');
    await assertAlive(body);
  });

  it('is decided once by an approval and a denial at the same time', async () => {
    const { body: device } = await requestDevice(server.issuer);
    const people = [createPerson(server.issuer), createPerson(server.issuer)];
    for (const person of people) await person.enterCode(device.user_code);
    await Promise.all(people.map((person, index) => person.decide(index ? 'deny' : 'allow')));
    const [row] = await server.db.query<{ payload: { accountId?: string; error?: string } }>(
      sql`select payload from device_codes where digest = ${sha256(device.device_code)}`,
    );
    assert.notEqual(row?.payload.accountId === undefined, row?.payload.error === undefined);
  });
});

describe('a redemption', () => {
  it('happens wholly or not at all: what fails halfway has cost the client nothing', async () => {
    const code = await approvedCode();
    const redeemed = await withoutRoom(() => poll(server.issuer, code));
    assert.equal(redeemed.status, 500);
    const { status, body } = await poll(server.issuer, code);
    assert.equal(status, 200);
    const renewed = await withoutRoom(() => refresh(server.issuer, body.refresh_token));
    assert.equal(renewed.status, 500);
    await assertAlive(body);
  });
});

describe('a refresh token', () => {
  it('has one successor when it is used 50 times at once', async () => {
    const { refresh_token } = await signedIn();
    const answers = await Promise.all(
      Array.from({ length: 50 }, () => refresh(server.issuer, refresh_token)),
    );
    assert.ok(answers.every(({ status }) => status === 200));
    assert.equal(new Set(answers.map(({ body }) => body.refresh_token)).size, 1);
    assert.equal(new Set(answers.map(({ body }) => body.access_token)).size, 1);
    await assertAlive(answers[0]?.body);
  });

  it('has one successor over two servers', async () => {
    const second = await startServer({ databaseUrl: server.databaseUrl });
    try {
      const { refresh_token } = await signedIn();
      const answers = await Promise.all(
        Array.from({ length: 20 }, (_, index) =>
          refresh(index % 2 ? server.issuer : second.issuer, refresh_token),
        ),
      );
      assert.equal(new Set(answers.map(({ body }) => body.refresh_token)).size, 1);
    } finally {
      await second.stop();
    }
  });

  it('answers the same within 30 s, and does not fork', async () => {
    const { refresh_token } = await signedIn();
    const first = await refresh(server.issuer, refresh_token);
    await age('refresh_tokens', refresh_token, 25);
    assert.deepEqual((await refresh(server.issuer, refresh_token)).body, first.body);
    await assertAlive(first.body);
  });

  it('revokes its family when it is used again later', async () => {
    const tokens = await signedIn();
    const { body: second } = await refresh(server.issuer, tokens.refresh_token);
    const { body: third } = await refresh(server.issuer, second.refresh_token);
    await age('refresh_tokens', tokens.refresh_token, 31);
    const stolen = await refresh(server.issuer, tokens.refresh_token);
    assert.deepEqual([stolen.status, stolen.body.error], [400, 'invalid_grant']);
    for (const { access_token } of [tokens, second, third]) {
      assert.deepEqual((await introspect(server.issuer, access_token)).body, { active: false });
    }
    assert.equal((await refresh(server.issuer, third.refresh_token)).body.error, 'invalid_grant');
  });

  it('is still known as used after a restart', async () => {
    const tokens = await signedIn();
    const { body: second } = await refresh(server.issuer, tokens.refresh_token);
    await age('refresh_tokens', tokens.refresh_token, 31);
    const restarted = await startServer({ databaseUrl: server.databaseUrl });
    try {
      assert.equal((await refresh(restarted.issuer, tokens.refresh_token)).body.error, 'invalid_grant');
      assert.equal((await refresh(restarted.issuer, second.refresh_token)).body.error, 'invalid_grant');
    } finally {
      await restarted.stop();
    }
  });

  it('of one client is nothing to another, and the first can still use it', async () => {
    const tokens = await signedIn();
    const steal = async () => {
      const stolen = await refresh(server.issuer, tokens.refresh_token, { client_id: 'other-cli' });
      assert.deepEqual([stolen.status, stolen.body.error], [400, 'invalid_grant']);
    };
    await steal();
    const { status, body } = await refresh(server.issuer, tokens.refresh_token);
    assert.equal(status, 200);
    // Not when it has been used either, within the grace or after it.
    for (const seconds of [0, 31]) {
      await age('refresh_tokens', tokens.refresh_token, seconds);
      await steal();
    }
    await assertAlive(body);
  });

  it('lets its scope shrink for one access token and never grow', async () => {
    const { refresh_token } = await signedIn();
    const narrow = await refresh(server.issuer, refresh_token, { scope: 'read' });
    assert.equal(narrow.body.scope, 'read');
    const wide = await refresh(server.issuer, narrow.body.refresh_token, { scope: 'read write admin' });
    assert.deepEqual([wide.status, wide.body.error], [400, 'invalid_scope']);
    assert.equal((await refresh(server.issuer, narrow.body.refresh_token)).body.scope, 'read write');
  });
});

/** Does something while the database stores no refresh tokens. */
async function withoutRoom(work: () => Promise<Answer>): Promise<Answer> {
  await server.db.query(
    sql`create function refuse() returns trigger language plpgsql as $$ begin raise 'no room'; end $$`,
  );
  await server.db.query(
    sql`create trigger refuse before insert on refresh_tokens for each row execute function refuse()`,
  );
  try {
    return await work();
  } finally {
    await server.db.query(sql`drop function refuse cascade`);
  }
}

/** Polls, and hangs up while the server is writing the redemption down. */
async function abandonPoll(code: string): Promise<void> {
  const form = new URLSearchParams({
    grant_type: 'urn:ietf:params:oauth:grant-type:device_code',
    device_code: code,
    client_id: 'demo-cli',
  });
  const abort = new AbortController();
  await server.db.transaction(async (tx) => {
    await tx.query(sql`select 1 from device_codes where digest = ${sha256(code)} for update`);
    const polled = fetch(`${server.issuer}/oauth/token`, {
      method: 'POST',
      body: form,
      signal: abort.signal,
    });
    await untilFound(
      sql`select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'
            and query like '%update device_codes%'`,
    );
    abort.abort();
    await assert.rejects(polled);
  });
}

/** Waits until the database has a row to show. */
async function untilFound(question: Sql): Promise<void> {
  await until(async () => (await server.db.query(question)).length > 0);
}
