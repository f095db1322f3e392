import { type Draft, name, type Stationery } from './letter.ts';

/** Somebody is asked into an organization, by somebody who has chosen this language. */
export type InvitationData = {
  organization: string;
  inviter: string;
  link: string;
  expiresAt: string;
  language?: string | undefined;
};

/** To whom it is for. */
export function invitation(
  { organization, inviter, link, expiresAt }: InvitationData,
  stationery: Stationery,
): Draft {
  const words = stationery.locale.words.mail.invitation;
  return {
    subject: words.subject(name(organization)),
    lead: words.lead(name(inviter), name(organization)),
    action: { words: words.action, link },
    after: [words.until(stationery.moment(expiresAt)), words.otherwise],
  };
}
