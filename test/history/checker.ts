import {
  graceMs,
  isReuse,
  mayBeReuse,
  mayBeTooSoon,
  type Presentation,
  presentedIn,
  slackMs,
} from './consumption.ts';
import { certainDeath, type Deaths, findDeaths, mayBeDead } from './death.ts';
import { type Operation, ofKind } from './operation.ts';
import { type Facts, readFacts, type Token } from './token.ts';

/** A rule that a history breaks, and the fewest operations that show it. */
export type Violation = { rule: string; operations: Operation[] };

/** JWTs count in whole seconds. */
const secondMs = 1_000;

/**
 * Finds every violation in a history, whatever the operations of unknown outcome have done. The order of the history
 * does not matter.
 */
export function checkHistory(history: readonly Operation[]): Violation[] {
  const facts = readFacts([...history].sort((one, other) => one.begin - other.begin));
  const deaths = findDeaths(facts);
  return [
    ...checkFaults(facts),
    ...checkSuccessors(facts),
    ...checkIntrospection(facts, deaths),
    ...checkIssue(facts, deaths),
    ...checkRefusals(facts, deaths),
    ...checkCodes(facts),
  ];
}

function checkFaults({ history }: Facts): Violation[] {
  return history
    .filter(({ fault }) => fault !== undefined)
    .map((operation) => ({
      rule: 'an answer is a success, a refusal, or 503 with Retry-After',
      operations: [operation],
    }));
}

function checkSuccessors({ presentations }: Facts): Violation[] {
  return [...presentations.values()].flatMap((all) => {
    const [first, ...others] = all.filter(({ outcome }) => outcome === 'done');
    if (!first) return [];
    const forks = others.filter(
      ({ gives }) => gives?.access !== first.gives?.access || gives?.refresh !== first.gives?.refresh,
    );
    const late = [first, ...others].filter((one) => isReuse(one, all));
    return [
      ...forks.map((fork) => ({
        rule: 'a code or refresh token has one successor',
        operations: [first, fork],
      })),
      ...late.map((one) => ({
        rule: `nothing is answered again later than ${graceMs / 1000} s`,
        operations: [first, one],
      })),
    ];
  });
}

function checkIntrospection({ history, tokens }: Facts, deaths: Deaths): Violation[] {
  return ofKind(history, 'introspect').flatMap((look) => {
    const token = tokens.get(look.token);
    if (!token || look.outcome !== 'done') return [];
    if (!look.isActive) {
      if (mayBeDead(deaths, token.standsOn, look.end) || mayHaveExpired(token, look.end)) return [];
      return [{ rule: 'a token that was answered is not lost', operations: [token.by, look] }];
    }
    const death = certainDeath(deaths, token.standsOn, look.begin);
    if (death)
      return [
        {
          rule: 'nothing is active after its own end, or that of its grant, client or person',
          operations: [token.by, death.by, look],
        },
      ];
    return hasExpired(token, look.begin)
      ? [{ rule: 'nothing is active after it has expired', operations: [token.by, look] }]
      : [];
  });
}

function mayHaveExpired({ bornAfter, seconds }: Token, moment: number): boolean {
  return bornAfter + seconds * 1000 - secondMs - slackMs < moment;
}

function hasExpired({ bornBefore, seconds }: Token, moment: number): boolean {
  return bornBefore + seconds * 1000 + slackMs < moment;
}

function checkIssue({ tokens }: Facts, deaths: Deaths): Violation[] {
  return [...tokens.entries()].flatMap(([name, { by, standsOn, bornAfter }]) => {
    // A refresh token comes with an access token, which is looked at.
    if (name !== by.gives?.access) return [];
    const parents = standsOn.filter((each) => each !== name);
    const death = certainDeath(deaths, parents, bornAfter);
    return death
      ? [{ rule: 'nothing is issued after the end of what it stands on', operations: [death.by, by] }]
      : [];
  });
}

function checkRefusals(facts: Facts, deaths: Deaths): Violation[] {
  return facts.history
    .filter((operation) => operation.outcome === 'refused' && !isExplained(operation, facts, deaths))
    .map((operation) => ({ rule: 'nothing is refused without a reason', operations: [operation] }));
}

function isExplained(refused: Operation, facts: Facts, deaths: Deaths): boolean {
  const isDead = (...names: string[]) => mayBeDead(deaths, names, refused.end);
  const standing = (name: string) => facts.tokens.get(name)?.standsOn ?? [name];
  switch (refused.kind) {
    case 'issue':
    case 'ask':
    case 'revoke':
      return isDead(refused.client);
    case 'exchange': {
      const subject = facts.tokens.get(refused.token);
      const isOver = subject !== undefined && mayHaveExpired(subject, refused.end);
      return isOver || isDead(refused.client, ...standing(refused.token));
    }
    case 'refresh':
      return isDead(...standing(refused.token)) || isSpent(refused, facts);
    case 'redeem':
      return (
        isDead(refused.client, refused.code) ||
        isSpent(refused, facts) ||
        isNotGranted(refused.code, refused, facts, deaths)
      );
    case 'decide':
      return true;
    default:
      return false;
  }
}

function isSpent(refused: Presentation, { presentations }: Facts): boolean {
  const all = presentations.get(presentedIn(refused)) ?? [];
  return mayBeReuse(refused, all) || mayBeTooSoon(refused, all);
}

/** Whether a code may have been without an approval of somebody who lives. */
function isNotGranted(code: string, refused: Operation, { history }: Facts, deaths: Deaths): boolean {
  const about = history.filter((operation) => 'code' in operation && operation.code === code);
  const approval = ofKind(about, 'decide').find(
    ({ decision, outcome, end }) => decision === 'allow' && outcome === 'done' && end < refused.begin,
  );
  if (!approval || mayBeDead(deaths, [approval.user], refused.end)) return true;
  return ofKind(about, 'expire').some(({ begin }) => begin < refused.end);
}

function checkCodes({ history, presentations }: Facts): Violation[] {
  const decisions = Map.groupBy(ofKind(history, 'decide'), ({ code }) => code);
  const expiries = Map.groupBy(ofKind(history, 'expire'), ({ code }) => code);
  return [...presentations.entries()].flatMap(([code, all]) => {
    const [minted] = all.filter(({ outcome }) => outcome === 'done');
    if (minted?.kind !== 'redeem') return [];
    const decided = decisions.get(code) ?? [];
    const denial = decided.find(({ decision, outcome }) => decision === 'deny' && outcome === 'done');
    const approval = decided.find(
      ({ decision, outcome, begin }) => decision === 'allow' && outcome !== 'refused' && begin < minted.end,
    );
    const tries = all.filter(({ outcome }) => outcome !== 'refused').map(({ begin }) => begin);
    const expiry = expiries
      .get(code)
      ?.find(({ outcome, end }) => outcome === 'done' && end < Math.min(...tries));
    return [
      ...(denial ? [{ rule: 'a denied code never mints', operations: [denial, minted] }] : []),
      ...(approval || denial
        ? []
        : [{ rule: 'a code that nobody has allowed never mints', operations: [minted] }]),
      ...(expiry ? [{ rule: 'an expired code never mints', operations: [expiry, minted] }] : []),
    ];
  });
}
