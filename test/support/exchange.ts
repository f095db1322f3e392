import type { Pool } from '../../src/postgres/pool.ts';
import { addResource } from '../../src/resources/resource.ts';
import { registerClient, type TestClient } from './registration.ts';

/** The grant type of RFC 8693 section 2.1. */
export const exchangeGrant = 'urn:ietf:params:oauth:grant-type:token-exchange';

/** What the type of an access token is called there (section 3). */
export const accessTokenType = 'urn:ietf:params:oauth:token-type:access_token';

/** The API behind the gateway, whose tokens are JWTs. */
export const innerResource = 'https://inner.example.com';

/** A gateway in front of `innerResource`, which exchanges tokens for `from`, and the API itself. */
export async function registerGateway(
  db: Pool,
  from: string,
): Promise<{ gateway: TestClient; inner: TestClient }> {
  await addResource(db, {
    uri: innerResource,
    name: 'Inner API',
    scopes: { read: 'See', write: 'Change' },
    accessTokenFormat: 'jwt',
  });
  const gateway = await registerClient(db, {
    grantTypes: [exchangeGrant, 'client_credentials'],
    allowed: { [innerResource]: ['read', 'write'] },
    defaultResource: innerResource,
    audiences: [from],
    exchanges: { [from]: [innerResource], [innerResource]: [innerResource] },
  });
  const inner = await registerClient(db, { grantTypes: [], allowed: {}, audiences: [innerResource] });
  return { gateway, inner };
}
