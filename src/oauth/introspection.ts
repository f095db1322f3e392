import type {
  AccessToken,
  ClientCredentials,
  Client as EngineClient,
  KoaContextWithOIDC,
  RefreshToken,
} from 'oidc-provider';
import type { Clock } from '../clock.ts';
import type { UseRecorder } from '../tokens/use.ts';
import type { Accounts } from './accounts.ts';
import { authenticationOf } from './authentication.ts';
import { type ClientSource, registrationOf } from './client-store.ts';
import { type Lineage, lineageOf } from './lineage.ts';
import type { Instance } from './model.ts';
import { apiTokenBehind, narrowToAudiences, recordUse } from './presented-api-token.ts';
import { readScope } from './scope.ts';

/** What a token's life depends on besides itself and its grant. */
export type LifeOptions = {
  findClient: ClientSource;
  accounts: Accounts;
  isLineageAlive: (lineage: Lineage) => Promise<boolean>;
};

/** What introspection stands on. */
export type IntrospectionOptions = LifeOptions & { uses: UseRecorder; clock: Clock };

/**
 * Whether the caller may know a token (RFC 7662 section 4): it serves one of the token's audiences, or the token was
 * issued to it. A refresh token is its own client's business alone; of an API token, the caller learns what concerns the
 * APIs that it serves, and being asked for counts as a use. Completes what the engine will tell with `sub` and
 * `username`, and takes out what a token keeps for us.
 */
export async function isIntrospectionAllowed(
  options: IntrospectionOptions,
  ctx: KoaContextWithOIDC,
  caller: EngineClient,
  token: AccessToken | ClientCredentials | RefreshToken,
): Promise<boolean> {
  const apiToken = apiTokenBehind(token);
  if (apiToken) {
    if (!narrowToAudiences(token, apiToken, registrationOf(caller))) return false;
    recordUse(options, apiToken, { address: ctx.state.presentedFrom, clientId: caller.clientId });
    return true;
  }
  const isOwn = token.clientId === caller.clientId;
  const isServed =
    token.kind !== 'RefreshToken' && registrationOf(caller).audiences.includes(String(token.aud));
  if (!isOwn && !isServed) return false;
  const life = await findLife(options, token);
  if (!life || !narrowToGrant(token, ctx.oidc.entities.Grant)) return false;
  const { lineage: _, ...extra } = (token as Extensible).extra ?? {};
  const authentication =
    token.kind === 'RefreshToken' ? {} : authenticationOf(token, ctx.oidc.entities.Grant);
  // `sub` is among them. For an account the engine would look for the client again, and fail where that is gone by now.
  Object.assign(token, { extra: { ...extra, ...authentication, ...life }, accountId: undefined });
  return true;
}

/**
 * Takes out of a token's scope what its grant gives no more: a permission that a person loses is lost to their tokens at
 * once. False where nothing is left of what it was issued for.
 */
export function narrowToGrant(token: Instance, grant: Instance | undefined): boolean {
  if (!grant || !token.scope) return true;
  const given = Object.values((grant.resources ?? {}) as Record<string, string>).flatMap(readScope);
  const left = readScope(token.scope).filter((scope) => given.includes(scope));
  const keeps = token.kind === 'RefreshToken' && readScope(token.scope).includes('offline_access');
  token.scope = [...left, ...(keeps ? ['offline_access'] : [])].join(' ');
  return left.length > 0;
}

/**
 * Who is behind a token whose own state and grant are right, as introspection tells it; `undefined` when the token is
 * dead for everybody: its client is disabled or gone, or its person, or something that it was exchanged for.
 */
export async function findLife(
  { findClient, accounts, isLineageAlive }: LifeOptions,
  token: Instance,
): Promise<{ sub: string; username?: string } | undefined> {
  if (!token.clientId || !(await findClient(token.clientId))) return undefined;
  if (!(await isLineageAlive(lineageOf(token)))) return undefined;
  const { accountId } = token;
  if (accountId === undefined) return { sub: token.clientId };
  const user = await accounts.findUser(accountId);
  if (user) return { sub: user.id, username: user.email };
  // The subject of an exchange may be a machine; no client's id is shaped like a person's.
  return lineageOf(token).length > 0 && (await findClient(accountId)) ? { sub: accountId } : undefined;
}

type Extensible = { extra?: Record<string, unknown> };
