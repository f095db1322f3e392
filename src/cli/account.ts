import { managementApi } from './issuer.ts';
import { type ProofKey, parseProofKey } from './proof-key.ts';

/** What tells sign-ins apart: at which server, as which client, and for which API where one was named (RFC 8707). */
export type SignInName = { issuer: string; client_id: string; resource?: string };

/** One sign-in as it is kept on this machine: whose server, its endpoints, and the tokens. Instants are ISO 8601. */
export type Account = SignInName & {
  token_endpoint: string;
  revocation_endpoint?: string;
  introspection_endpoint?: string;
  access_token: string;
  token_type: string;
  scope: string;
  issued_at: string;
  expires_at: string;
  refresh_token?: string;
  /** Where the tokens are bound to a key (RFC 9449): that key. */
  dpop_key?: ProofKey;
};

/** What a token endpoint answers (RFC 6749 section 5.1), as far as it is kept. */
export type TokenResponse = {
  access_token: string;
  token_type: string;
  scope?: string | undefined;
  expires_in?: number | undefined;
  refresh_token?: string | undefined;
};

const lifetimeWhereUntoldSeconds = 300;
const marginSeconds = 60;

/** Whether a sign-in is for the management API of its own server. */
export function isForManagement(name: {
  issuer?: string | undefined;
  resource?: string | undefined;
}): boolean {
  const { issuer, resource } = name;
  return issuer !== undefined && resource === managementApi(issuer);
}

/** The token members of an account out of a response received now; what the response leaves out stays as it was. */
export function accountTokens(
  response: TokenResponse,
  before: { scope: string; refresh_token?: string | undefined },
  now: Date,
): Pick<Account, 'access_token' | 'token_type' | 'scope' | 'issued_at' | 'expires_at' | 'refresh_token'> {
  const lifetimeSeconds = response.expires_in ?? lifetimeWhereUntoldSeconds;
  const refreshToken = response.refresh_token ?? before.refresh_token;
  return {
    access_token: response.access_token,
    token_type: response.token_type,
    scope: response.scope ?? before.scope,
    issued_at: now.toISOString(),
    expires_at: new Date(now.getTime() + lifetimeSeconds * 1000).toISOString(),
    ...(refreshToken !== undefined && { refresh_token: refreshToken }),
  };
}

/** Whether an access token need not be renewed yet: not in its last minute, nor in the last tenth of a shorter life. */
export function isFresh(account: Account, now: Date): boolean {
  const end = Date.parse(account.expires_at);
  const lifetime = end - Date.parse(account.issued_at);
  return end - now.getTime() > Math.min(marginSeconds * 1000, lifetime / 10);
}

const demanded = [
  'issuer',
  'client_id',
  'token_endpoint',
  'access_token',
  'token_type',
  'scope',
  'issued_at',
  'expires_at',
] as const;
const optional = ['resource', 'revocation_endpoint', 'introspection_endpoint', 'refresh_token'] as const;

/** An account out of parsed JSON with unknown members dropped, or `undefined` where it is not one. */
export function parseAccount(value: unknown): Account | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const given = value as Record<string, unknown>;
  const members = [...demanded, ...optional.filter((name) => given[name] !== undefined)];
  if (!members.every((name) => typeof given[name] === 'string')) return undefined;
  const account = Object.fromEntries(members.map((name) => [name, given[name]])) as Account;
  if (!isInstant(account.issued_at) || !isInstant(account.expires_at)) return undefined;
  if (given.dpop_key === undefined) return account;
  const dpop_key = parseProofKey(given.dpop_key);
  return dpop_key && { ...account, dpop_key };
}

function isInstant(text: string): boolean {
  return !Number.isNaN(Date.parse(text));
}
