import type {
  AccessToken,
  ClientCredentials,
  Client as EngineClient,
  KoaContextWithOIDC,
  RefreshToken,
} from 'oidc-provider';
import type { Accounts } from './accounts.ts';
import { type ClientSource, registrationOf } from './client-store.ts';

/**
 * Whether the caller may know a token (RFC 7662 section 4): it serves one of the token's audiences, or the token was
 * issued to it. A refresh token is its own client's business alone. A token of a client that is disabled or gone, or of
 * a person who is, is inactive for everybody. Completes what the engine will tell with `sub` and `username`.
 */
export async function isIntrospectionAllowed(
  { findClient, accounts }: { findClient: ClientSource; accounts: Accounts },
  _ctx: KoaContextWithOIDC,
  caller: EngineClient,
  token: AccessToken | ClientCredentials | RefreshToken,
): Promise<boolean> {
  const isOwn = token.clientId === caller.clientId;
  const isServed =
    token.kind !== 'RefreshToken' && registrationOf(caller).audiences.includes(String(token.aud));
  if (!isOwn && !isServed) return false;
  if (!token.clientId || !(await findClient(token.clientId))) return false;

  const accountId = 'accountId' in token ? token.accountId : undefined;
  if (accountId === undefined) {
    tell(token as Extensible, { sub: token.clientId });
    return true;
  }
  const user = await accounts.findUser(accountId);
  if (!user) return false;
  tell(token as Extensible, { username: user.email });
  return true;
}

type Extensible = { extra?: Record<string, unknown> };

/** The engine copies a token's `extra` into the answer (RFC 7662 section 2.2). */
function tell(token: Extensible, members: Record<string, unknown>): void {
  token.extra = { ...token.extra, ...members };
}
