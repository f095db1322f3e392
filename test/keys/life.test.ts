import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { Algorithm } from '../../src/keys/algorithm.ts';
import {
  dueSteps,
  type KeyLife,
  type KeyPolicy,
  type KeyStep,
  keyPolicy,
  present,
  publishedKeysLifetime,
  rotationSteps,
  stateOf,
} from '../../src/keys/life.ts';

/** What can happen to a ring of keys, in seconds where it takes time. */
type Event =
  | { event: 'time'; seconds: number }
  | { event: 'sign'; algorithm: Algorithm; lifetime: number }
  | { event: 'ask'; algorithm: Algorithm }
  | { event: 'rotate'; algorithm: Algorithm; isImmediate: boolean }
  | { event: 'revoke'; which: number };

const algorithm = fc.constantFrom<Algorithm>('ES256', 'EdDSA', 'RS256');
const events = fc.array(
  fc.oneof(
    fc.record({ event: fc.constant('time' as const), seconds: fc.integer({ min: 1, max: 120 }) }),
    fc.record({ event: fc.constant('time' as const), seconds: fc.integer({ min: 1, max: 100 * 86_400 }) }),
    fc.record({
      event: fc.constant('sign' as const),
      algorithm,
      lifetime: fc.integer({ min: 1, max: 31_536_000 }),
    }),
    fc.record({ event: fc.constant('rotate' as const), algorithm, isImmediate: fc.boolean() }),
    fc.record({ event: fc.constant('ask' as const), algorithm }),
    fc.record({ event: fc.constant('revoke' as const), which: fc.nat() }),
  ),
  { maxLength: 40 },
);
const policies = fc.record<KeyPolicy>({
  publishSeconds: fc.integer({ min: 1, max: 3_600 }),
  rotateSeconds: fc.integer({ min: 7_200, max: 90 * 86_400 }),
});

type Token = { kid: string; expiresAt: Date };

/** A ring as the database holds it: a step changes it as the statements of the same name do. */
class Ring {
  keys: KeyLife[] = [];
  algorithms: Algorithm[] = ['ES256'];
  tokens: Token[] = [];
  /** Keys that had to sign early: nothing else of their algorithm could, or somebody asked for it. */
  hurried = new Set<string>();
  now = new Date('2030-01-01T00:00:00Z');
  readonly policy: KeyPolicy;

  constructor(policy: KeyPolicy) {
    this.policy = policy;
    this.settle();
  }

  take(step: KeyStep): void {
    const { now } = this;
    if (step.step === 'add') {
      this.keys.push({
        kid: `key ${this.keys.length}`,
        algorithm: step.algorithm,
        publishedAt: now,
        activatedAt: undefined,
        retiredAt: undefined,
        revokedAt: undefined,
        neededUntil: now,
      });
      return;
    }
    const next = this.keys.find(({ kid }) => kid === step.kid) as KeyLife;
    const { active } = present(this.keys, next.algorithm, now);
    if (active) {
      const lingers = now.getTime() + this.policy.publishSeconds * 1000;
      this.change(active, {
        retiredAt: now,
        neededUntil: new Date(Math.max(active.neededUntil.getTime(), lingers)),
      });
    } else this.hurried.add(next.kid);
    this.change(next, { activatedAt: now });
  }

  settle(): void {
    for (let round = 0; ; round += 1) {
      assert.ok(round < 4, 'it settles');
      const steps = dueSteps(this.keys, this.algorithms, this.now, this.policy);
      if (steps.length === 0) return;
      for (const step of steps) this.take(step);
    }
  }

  play(event: Event): void {
    switch (event.event) {
      case 'time':
        this.now = new Date(this.now.getTime() + event.seconds * 1000);
        break;
      case 'sign': {
        const { active } = present(this.keys, event.algorithm, this.now);
        if (!active) break;
        const expiresAt = new Date(this.now.getTime() + event.lifetime * 1000);
        this.tokens.push({ kid: active.kid, expiresAt });
        if (active.neededUntil < expiresAt) this.change(active, { neededUntil: expiresAt });
        break;
      }
      case 'ask':
        this.algorithms = [...new Set([...this.algorithms, event.algorithm])];
        break;
      case 'rotate':
        if (!this.algorithms.includes(event.algorithm)) break;
        for (const isImmediate of event.isImmediate ? [false, true] : [false]) {
          for (const step of rotationSteps(this.keys, event.algorithm, this.now, { isImmediate })) {
            if (step.step === 'activate') this.hurried.add(step.kid);
            this.take(step);
          }
        }
        break;
      case 'revoke': {
        const key = this.keys[event.which % this.keys.length];
        if (key) this.change(key, { revokedAt: this.now });
      }
    }
    this.settle();
  }

  private change(key: KeyLife, change: Partial<KeyLife>): void {
    this.keys = this.keys.map((each) => (each === key ? { ...each, ...change } : each));
  }
}

/** Plays any history under any policy, and looks at the ring after each event. */
function always(look: (ring: Ring, event: Event, before: KeyLife[]) => void): void {
  fc.assert(
    fc.property(policies, events, (policy, history) => {
      const ring = new Ring(policy);
      for (const event of history) {
        const before = ring.keys;
        ring.play(event);
        look(ring, event, before);
      }
    }),
    { numRuns: 200 },
  );
}

const inState = (ring: Ring, state: string) => ring.keys.filter((key) => stateOf(key, ring.now) === state);

describe('the life of signing keys', () => {
  it('never has two active keys of one algorithm, nor two pending ones', () => {
    always((ring) => {
      for (const state of ['active', 'pending']) {
        const found = inState(ring, state).map((key) => key.algorithm);
        assert.equal(new Set(found).size, found.length, state);
      }
    });
  });

  it('always has one for each algorithm that is asked for, and no pending one that is ready', () => {
    always((ring) => {
      const active = inState(ring, 'active').map((key) => key.algorithm);
      for (const each of ring.algorithms) assert.ok(active.includes(each), each);
      for (const key of inState(ring, 'pending')) {
        const age = (ring.now.getTime() - key.publishedAt.getTime()) / 1000;
        assert.ok(age < ring.policy.publishSeconds, 'a key that is ready is not pending');
      }
    });
  });

  it('lets no key sign before it was published long enough, unless nothing else could or somebody insists', () => {
    always((ring) => {
      for (const { kid, publishedAt, activatedAt } of ring.keys) {
        if (!activatedAt || ring.hurried.has(kid)) continue;
        assert.ok(activatedAt.getTime() - publishedAt.getTime() >= ring.policy.publishSeconds * 1000);
      }
    });
  });

  it('publishes a key until the last token it signed has expired, unless it is revoked', () => {
    always((ring) => {
      const published = new Set(
        ['pending', 'active', 'retiring'].flatMap((state) => inState(ring, state)).map(({ kid }) => kid),
      );
      const revoked = new Set(ring.keys.filter(({ revokedAt }) => revokedAt).map(({ kid }) => kid));
      for (const kid of revoked) assert.ok(!published.has(kid), kid);
      for (const { kid, expiresAt } of ring.tokens) {
        if (expiresAt > ring.now && !revoked.has(kid)) assert.ok(published.has(kid), kid);
      }
    });
  });

  it('replaces a revoked key by one that signs at once', () => {
    always((ring, event, before) => {
      if (event.event !== 'revoke') return;
      const revoked = before[event.which % before.length] as KeyLife;
      if (stateOf(revoked, ring.now) === 'active')
        assert.ok(present(ring.keys, revoked.algorithm, ring.now).active);
    });
  });

  it('only moves forward', () => {
    const order = ['pending', 'active', 'retiring', 'retired', 'revoked'];
    always((ring, event, before) => {
      for (const [index, key] of before.entries()) {
        const earlier =
          event.event === 'time' ? new Date(ring.now.getTime() - event.seconds * 1000) : ring.now;
        const was = order.indexOf(stateOf(key, earlier));
        assert.ok(order.indexOf(stateOf(ring.keys[index] as KeyLife, ring.now)) >= was);
      }
    });
  });

  it('lets no key sign for longer than the policy says, where somebody looks every minute', () => {
    const policy = { publishSeconds: 360, rotateSeconds: 7_200 };
    const ring = new Ring(policy);
    for (let minute = 0; minute < 500; minute += 1) {
      ring.play({ event: 'time', seconds: 60 });
      const { active } = present(ring.keys, 'ES256', ring.now);
      assert.ok(active?.activatedAt);
      assert.ok(ring.now.getTime() - active.activatedAt.getTime() <= (policy.rotateSeconds + 60) * 1000);
    }
    assert.ok(ring.keys.length > 3);
  });

  it('publishes keys for longer than anybody may keep the old list', () => {
    assert.ok(keyPolicy.publishSeconds > publishedKeysLifetime);
    assert.equal(keyPolicy.rotateSeconds, 90 * 86_400);
  });
});
