import { isReuse, mayBeReuse } from './consumption.ts';
import { type Operation, ofKind } from './operation.ts';
import type { Facts, Token } from './token.ts';

/** The end of a token, grant, client or person: not before one moment, and for certain after the other, if ever. */
export type Death = { by: Operation; notBefore: number; notAfter: number };

/** Every death that the history knows of, by the name of what died. */
export type Deaths = ReadonlyMap<string, Death[]>;

/** Finds what may have died, and when for certain. */
export function findDeaths(facts: Facts): Deaths {
  const { history, tokens } = facts;
  const deaths = new Map<string, Death[]>();
  const add = (name: string, by: Operation, isCertain = by.outcome === 'done') => {
    const death = { by, notBefore: by.begin, notAfter: isCertain ? by.end : Number.POSITIVE_INFINITY };
    deaths.set(name, [...(deaths.get(name) ?? []), death]);
  };
  for (const operation of history) {
    if (operation.kind === 'disable') add(operation.whom, operation);
    if (operation.kind === 'revoke' && operation.outcome !== 'refused')
      add(grantOfRefreshToken(operation.token, tokens) ?? operation.token, operation);
    if (operation.kind === 'end grants') {
      for (const { code, existed } of grantsOf(operation.user, operation, facts))
        add(code, operation, existed && operation.outcome === 'done');
    }
  }
  for (const all of facts.presentations.values()) {
    for (const one of all) {
      const grant = one.kind === 'redeem' ? one.code : grantOfRefreshToken(one.token, tokens);
      if (grant === undefined || one.outcome === 'done' || !mayBeReuse(one, all)) continue;
      add(grant, one, one.outcome === 'refused' && isReuse(one, all));
    }
  }
  return deaths;
}

/** The death, if any, that lets nothing that stands on these be alive at a moment. */
export function certainDeath(deaths: Deaths, names: readonly string[], moment: number): Death | undefined {
  return deathsOf(deaths, names).find(({ notAfter }) => notAfter < moment);
}

/** Whether one of these may be dead at a moment. */
export function mayBeDead(deaths: Deaths, names: readonly string[], moment: number): boolean {
  return deathsOf(deaths, names).some(({ notBefore }) => notBefore < moment);
}

function deathsOf(deaths: Deaths, names: readonly string[]): Death[] {
  return names.flatMap((name) => deaths.get(name) ?? []);
}

/** The second name that a refresh token stands on is its grant's; `undefined` for an access token. */
function grantOfRefreshToken(name: string, tokens: ReadonlyMap<string, Token>): string | undefined {
  const token = tokens.get(name);
  return token?.by.gives?.refresh === name ? token.standsOn[1] : undefined;
}

/** The grants of a person that may have been there when they were ended; `existed` for those that were. */
function grantsOf(user: string, end: Operation, { history }: Facts): { code: string; existed: boolean }[] {
  return ofKind(history, 'decide')
    .filter((decided) => decided.user === user && decided.decision === 'allow')
    .filter(({ outcome, begin }) => outcome !== 'refused' && begin < end.end)
    .map((decided) => ({
      code: decided.code,
      existed: decided.outcome === 'done' && decided.end < end.begin,
    }));
}
