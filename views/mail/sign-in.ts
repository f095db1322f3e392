import type { Draft, Stationery } from './letter.ts';
import { type SightingData, sightingFacts } from './sighting.ts';

/** Somebody has signed in with a browser that is new to the account. */
export type SignInData = SightingData & { link: string };

/** To whose account it is. */
export function signIn(data: SignInData, stationery: Stationery): Draft {
  const words = stationery.locale.words.mail.signIn;
  return {
    subject: words.subject,
    lead: words.lead,
    facts: sightingFacts(data, stationery),
    before: words.otherwise,
    action: { words: words.action, link: data.link },
  };
}
