import { type Draft, name, type Stationery } from './letter.ts';

/** An API token ends soon. */
export type TokenExpiryData = {
  token: string;
  organization: string;
  days: number;
  expiresAt: string;
  link: string;
};

/** To its owner. */
export function tokenExpiry(
  { token, organization, days, expiresAt, link }: TokenExpiryData,
  stationery: Stationery,
): Draft {
  const words = stationery.locale.words.mail.tokenExpiry;
  return {
    subject: words.subject(name(token), days),
    lead: words.lead(name(token), stationery.moment(expiresAt)),
    facts: [[stationery.locale.words.mail.facts.organization, name(organization)]],
    before: words.after,
    action: { words: words.action, link },
  };
}
