import { type Draft, name, type Stationery } from './letter.ts';

/** An API token waits for an administrator. */
export type TokenWaitingData = {
  token: string;
  owner: string;
  organization: string;
  reason: string | undefined;
  link: string;
};

/** To those who may approve it. */
export function tokenWaiting(
  { token, owner, organization, reason, link }: TokenWaitingData,
  stationery: Stationery,
): Draft {
  const words = stationery.locale.words.mail.tokenWaiting;
  return {
    subject: words.subject(name(token)),
    lead: words.lead(name(owner), name(organization)),
    facts: [
      [stationery.locale.words.mail.facts.token, name(token)],
      ...(reason ? [[words.reason, name(reason)] as const] : []),
    ],
    action: { words: words.action, link },
  };
}
