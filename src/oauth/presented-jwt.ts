import { Provider } from 'oidc-provider';
import { epochSeconds } from '../clock.ts';
import type { Database } from '../postgres/pool.ts';
import { authenticationOf } from './authentication.ts';
import { type AccessTokenClaims, createJwtJudge, type JwtReader, revokeJwt } from './jwt.ts';
import { type Instance, modelOf } from './model.ts';
import { revive, type StoreEvents } from './store.ts';

/** Stands for the JWT in `ctx.state.presentedJwt`, which the engine would refuse to look at. */
export const presentedJwt = 'presented-jwt';

/** The token behind a JWT of ours as the engine would have stored it; `undefined` when it is revoked or no JWT of ours. */
export type JwtLoader = (text: string) => Promise<Payload | undefined>;

/** Checks signature and claims, then the token's own revocation and its client's generation. */
export function createJwtLoader(db: Database, read: JwtReader): JwtLoader {
  const judge = createJwtJudge(db);
  return async (text) => {
    const claims = await read(text);
    const state = claims && (await judge(claims));
    if (!claims || !state || state.dead) return undefined;
    return revive(toPayload(claims), {
      jti: claims.jti,
      expired: state.expired,
      now: epochSeconds(),
    }) as Payload;
  };
}

/**
 * Lets the engine find JWTs at introspection and revocation as it finds stored tokens; it goes on to the grant, and its
 * policy to client and person. Destroying one writes its revocation.
 */
export function readJwts(
  provider: Provider,
  db: Database,
  { load, events }: { load: JwtLoader; events: StoreEvents },
): void {
  for (const engineModel of [provider.AccessToken, provider.ClientCredentials]) {
    const model = modelOf(engineModel);
    const find = model.find.bind(model);
    model.find = async (value, options) => {
      const ctx = Provider.ctx;
      const text: unknown = ctx?.state.presentedJwt;
      if (value !== presentedJwt || typeof text !== 'string' || !ctx) return await find(value, options);
      ctx.state.jwtPayload ??= load(text);
      const payload: Payload | undefined = await ctx.state.jwtPayload;
      if (payload?.kind !== engineModel.name) return undefined;
      const token: Instance = model.instantiate(payload);
      token.destroy = () =>
        revokeJwt(db, { jti: payload.jti, exp: payload.ends }, (tx) =>
          events.accessTokenEnded(tx, payload.grantId),
        );
      return token;
    };
  }
}

/** A payload of the engine's, with `ends`, the `exp` claim itself, and the client's generation. */
export type Payload = ReturnType<typeof toPayload>;

function toPayload(claims: AccessTokenClaims) {
  const isExchanged = claims.lineage !== undefined;
  const isPersons = claims.grant_id !== undefined;
  return {
    kind: isPersons || isExchanged ? 'AccessToken' : 'ClientCredentials',
    jti: claims.jti,
    iat: claims.iat,
    exp: claims.exp,
    /** The claim itself: `exp` is what this machine's clock must see. */
    ends: claims.exp,
    aud: claims.aud,
    scope: claims.scope,
    clientId: claims.client_id,
    clientGeneration: claims.client_generation,
    ...((isPersons || isExchanged) && { accountId: claims.sub }),
    ...(isPersons && { grantId: claims.grant_id }),
    extra: {
      ...(claims.lineage && { lineage: claims.lineage }),
      ...(claims.act && { act: claims.act }),
      ...(claims.may_act && { may_act: claims.may_act }),
      ...(!isPersons && authenticationOf({ extra: claims }, undefined)),
    },
    ...(claims.cnf?.jkt && { jkt: claims.cnf.jkt }),
    ...(claims.cnf?.['x5t#S256'] && { 'x5t#S256': claims.cnf['x5t#S256'] }),
  };
}
