import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { checkHistory } from './checker.ts';
import type { Deed, Gift, Operation, Result } from './operation.ts';

/** Something that took a millisecond, at a second of the history. */
function at(second: number, deed: Deed, result: Partial<Result> & { until?: number } = {}): Operation {
  const { until, ...rest } = result;
  const begin = second * 1000;
  return { ...deed, outcome: 'done', ...rest, begin, end: until === undefined ? begin + 1 : until * 1000 };
}

const gift = (access: string, refresh?: string, seconds = 3600): Gift => ({ access, refresh, seconds });

const issue = (second: number, access: string, seconds?: number) =>
  at(second, { kind: 'issue', client: 'machine' }, { gives: gift(access, undefined, seconds) });
const allow = (second: number, result?: Partial<Result>, code = 'code') =>
  at(second, { kind: 'decide', code, user: 'ada', decision: 'allow' }, result);
const deny = (second: number, result?: Partial<Result>) =>
  at(second, { kind: 'decide', code: 'code', user: 'ada', decision: 'deny' }, result);
const redeem = (second: number, result: Parameters<typeof at>[2] = {}) =>
  at(second, { kind: 'redeem', code: 'code', client: 'device' }, result);
const refresh = (second: number, token: string, result: Parameters<typeof at>[2] = {}) =>
  at(second, { kind: 'refresh', token, client: 'device' }, result);
const exchange = (second: number, token: string, result: Parameters<typeof at>[2] = {}) =>
  at(second, { kind: 'exchange', token, client: 'gateway' }, result);
const revoke = (second: number, token: string, result?: Parameters<typeof at>[2]) =>
  at(second, { kind: 'revoke', token, client: 'device' }, result);
const disable = (second: number, whom: string, result?: Parameters<typeof at>[2]) =>
  at(second, { kind: 'disable', whom }, result);
const endGrants = (second: number, result?: Parameters<typeof at>[2]) =>
  at(second, { kind: 'end grants', user: 'ada' }, result);
const look = (second: number, token: string, isActive: boolean) =>
  at(second, { kind: 'introspect', token }, { isActive });

const unknown = { outcome: 'unknown' } as const;
const refused = { outcome: 'refused' } as const;
const active = true;
const inactive = false;

/** A device that was let in at second 1. */
const signedIn = [allow(0), redeem(1, { gives: gift('a1', 'r1') })];
const renewed = refresh(2, 'r1', { gives: gift('a2', 'r2') });
const other = { gives: gift('a3', 'r3') };
const again = { gives: gift('a2', 'r2') };

const right: Record<string, Operation[]> = {
  'a token lives until it is revoked': [
    issue(0, 'a'),
    look(1, 'a', active),
    revoke(2, 'a'),
    look(3, 'a', inactive),
  ],
  'one that was read while it was revoked may be either': [
    issue(0, 'a'),
    revoke(2, 'a', { until: 4 }),
    look(3, 'a', active),
    look(3, 'a', inactive),
  ],
  'a revocation that was lost may have happened, or happen yet': [
    issue(0, 'a'),
    revoke(2, 'a', unknown),
    look(3, 'a', active),
    look(50, 'a', inactive),
  ],
  'a token may be over a little before its time': [
    issue(0, 'a', 10),
    look(8.5, 'a', inactive),
    look(10, 'a', active),
  ],
  'a lost refresh may have happened': [...signedIn, refresh(2, 'r1', unknown), refresh(3, 'r1', again)],
  'a lost refresh may not have happened': [
    ...signedIn,
    refresh(2, 'r1', unknown),
    look(3, 'a1', active),
    refresh(3, 'r1', again),
  ],
  'the same answer comes again within the grace': [...signedIn, renewed, refresh(31, 'r1', again)],
  'a use after the grace ends the grant': [
    ...signedIn,
    renewed,
    refresh(34, 'r1', refused),
    look(35, 'a2', inactive),
    refresh(36, 'r2', refused),
  ],
  'one that may have been after the grace may have ended it': [
    ...signedIn,
    refresh(2, 'r1', unknown),
    refresh(33, 'r1', refused),
    look(35, 'a1', active),
    look(36, 'a1', inactive),
  ],
  'a second poll is refused while the first one may be answered again later': [
    ...signedIn,
    redeem(2, refused),
    redeem(8, { gives: gift('a1', 'r1') }),
  ],
  'a poll before the approval is refused': [
    redeem(0, refused),
    allow(1),
    redeem(2, { gives: gift('a1', 'r1') }),
  ],
  'an approval that was lost may have counted': [allow(0, unknown), redeem(1, { gives: gift('a1', 'r1') })],
  'an approval that was lost may not have counted': [allow(0, unknown), redeem(1, refused)],
  'a denial that was lost may have counted or not': [
    deny(0, unknown),
    allow(1),
    redeem(2, { gives: gift('a1', 'r1') }),
  ],
  'an expired code may be answered again': [
    allow(0),
    redeem(1, unknown),
    at(2, { kind: 'expire', code: 'code' }),
    redeem(8, { gives: gift('a1', 'r1') }),
  ],
  'everything dies with its person': [
    ...signedIn,
    exchange(2, 'a1', { gives: gift('x') }),
    disable(3, 'ada'),
    look(4, 'x', inactive),
    refresh(4, 'r1', refused),
    exchange(4, 'a1', refused),
  ],
  'what was under way when a person was disabled may be answered': [
    ...signedIn,
    disable(2, 'ada'),
    refresh(1.5, 'r1', { ...again, until: 5 }),
    look(6, 'a2', inactive),
  ],
  'grants that came later outlive the end of those before': [
    endGrants(-1),
    ...signedIn,
    look(3, 'a1', active),
  ],
};

const wrong: Record<string, [rule: RegExp, Operation[]]> = {
  'a fork': [/one successor/, [...signedIn, renewed, refresh(3, 'r1', other)]],
  'a fork behind a lost answer': [
    /one successor/,
    [...signedIn, refresh(1.5, 'r1', unknown), renewed, refresh(3, 'r1', other)],
  ],
  'a code that is redeemed twice': [/one successor/, [...signedIn, redeem(2, other)]],
  'the same answer after the grace': [/answered again/, [...signedIn, renewed, refresh(34, 'r1', again)]],
  'a token that outlives its revocation': [
    /own end/,
    [issue(0, 'a'), revoke(1, 'a'), look(1.002, 'a', active)],
  ],
  'one that outlives its grant': [/own end/, [...signedIn, renewed, revoke(3, 'r2'), look(4, 'a1', active)]],
  'one that outlives the end of all grants': [/own end/, [...signedIn, endGrants(2), look(3, 'a1', active)]],
  'one that outlives its client': [/own end/, [issue(0, 'a'), disable(1, 'machine'), look(2, 'a', active)]],
  'one that outlives its person': [/own end/, [...signedIn, disable(2, 'ada'), look(3, 'a1', active)]],
  'an exchanged one that outlives what it stands on': [
    /own end/,
    [...signedIn, exchange(2, 'a1', { gives: gift('x') }), revoke(3, 'a1'), look(4, 'x', active)],
  ],
  'one that outlives its gateway': [
    /own end/,
    [issue(0, 'a'), exchange(1, 'a', { gives: gift('x') }), disable(2, 'gateway'), look(3, 'x', active)],
  ],
  'a family that outlives a use after the grace': [
    /own end/,
    [...signedIn, renewed, refresh(34, 'r1', refused), look(35, 'a2', active)],
  ],
  'a token that outlives its time': [/expired/, [issue(0, 'a', 5), look(7, 'a', active)]],
  'a token that is lost': [/not lost/, [issue(0, 'a'), look(1, 'a', inactive)]],
  'one that is lost although the revocation only came later': [
    /not lost/,
    [issue(0, 'a'), look(1, 'a', inactive), revoke(2, 'a', unknown)],
  ],
  'one that dies with another’s revocation': [
    /not lost/,
    [...signedIn, renewed, revoke(3, 'a1'), look(4, 'a2', inactive)],
  ],
  'a family that dies of a use within the grace': [
    /not lost/,
    [...signedIn, renewed, refresh(20, 'r1', again), look(21, 'a2', inactive)],
  ],
  'a refresh token that is lost': [/without a reason/, [...signedIn, refresh(2, 'r1', refused)]],
  'a repetition within the grace that is refused': [
    /without a reason/,
    [...signedIn, renewed, refresh(20, 'r1', refused)],
  ],
  'an approved code that is refused': [/without a reason/, [allow(0), redeem(1, refused)]],
  'a poll after the interval that is refused': [/without a reason/, [...signedIn, redeem(10, refused)]],
  'a machine that is refused': [/without a reason/, [at(0, { kind: 'issue', client: 'machine' }, refused)]],
  'an exchange that is refused': [/without a reason/, [issue(0, 'a'), exchange(1, 'a', refused)]],
  'an introspection that is refused': [
    /without a reason/,
    [at(0, { kind: 'introspect', token: 'a' }, refused)],
  ],
  'a token for a client that is disabled': [/is issued after/, [disable(0, 'machine'), issue(1, 'a')]],
  'a refresh for a person who is disabled': [/is issued after/, [...signedIn, disable(1.5, 'ada'), renewed]],
  'a refresh after the revocation': [/is issued after/, [...signedIn, revoke(1.5, 'r1'), renewed]],
  'a denied code that mints': [/denied/, [deny(0), redeem(1, { gives: gift('a1', 'r1') })]],
  'one that mints although an approval came too': [
    /denied/,
    [deny(0), allow(0.5), redeem(1, { gives: gift('a1', 'r1') })],
  ],
  'a code that nobody has allowed': [
    /nobody has allowed/,
    [redeem(1, { gives: gift('a1', 'r1') }), allow(2)],
  ],
  'an expired code that mints': [
    /expired code/,
    [allow(0), at(1, { kind: 'expire', code: 'code' }), redeem(2, { gives: gift('a1', 'r1') })],
  ],
  'an answer that nobody may get': [
    /503 with Retry-After/,
    [at(0, { kind: 'issue', client: 'machine' }, { outcome: 'unknown', fault: '500' })],
  ],
};

describe('the checker of histories', () => {
  for (const [name, history] of Object.entries(right)) {
    it(`allows that ${name}`, () => assert.deepEqual(checkHistory(history), []));
  }
  for (const [name, [rule, history]] of Object.entries(wrong)) {
    it(`finds ${name}, and shows no more than it takes`, () => {
      const violations = checkHistory(history);
      assert.equal(violations.length, 1, JSON.stringify(violations, undefined, 2));
      assert.match(violations[0]?.rule ?? '', rule);
      const shown = violations[0]?.operations ?? [];
      assert.ok(shown.length <= 3 && shown.every((operation) => history.includes(operation)));
    });
  }
});
