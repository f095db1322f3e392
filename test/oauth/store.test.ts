import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { revive } from '../../src/oauth/store.ts';

const now = 1_800_000_000;
const state = { jti: 'x', now };

describe('what the engine is told of an end', () => {
  it('is ahead of this machine for as long as a request may take, where the database calls it alive', () => {
    for (const exp of [now - 60, now - 1, now]) {
      const { exp: told } = revive({ exp }, { ...state, expired: false });
      assert.ok(told !== undefined && told >= now + 5, `${exp}`);
    }
    assert.equal(revive({ exp: now + 60 }, { ...state, expired: false }).exp, now + 60);
  });

  it('is over, where the database calls it over', () => {
    assert.equal(revive({ exp: now + 60 }, { ...state, expired: true }).exp, now);
    assert.equal(revive({ exp: now - 60 }, { ...state, expired: true }).exp, now - 60);
  });
});
