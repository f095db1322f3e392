import { Provider } from 'oidc-provider';
import { epochSeconds } from '../clock.ts';
import type { Database } from '../postgres/pool.ts';
import { type AccessTokenClaims, createJwtJudge, type JwtReader, revokeJwt } from './jwt.ts';
import { type Instance, modelOf } from './model.ts';
import { revive } from './store.ts';

/** Stands for the JWT in `ctx.state.presentedJwt`, which the engine would refuse to look at. */
export const presentedJwt = 'presented-jwt';

/**
 * Lets the engine find JWTs at introspection and revocation as it finds stored tokens: signature and claims are checked,
 * then the token's own revocation and its client's age; the engine goes on to the grant, and its policy to client and
 * person. Destroying one writes its revocation.
 */
export function readJwts(provider: Provider, db: Database, read: JwtReader): void {
  const judge = createJwtJudge(db);

  /** The claims as the payload that the engine would have stored; read once for all models that ask. */
  async function load(text: string): Promise<Payload | undefined> {
    const claims = await read(text);
    const state = claims && (await judge(claims));
    if (!claims || !state || state.dead) return undefined;
    return revive(toPayload(claims), {
      jti: claims.jti,
      expired: state.expired,
      now: epochSeconds(),
    }) as Payload;
  }

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
      token.destroy = () => revokeJwt(db, { jti: payload.jti, exp: payload.ends });
      return token;
    };
  }
}

type Payload = ReturnType<typeof toPayload>;

function toPayload(claims: AccessTokenClaims) {
  const isPersons = claims.grant_id !== undefined;
  return {
    kind: isPersons ? 'AccessToken' : 'ClientCredentials',
    jti: claims.jti,
    iat: claims.iat,
    exp: claims.exp,
    /** The claim itself: `exp` is what this machine's clock must see. */
    ends: claims.exp,
    aud: claims.aud,
    scope: claims.scope,
    clientId: claims.client_id,
    ...(isPersons && { accountId: claims.sub, grantId: claims.grant_id }),
    ...(claims.cnf?.jkt && { jkt: claims.cnf.jkt }),
    ...(claims.cnf?.['x5t#S256'] && { 'x5t#S256': claims.cnf['x5t#S256'] }),
  };
}
