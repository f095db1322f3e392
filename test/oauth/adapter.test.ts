import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import fc from 'fast-check';
import { type Adapter, type AdapterPayload, Provider } from 'oidc-provider';
import { createAdapter } from '../../src/oauth/adapter.ts';
import { createPool, type Pool } from '../../src/postgres/pool.ts';
import { sql } from '../../src/postgres/sql.ts';
import { createTokenFormat, deriveKeys, type TokenKind } from '../../src/secret.ts';
import { openDatabase, type TestDatabase } from '../support/postgres.ts';
import { captureLog, testSecret } from '../support/server.ts';

const models = [
  'AccessToken',
  'AuthorizationCode',
  'BackchannelAuthenticationRequest',
  'Client',
  'ClientCredentials',
  'DeviceCode',
  'Grant',
  'InitialAccessToken',
  'Interaction',
  'PreAuthorizedCode',
  'PushedAuthorizationRequest',
  'RefreshToken',
  'RegistrationAccessToken',
  'Session',
] as const;
type ModelName = (typeof models)[number];

const grantable = new Set<ModelName>([
  'AccessToken',
  'AuthorizationCode',
  'BackchannelAuthenticationRequest',
  'DeviceCode',
  'PreAuthorizedCode',
  'RefreshToken',
]);
const consumable = new Set<ModelName>([
  'AuthorizationCode',
  'BackchannelAuthenticationRequest',
  'DeviceCode',
  'PreAuthorizedCode',
  'RefreshToken',
]);
const kinds: Partial<Record<ModelName, TokenKind>> = {
  AccessToken: 'at',
  ClientCredentials: 'at',
  RefreshToken: 'rt',
  DeviceCode: 'dc',
};

let database: TestDatabase;
let db: Pool;
const format = createTokenFormat('pst');
const options = { format, userCodeKeys: deriveKeys([testSecret], 'user codes') };

before(async () => {
  database = await openDatabase();
  db = createPool({ url: database.url, log: captureLog().log });
});
after(async () => {
  await db.close();
  await database.drop();
});

/** What both adapters are made to do, and what has happened to each id so far. */
type Pair = { ours: (name: string) => Adapter; theirs: (name: string) => Adapter };
type State = { written: Map<string, 'live' | 'consumed' | 'gone'> };

class Upsert implements fc.AsyncCommand<State, Pair> {
  readonly slot: Slot;
  readonly fields: Record<string, unknown>;
  constructor(slot: Slot, fields: Record<string, unknown>) {
    this.slot = slot;
    this.fields = fields;
  }
  // Where ours is stricter on purpose, the engine's own is not asked: see "what is safer than in memory".
  check = ({ written }: State) => !['consumed', 'gone'].includes(written.get(this.slot.id) ?? 'live');
  async run({ written }: State, { ours, theirs }: Pair) {
    const { model, id, grantId, uid, userCode } = this.slot;
    const payload: AdapterPayload = {
      ...this.fields,
      ...(model === 'Client' ? { client_id: id } : { jti: id, kind: model }),
      iat: 1_700_000_000,
      exp: 4_000_000_000,
      ...(grantable.has(model) ? { grantId } : {}),
      ...(model === 'Session' ? { uid } : {}),
      ...(model === 'DeviceCode' ? { userCode } : {}),
    };
    await ours(model).upsert(id, structuredClone(payload), 3_600);
    await theirs(model).upsert(id, structuredClone(payload), 3_600);
    written.set(id, 'live');
  }
  toString = () => `upsert ${this.slot.model} ${this.slot.id} ${JSON.stringify(this.fields)}`;
}

class Act implements fc.AsyncCommand<State, Pair> {
  readonly name: 'find' | 'destroy' | 'consume' | 'revoke' | 'findByUid' | 'findByUserCode';
  readonly slot: Slot;
  constructor(name: Act['name'], slot: Slot) {
    this.name = name;
    this.slot = slot;
  }
  check = ({ written }: State) =>
    this.name !== 'consume' || (consumable.has(this.slot.model) && written.get(this.slot.id) === 'live');
  async run({ written }: State, { ours, theirs }: Pair) {
    const { model, id, grantId, uid, userCode } = this.slot;
    switch (this.name) {
      case 'destroy':
        await Promise.all([ours(model).destroy(id), theirs(model).destroy(id)]);
        if (kinds[model] && written.has(id)) written.set(id, 'gone');
        else written.delete(id);
        return;
      case 'consume':
        await Promise.all([ours(model).consume(id), theirs(model).consume(id)]);
        written.set(id, 'consumed');
        return;
      case 'revoke':
        // The engine asks every model; its in-memory adapter does all at the first.
        for (const name of grantable) await ours(name).revokeByGrantId(grantId);
        for (const name of grantable) await theirs(name).revokeByGrantId(grantId);
        for (const other of slots) {
          if (other.grantId === grantId && grantable.has(other.model) && written.has(other.id)) {
            if (kinds[other.model]) written.set(other.id, 'gone');
            else written.delete(other.id);
          }
        }
        return;
      case 'findByUid':
        assert.deepEqual(
          seen(model, await ours(model).findByUid(uid)),
          seen(model, await theirs(model).findByUid(uid)),
        );
        return;
      case 'findByUserCode': {
        const found = await ours(model).findByUserCode(userCode);
        const expected = await theirs(model).findByUserCode(userCode);
        assert.deepEqual(seen(model, found, ['jti']), seen(model, expected, ['jti']));
        return;
      }
      default:
        assert.deepEqual(
          seen(model, await ours(model).find(id), ['userCode']),
          seen(model, await theirs(model).find(id), ['userCode']),
        );
    }
  }
  toString = () => `${this.name} ${this.slot.model} ${this.slot.id}`;
}

/** A payload as it is compared: consumption is true or not, and a device code hides what would find it. */
function seen(model: ModelName, payload: unknown, hidden: string[] = []): unknown {
  if (!payload) return undefined;
  const shown: Record<string, unknown> = { ...payload };
  shown.consumed = Boolean(shown.consumed);
  if (model === 'DeviceCode') for (const name of hidden) delete shown[name];
  return shown;
}

type Slot = { model: ModelName; id: string; grantId: string; uid: string; userCode: string };

const slots: Slot[] = models.flatMap((model) =>
  [0, 1, 2, 3].map((number) => {
    const kind = kinds[model];
    const text = kind && number > 0 ? format.issue(kind, new Date()) : `${model}-${number}`;
    return {
      model,
      id: text,
      grantId: `grant-${number % 2}`,
      uid: `uid-${text}`,
      userCode: `CODE-${model}-${number}`,
    };
  }),
);

describe('the adapter', () => {
  it('cannot be told from the engine’s in-memory adapter by any sequence of calls', async (test) => {
    // The engine warns of its in-memory adapter each time.
    test.mock.method(console, 'warn', () => {});
    const slot = fc.constantFrom(...slots);
    const fields = fc
      .dictionary(fc.stringMatching(/^[a-zA-Z_]{1,12}$/), fc.jsonValue(), { maxKeys: 4 })
      .map((value) => JSON.parse(JSON.stringify(value)) as Record<string, unknown>);
    const act = fc
      .tuple(
        fc.constantFrom('find', 'find', 'destroy', 'consume', 'revoke', 'findByUid', 'findByUserCode'),
        slot,
      )
      .map(([name, where]) => new Act(name as Act['name'], where));
    const upsert = fc.tuple(slot, fields).map(([where, values]) => new Upsert(where, values));
    await fc.assert(
      fc.asyncProperty(fc.commands([upsert, act], { size: '+1' }), async (commands) => {
        await db.query(sql`truncate access_tokens, refresh_tokens, device_codes, grants, records`);
        const provider = new Provider('http://localhost') as unknown as Record<string, { adapter: Adapter }>;
        const ours = createAdapter(db, options);
        const theirs = (name: string) => (provider[name] as { adapter: Adapter }).adapter;
        await fc.asyncModelRun(() => ({ model: { written: new Map() }, real: { ours, theirs } }), commands);
      }),
      { numRuns: 60 },
    );
  });
});

describe('what is safer than in memory', () => {
  const adapter = (name: string) => createAdapter(db, options)(name);
  const payload = (extra: AdapterPayload = {}): AdapterPayload => ({
    iat: 1_700_000_000,
    exp: 4_000_000_000,
    ...extra,
  });

  for (const model of consumable) {
    it(`consumes a ${model} once, however many try at once`, async () => {
      const id = kinds[model] ? format.issue(kinds[model], new Date()) : `once-${model}`;
      await adapter(model).upsert(id, payload(), 600);
      const tries = await Promise.allSettled(Array.from({ length: 20 }, () => adapter(model).consume(id)));
      assert.equal(tries.filter(({ status }) => status === 'fulfilled').length, 1);
      assert.ok(
        tries.every((attempt) => attempt.status === 'fulfilled' || attempt.reason.error === 'invalid_grant'),
      );
    });

    it(`refuses to consume a ${model} that is not there as an invalid grant`, async () => {
      await assert.rejects(adapter(model).consume('nothing'), { error: 'invalid_grant' });
    });

    it(`keeps a ${model} consumed when an older copy of it is written`, async () => {
      const id = kinds[model] ? format.issue(kinds[model], new Date()) : `kept-${model}`;
      await adapter(model).upsert(id, payload(), 600);
      await adapter(model).consume(id);
      await adapter(model).upsert(id, payload(), 600);
      assert.ok((await adapter(model).find(id))?.consumed);
    });
  }

  it('keeps a revoked token revoked when it is written again', async () => {
    const id = format.issue('at', new Date());
    await adapter('AccessToken').upsert(id, payload({ kind: 'AccessToken' }), 600);
    await adapter('AccessToken').destroy(id);
    await adapter('AccessToken').upsert(id, payload({ kind: 'AccessToken' }), 600);
    assert.equal(await adapter('AccessToken').find(id), undefined);
  });

  it('changes nothing about a device code that is decided', async () => {
    const id = format.issue('dc', new Date());
    await adapter('DeviceCode').upsert(id, payload({ error: 'access_denied' }), 600);
    await adapter('DeviceCode').upsert(id, payload({ accountId: 'somebody' }), 600);
    const found = await adapter('DeviceCode').find(id);
    assert.equal(found?.error, 'access_denied');
    assert.equal(found?.accountId, undefined);
  });

  it('writes a replay record once while it lives, however many try at once', async () => {
    const tries = await Promise.allSettled(
      Array.from({ length: 20 }, () => adapter('ReplayDetection').upsert('proof', payload(), 60)),
    );
    assert.equal(tries.filter(({ status }) => status === 'fulfilled').length, 1);
  });

  it('takes a replay record again after its end', async () => {
    await adapter('ReplayDetection').upsert('over', payload(), -1);
    await adapter('ReplayDetection').upsert('over', payload(), 60);
    await assert.rejects(adapter('ReplayDetection').upsert('over', payload(), 60));
  });

  it('lets no two live device codes share a user code', async () => {
    const [first, second] = [format.issue('dc', new Date()), format.issue('dc', new Date())];
    await adapter('DeviceCode').upsert(first, payload({ userCode: 'BCDFGHJK' }), 600);
    await assert.rejects(adapter('DeviceCode').upsert(second, payload({ userCode: 'BCDFGHJK' }), 600), {
      name: 'UserCodeTaken',
    });
    await db.query(sql`update device_codes set expires_at = now() - interval '1 second'`);
    await adapter('DeviceCode').upsert(second, payload({ userCode: 'BCDFGHJK' }), 600);
    assert.equal((await adapter('DeviceCode').findByUserCode('BCDFGHJK'))?.userCode, 'BCDFGHJK');
  });

  it('finds a device code by what findByUserCode called it, in this process', async () => {
    const id = format.issue('dc', new Date());
    await adapter('DeviceCode').upsert(id, payload({ userCode: 'LMNPQRST' }), 600);
    const found = await adapter('DeviceCode').findByUserCode('LMNPQRST');
    assert.ok(found?.jti && found.jti !== id);
    await adapter('DeviceCode').upsert(found.jti, { ...found, accountId: 'somebody' }, 600);
    assert.equal((await adapter('DeviceCode').find(id))?.accountId, 'somebody');
    assert.equal(await adapter('DeviceCode').find(`${found.jti.slice(0, -1)}x`), undefined);
  });

  it('still finds what expired a moment ago, with an exp that this machine agrees is over', async () => {
    for (const [model, kind] of Object.entries(kinds)) {
      const id = format.issue(kind, new Date());
      await adapter(model).upsert(id, payload(), -1);
      const found = await adapter(model).find(id);
      assert.ok(found?.exp && found.exp <= Date.now() / 1000, model);
    }
  });

  it('trusts the database’s clock over an exp that this machine would call over', async () => {
    const id = format.issue('at', new Date());
    await adapter('AccessToken').upsert(id, payload({ exp: 1_700_000_100 }), 600);
    const found = await adapter('AccessToken').find(id);
    assert.ok(found?.exp && found.exp > Date.now() / 1000);
  });

  it('makes the partition for a day that nobody prepared', async () => {
    const id = format.issue('at', new Date('2031-05-06T07:08:09Z'));
    await adapter('AccessToken').upsert(id, payload({ scope: 'read' }), 600);
    assert.equal((await adapter('AccessToken').find(id))?.scope, 'read');
  });

  it('takes any text that JSON can hold', async () => {
    const id = format.issue('at', new Date());
    const strange = '\u0000\ud800 \u{1f600} \\ " \u2028';
    await adapter('AccessToken').upsert(id, payload({ strange }), 600);
    assert.equal((await adapter('AccessToken').find(id))?.strange, strange);
  });
});
