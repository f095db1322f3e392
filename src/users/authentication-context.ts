/**
 * Authentication context classes, the weaker first (`acr`, OpenID Connect Core section 2): a password or an identity
 * provider alone; two factors.
 */
export const contextClasses = ['urn:postern:acr:single-factor', 'urn:postern:acr:multi-factor'] as const;

/** The name of an authentication context class. */
export type ContextClass = (typeof contextClasses)[number];

/** What somebody who has proven a second factor, or has not, has authenticated to. */
export function contextClassOf(hasProvenSecondFactor: boolean): ContextClass {
  return contextClasses[hasProvenSecondFactor ? 1 : 0];
}

/** Seconds for which what somebody has proven opens what needs it anew: their password, their factors. */
export const recentSeconds = 600;

/** What a person must prove again before something that needs both to be recent. `factor`: only where they have one. */
export type Missing = { password: boolean; factor: boolean };

/** What of a session is older than `seconds`, for who has a second factor or not. */
export function listMissing(
  ages: { authenticated: number; secondFactor: number },
  hasSecondFactor: boolean,
  seconds = recentSeconds,
): Missing {
  return {
    password: ages.authenticated > seconds,
    factor: hasSecondFactor && ages.secondFactor > seconds,
  };
}
