import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { demoResource } from '../../src/development.ts';
import type { Database } from '../../src/postgres/pool.ts';
import { sql } from '../../src/postgres/sql.ts';
import { createTokenCaller, makeToken } from '../support/api.ts';
import { type Answer, post, revoke } from '../support/client.ts';
import { type Employee, foundCompany } from '../support/company.ts';
import { accessTokenType, exchangeGrant, innerResource, registerGateway } from '../support/exchange.ts';
import type { TestClient } from '../support/registration.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { until } from '../support/until.ts';

let servers: [TestServer, TestServer];
let gateway: TestClient;
let inner: TestClient;
before(async () => {
  const settings = { POSTERN_API_RATE_LIMIT: '100000' };
  const first = await startServer({ settings });
  servers = [first, await startServer({ settings, databaseUrl: first.databaseUrl })];
  ({ gateway, inner } = await registerGateway(first.db, demoResource.uri));
});
after(async () => {
  await servers[1].stop();
  await servers[0].stop();
});

const permissions = { [demoResource.uri]: ['read'], [innerResource]: ['read'] };

/** A new token of the person's own. */
const makeOwn = (person: Employee): Promise<Answer['body']> =>
  makeToken((method, path, request) => person.call(method, path, request?.body), { permissions });

/** Does `work` over and over at both servers while `end` runs, and three times more after it. */
async function workBeside(work: (issuer: string) => Promise<unknown>, end: () => Promise<unknown>) {
  let isDone = false;
  const worker = async ({ issuer }: TestServer) => {
    for (let late = 0; late < 3; ) {
      if (isDone) late += 1;
      await work(issuer);
    }
  };
  const workers = Promise.all([...servers, ...servers].map(worker));
  await work(servers[0].issuer);
  await end();
  isDone = true;
  await workers;
}

describe('what is got for an API token that is ended at that moment', () => {
  const ends: Record<string, (owner: Employee, token: Answer['body']) => Promise<unknown>> = {
    'revoked (RFC 7009)': (_, { value }) => revoke(servers[0].issuer, value),
    removed: (owner, { id }) => owner.call('DELETE', `/tokens/${id}`),
  };
  for (const [ended, end] of Object.entries(ends)) {
    it(`is inactive everywhere once it has been ${ended}`, async () => {
      const { administrator: owner } = await foundCompany(servers[0]);
      const token = await makeOwn(owner);
      const form = {
        grant_type: exchangeGrant,
        subject_token: token.value,
        subject_token_type: accessTokenType,
      };
      const got: string[] = [];
      await workBeside(
        async (issuer) => {
          const { status, body } = await post(`${issuer}/oauth/token`, form, { basic: gateway.basic });
          if (status === 200) got.push(body.access_token);
          else assert.equal(body.error, 'invalid_request');
        },
        () => end(owner, token),
      );
      assert.ok(got.length > 0);
      const answers = await Promise.all(
        got.map((text, index) => {
          const { issuer } = servers[index % 2] as TestServer;
          return post(`${issuer}/oauth/introspect`, { token: text }, { basic: inner.basic });
        }),
      );
      assert.deepEqual(
        new Set(answers.map(({ body }) => JSON.stringify(body))),
        new Set(['{"active":false}']),
      );
    });
  }
});

describe('two administrators who change the same at once, each upon what they saw', () => {
  const count = async (organizationId: string, action: string): Promise<number> => {
    const [row] = await servers[0].db.query<{ count: number }>(sql`
      select count(*)::int from audit_events
      where chain_id = ${organizationId}::uuid and action = ${action}`);
    return row?.count ?? 0;
  };

  async function changeAtOnce(
    administrators: [Employee, Employee],
    path: string,
    [method, bodies]: [string, [unknown, unknown]],
  ): Promise<void> {
    const tag = (await administrators[0].call('GET', path)).headers.get('etag') ?? '';
    const answers = await Promise.all(
      administrators.map(({ call }, index) => call(method, path, bodies[index], { 'if-match': tag })),
    );
    assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 412]);
    const winner = answers.find(({ status }) => status === 200);
    // What ends with a member is told of one who is looked at, not of one who is changed.
    const { holdings: _, ...seen } = (await administrators[0].call('GET', path)).body;
    assert.deepEqual(seen, winner?.body);
  }

  it('change a member once, and once in the audit log', async () => {
    const company = await foundCompany(servers[0]);
    const both: [Employee, Employee] = [company.administrator, await company.join('administrator')];
    const member = await company.join('member');
    for (let round = 1; round <= 4; round += 1) {
      const taken = { [demoResource.uri]: [round % 2 === 0 ? 'read' : 'write'] };
      await changeAtOnce(both, `/members/${member.id}`, ['PATCH', [{ taken }, { taken: {}, given: taken }]]);
      assert.equal(await count(company.id, 'member.changed'), round);
    }
  });

  it('change the policy once, and once in the audit log', async () => {
    const company = await foundCompany(servers[0]);
    const both: [Employee, Employee] = [company.administrator, await company.join('administrator')];
    for (let round = 1; round <= 4; round += 1) {
      const policyOf = (seconds: number, permissions: unknown) => ({
        longest_lifetime_seconds: seconds,
        expiry_required: true,
        approval_required: false,
        permissions,
      });
      const bodies: [unknown, unknown] = [policyOf(60 + round, permissions), policyOf(600 + round, null)];
      await changeAtOnce(both, '/policies/tokens', ['PUT', bodies]);
      assert.equal(await count(company.id, 'policy.changed'), round);
    }
  });
});

describe('a token that is rotated while it is used', () => {
  it('is never refused, by its old value within the overlap or by a new one', async () => {
    const { administrator: owner } = await foundCompany(servers[0]);
    const token = await makeOwn(owner);
    const values: string[] = [token.value];
    const statuses: number[] = [];
    await workBeside(
      async (issuer) => {
        const used = values.map((value) => createTokenCaller(issuer, value)('GET', '/users/me'));
        for (const { status } of await Promise.all(used)) statuses.push(status);
      },
      async () => {
        for (let turn = 0; turn < 3; turn += 1) {
          const { body } = await owner.call('POST', `/tokens/${token.id}/rotate`, { overlap_seconds: 600 });
          values.push(body.value);
        }
      },
    );
    assert.equal(values.length, 4);
    assert.deepEqual(new Set(statuses), new Set([200]));
  });
});

describe('a member who is removed at the moment', () => {
  /** Begins the removal, lets `act` run into it, and then commits it. */
  async function removeAround(member: Employee, act: () => Promise<Answer>): Promise<Answer> {
    const { db } = servers[0];
    const { promise: isRemoved, resolve: removed } = Promise.withResolvers<number>();
    const { promise: mayCommit, resolve: commit } = Promise.withResolvers<void>();
    const removal = db.transaction(async (tx: Database) => {
      await tx.query(sql`delete from members where user_id = ${member.id}::uuid`);
      const [own] = await tx.query<{ pid: number }>(sql`select pg_backend_pid() as pid`);
      removed(own?.pid ?? 0);
      await mayCommit;
    });
    const pid = await isRemoved;
    const answer = act();
    const held = sql`select 1 from pg_stat_activity where ${pid}::integer = any(pg_blocking_pids(pid))`;
    await until(async () => (await db.query(held)).length > 0);
    commit();
    await removal;
    return await answer;
  }

  const countLeft = async (member: Employee): Promise<number> => {
    const rows = await servers[0].db.query(sql`
      select id::text from api_tokens where owner_id = ${member.id}::uuid
      union all select id::text from api_token_values where holder_id = ${member.id}::uuid`);
    return rows.length;
  };

  it('makes no token any more, rotates none and takes no value: each is refused, and nothing is left', async () => {
    const { administrator, join } = await foundCompany(servers[0]);
    const made = await join('member');
    const body = { name: 'Late', permissions: {} };
    assert.equal((await removeAround(made, () => made.call('POST', '/tokens', body))).status, 409);
    const rotated = await join('member');
    const path = `/tokens/${(await makeOwn(rotated)).id}/rotate`;
    assert.equal((await removeAround(rotated, () => rotated.call('POST', path, {}))).status, 404);
    const taker = await join('member');
    const shared = (await administrator.call('POST', '/shared-tokens', body)).body;
    const values = `/shared-tokens/${shared.id}/values`;
    assert.equal((await removeAround(taker, () => taker.call('POST', values))).status, 404);
    for (const member of [made, rotated, taker]) assert.equal(await countLeft(member), 0);
  });

  it('leaves no token behind, whichever comes first', async () => {
    const { administrator, join } = await foundCompany(servers[0]);
    for (let round = 0; round < 5; round += 1) {
      const member = await join('member');
      const body = { name: 'Beside', permissions };
      const [removed, ...made] = await Promise.all([
        administrator.call('DELETE', `/members/${member.id}`),
        ...[1, 2, 3].map(() => member.call('POST', '/tokens', body)),
      ]);
      assert.equal(removed?.status, 204);
      for (const { status, body } of made) {
        assert.ok([201, 403, 409, 422].includes(status), `${status} ${JSON.stringify(body)}`);
        if (status !== 201) continue;
        const call = createTokenCaller(servers[1].issuer, body.value);
        assert.equal((await call('GET', '/users/me')).status, 401);
      }
      assert.equal(await countLeft(member), 0);
    }
  });
});
