/** How many failures, in how long, before the next try is refused. The window begins with the first of them. */
export type Policy = { failures: number; seconds: number };

const minutes = 60;
const hours = 3600;

/**
 * Every limit, by what is counted. The last words of a name say of whom: nobody is ever refused for what strangers did,
 * except where that is the purpose and another way in stays open.
 */
export const policies = {
  // Ten typing mistakes are an honest maximum. A password of 15 characters outlives 960 guesses a day by far.
  sign_in_by_account_and_address: { failures: 10, seconds: 15 * minutes },
  // The same for a browser in which this account has signed in before. Nothing that others do is counted for it.
  sign_in_by_account_and_browser: { failures: 10, seconds: 15 * minutes },
  // A whole office on a Monday morning, against one password tried on a list of addresses.
  sign_in_by_address: { failures: 300, seconds: 15 * minutes },
  // Many addresses against one account. Who is kept out by it is new here: known browsers are not asked.
  sign_in_by_account: { failures: 100, seconds: 1 * hours },

  // Codes of six digits, three of them good at a time, tried by somebody who knows the password: 50 guesses a day are
  // right once in 18 years. Recovery codes are counted by themselves, so that they stay the other way in.
  second_factor_by_account_and_address: { failures: 10, seconds: 15 * minutes },
  second_factor_by_account_and_browser: { failures: 10, seconds: 15 * minutes },
  second_factor_by_account: { failures: 50, seconds: 24 * hours },
  // Answers of passkeys that are wrong. They are signatures: what is counted is work.
  passkey_by_address: { failures: 60, seconds: 10 * minutes },

  // RFC 8628 section 5.1. With a thousand live codes among 20^8, a guess is right once in 25.6 million.
  user_code_by_account: { failures: 10, seconds: 10 * minutes },
  // Before sign-in. Where one of these is spent, the next code waits until its person has signed in.
  user_code_by_visit: { failures: 5, seconds: 10 * minutes },
  user_code_by_address: { failures: 30, seconds: 10 * minutes },
  // The breaker, before sign-in: ten busy addresses at their limit are an attack. Signing in still works.
  user_code_by_anybody: { failures: 300, seconds: 10 * minutes },
  // The breaker behind it: a hundred accounts at their limit. Nothing is left to ask, so new codes wait.
  user_code_by_any_account: { failures: 1000, seconds: 10 * minutes },

  // Texts of invitations that are not open. They have 256 bits: what is counted is trouble, not luck.
  invitation_by_address: { failures: 30, seconds: 10 * minutes },

  // Each makes us ask somebody else's server.
  provider_by_address: { failures: 300, seconds: 15 * minutes },

  // Secrets have 256 bits, so these save work rather than secrets (RFC 6749 section 2.3.1 demands them all the same).
  // A wrongly deployed fleet retries, hence the room.
  client_by_id_and_address: { failures: 100, seconds: 5 * minutes },
  client_by_address: { failures: 1000, seconds: 5 * minutes },
  // Device codes that never were. A poll for one that expired is no guess and is not counted.
  device_code_by_address: { failures: 100, seconds: 5 * minutes },
  // Credentials at the management API that were none of ours.
  api_credential_by_address: { failures: 30, seconds: 1 * minutes },
  // Initial and registration access tokens, which have 256 bits too. A program that goes on trying with one that is over
  // must not keep out its neighbours too soon.
  registration_by_address: { failures: 300, seconds: 5 * minutes },

  // Mail. Who is over one of these can still hand the link over, or see it on a page.
  invitation_mail_by_inviter: { failures: 100, seconds: 1 * hours },
  invitation_mail_by_organization: { failures: 500, seconds: 24 * hours },
  // Whoever invites: nobody's letter-box is ours to fill.
  invitation_mail_by_recipient: { failures: 5, seconds: 24 * hours },
  approval_mail_by_owner: { failures: 10, seconds: 1 * hours },
  device_report_mail_by_person: { failures: 5, seconds: 1 * hours },
  // What people are told about their own account. An attack is told by the first of them.
  notice_by_person: { failures: 30, seconds: 1 * hours },
} as const satisfies Record<string, Policy>;

/** The name of a limit. */
export type PolicyName = keyof typeof policies;
