import type { Scopes } from '../scopes.ts';

/** Who calls, with what, and what they may do at this moment. */
export type Caller = {
  presentation: 'access_token' | 'api_token' | 'session';
  /** Names the credential, the same each time it comes; worth nothing to anybody. */
  credentialId: string;
  /** The credential itself. */
  credential: string;
  /** The person; absent for a machine. */
  userId: string | undefined;
  /** The program that the token was issued to; absent for API tokens and browsers. */
  clientId: string | undefined;
  /** The API token; absent for everything else. */
  tokenId: string | undefined;
  /** Where the caller acts. */
  organizationId: string | undefined;
  /**
   * The organization that the credential shows and ends things of, and of no other and of none: where a token was made,
   * and whose own identity provider alone has vouched for the person. Absent where they have signed in for themselves.
   */
  confinedTo: string | undefined;
  /** How people call it in a log: an address, or a client's id. */
  name: string;
  /** What the caller may do at this moment, and hand on: scopes by resource. */
  permissions: Scopes;
};
