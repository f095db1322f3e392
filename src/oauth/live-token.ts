import type { Provider } from 'oidc-provider';
import { authenticationOf } from './authentication.ts';
import { findLife, type LifeOptions, narrowToGrant } from './introspection.ts';
import { isJwtShaped } from './jwt.ts';
import { type Instance, modelOf } from './model.ts';
import type { JwtLoader } from './presented-jwt.ts';

/**
 * Finds access tokens of ours, opaque or JWT, that are alive as introspection judges it: not expired, not revoked, with
 * their grant, client, person and lineage; their scope is what the grant still gives.
 */
export function liveTokens(
  provider: Provider,
  loadJwt: JwtLoader,
  life: LifeOptions,
): (text: string) => Promise<Instance | undefined> {
  async function find(text: string): Promise<Instance | undefined> {
    if (!isJwtShaped(text)) {
      return (await provider.AccessToken.find(text)) ?? (await provider.ClientCredentials.find(text));
    }
    const payload = await loadJwt(text);
    if (!payload) return undefined;
    const model = modelOf(payload.kind === 'AccessToken' ? provider.AccessToken : provider.ClientCredentials);
    const { ends, clientGeneration } = payload;
    return Object.assign(model.instantiate(payload), { ends, clientGeneration });
  }

  return async (text) => {
    const token = await find(text);
    if (!token?.isValid) return undefined;
    if (token.grantId) {
      const grant: Instance = await provider.Grant.find(token.grantId);
      if (!grant || grant.clientId !== token.clientId || grant.accountId !== token.accountId)
        return undefined;
      if (!narrowToGrant(token, grant)) return undefined;
      token.authentication = authenticationOf(token, grant);
    }
    return (await findLife(life, token)) && token;
  };
}
