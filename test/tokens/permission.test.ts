import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import fc from 'fast-check';
import { addMember, changeMember, type MemberChange } from '../../src/organizations/member.ts';
import { addOrganization } from '../../src/organizations/organization.ts';
import { createPool, type Pool } from '../../src/postgres/pool.ts';
import { sql } from '../../src/postgres/sql.ts';
import { groupPairs, listPairs, type ScopePair, type Scopes, withoutScopes } from '../../src/scopes.ts';
import { addApiToken, changeApiToken, findApiToken } from '../../src/tokens/api-token.ts';
import { findLiveApiToken, valueDigest } from '../../src/tokens/check.ts';
import { setTokenPolicy } from '../../src/tokens/policy.ts';
import { addValue } from '../../src/tokens/value.ts';
import { addUser, disableUser, enableUser } from '../../src/users/user.ts';
import { openDatabase } from '../support/postgres.ts';
import { testLog } from '../support/temporary-postgres.ts';

const api = 'https://api.example.com';
const other = 'https://other.example.com';
/** Every scope, with the least role that has it. */
const known: (ScopePair & { role: 'member' | 'administrator' | 'operator' })[] = [
  { resource: api, scope: 'read', role: 'member' },
  { resource: api, scope: 'write', role: 'member' },
  { resource: api, scope: 'admin', role: 'administrator' },
  { resource: other, scope: 'read', role: 'administrator' },
  { resource: other, scope: 'rotate', role: 'operator' },
];

const someScopes = fc
  .subarray(known)
  .map((pairs) => groupPairs(pairs.map(({ resource, scope }) => ({ resource, scope }))));

/** What can happen to an owner, a policy and a token, in any order. */
const happening = fc.oneof(
  fc.record({
    kind: fc.constant('role' as const),
    role: fc.constantFrom('member' as const, 'administrator' as const),
  }),
  fc.record({ kind: fc.constant('given' as const), scopes: someScopes }),
  fc.record({ kind: fc.constant('taken' as const), scopes: someScopes }),
  fc.record({ kind: fc.constant('member' as const), isDisabled: fc.boolean() }),
  fc.record({ kind: fc.constant('user' as const), isDisabled: fc.boolean() }),
  fc.record({ kind: fc.constant('policy' as const), scopes: fc.option(someScopes, { nil: undefined }) }),
  fc.record({ kind: fc.constant('token' as const), scopes: someScopes }),
  fc.record({ kind: fc.constant('switch' as const), isDisabled: fc.boolean() }),
);
type Happening = typeof happening extends fc.Arbitrary<infer Value> ? Value : never;

/** The same world in memory, with the rule written out once more. */
type Model = {
  role: 'member' | 'administrator';
  given: Scopes;
  taken: Scopes;
  isMemberDisabled: boolean;
  isUserDisabled: boolean;
  policy: Scopes | undefined;
  token: Scopes;
  isTokenDisabled: boolean;
};

function expectedOf(model: Model): Scopes | undefined {
  if (model.isMemberDisabled || model.isUserDisabled || model.isTokenDisabled) return undefined;
  const has = (scopes: Scopes, pair: ScopePair) => scopes[pair.resource]?.includes(pair.scope) ?? false;
  return groupPairs(
    listPairs(model.token).filter((pair) => {
      const role = known.find(
        ({ resource, scope }) => resource === pair.resource && scope === pair.scope,
      )?.role;
      const isOwners =
        has(model.given, pair) || (!has(model.taken, pair) && (role === 'member' || role === model.role));
      return isOwners && (model.policy === undefined || has(model.policy, pair));
    }),
  );
}

describe('the permissions of an API token', () => {
  let db: Pool;
  before(async () => {
    const { url } = await openDatabase();
    db = createPool({ url, log: testLog });
    for (const uri of [api, other])
      await db.query(sql`insert into resources (uri, name) values (${uri}, 'API')`);
    for (const { resource, scope, role } of known) {
      await db.query(sql`
        insert into resource_scopes (resource, scope, description, role) values (${resource}, ${scope}, '', ${role})`);
    }
  });
  after(() => db.close());

  async function arrange() {
    const add = async () => {
      const added = await addUser(db, {
        email: `${crypto.randomUUID()}@example.com`,
        passwordHash: undefined,
      });
      assert.ok('user' in added);
      return added.user.id;
    };
    const [administratorId, ownerId] = [await add(), await add()];
    const { id: organizationId } = await addOrganization(db, { name: 'Example', administratorId });
    await addMember(db, { organizationId, userId: ownerId, role: 'member' });
    const added = await addApiToken(db, {
      organizationId,
      ownerId,
      kind: 'private',
      name: 'x',
      permissions: {},
    });
    assert.ok('token' in added);
    const { id } = added.token;
    const text = crypto.randomUUID();
    await addValue(db, { tokenId: id, holderId: ownerId, text, overlapSeconds: 0 });
    return { db, organizationId, ownerId, id, text };
  }

  it('are its own, its owner’s and the policy’s at once, whatever has happened to them', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(happening, { minLength: 1, maxLength: 12 }), async (happenings) => {
        const world = await arrange();
        const model: Model = {
          role: 'member',
          given: {},
          taken: {},
          isMemberDisabled: false,
          isUserDisabled: false,
          policy: undefined,
          token: {},
          isTokenDisabled: false,
        };
        for (const each of happenings) {
          await happen(world, model, each);
          const live = await findLiveApiToken(world.db, valueDigest(world.text), '192.0.2.1');
          assert.deepEqual(live?.permissions, expectedOf(model));
        }
        const shown = await findApiToken(world.db, world.organizationId, world.id);
        assert.deepEqual(shown?.permissions, model.token);
      }),
      { numRuns: 40 },
    );
  });
});

async function happen(
  {
    db,
    organizationId,
    ownerId,
    id,
  }: { db: Parameters<typeof changeMember>[0]; organizationId: string; ownerId: string; id: string },
  model: Model,
  each: Happening,
): Promise<void> {
  const change = async (change: MemberChange) => {
    const changed = await changeMember(db, { organizationId, userId: ownerId }, change);
    assert.ok('member' in changed);
  };
  switch (each.kind) {
    case 'role':
      model.role = each.role;
      return await change({ role: each.role });
    case 'given':
      model.given = each.scopes;
      model.taken = withoutScopes(model.taken, each.scopes);
      return await change({ given: each.scopes });
    case 'taken':
      model.taken = each.scopes;
      model.given = withoutScopes(model.given, each.scopes);
      return await change({ taken: each.scopes });
    case 'member':
      model.isMemberDisabled = each.isDisabled;
      return await change({ isDisabled: each.isDisabled });
    case 'user':
      model.isUserDisabled = each.isDisabled;
      await (each.isDisabled ? disableUser(db, ownerId) : enableUser(db, ownerId));
      return;
    case 'policy':
      model.policy = each.scopes;
      await setTokenPolicy(db, organizationId, {
        longestLifetimeSeconds: undefined,
        isExpiryRequired: false,
        isApprovalRequired: false,
        permissions: each.scopes,
      });
      return;
    case 'token':
      model.token = each.scopes;
      await changeApiToken(db, { organizationId, id }, { permissions: each.scopes });
      return;
    case 'switch':
      model.isTokenDisabled = each.isDisabled;
      await changeApiToken(db, { organizationId, id }, { isDisabled: each.isDisabled });
  }
}
