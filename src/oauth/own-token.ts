import type { Client as EngineClient, Provider } from 'oidc-provider';
import { ownClient } from '../clients/own-client.ts';
import { epochSeconds } from '../clock.ts';
import type { SigningKey } from '../keys/key-ring.ts';
import type { Database } from '../postgres/pool.ts';
import { randomText } from '../secret.ts';
import { type ApprovingPerson, findApproval } from './approval.ts';
import type { Authentication } from './authentication.ts';
import type { ClientSource } from './client-store.ts';
import { type Giving, insertGrant } from './grant-store.ts';
import type { Instance } from './model.ts';
import { resourceServerInfo } from './resource-server.ts';
import type { ResourceSource } from './resource-source.ts';

/** A token that is dead until its grant is written with `insertOwnGrant`. */
export type OwnToken = {
  text: string;
  tokenType: string;
  scope: string;
  expiresInSeconds: number;
  grant: {
    id: string;
    accountId: string;
    resource: string;
    scope: string;
    expiresInSeconds: number;
    giving: Giving;
    authentication: Authentication;
  };
};

/** Issues an access token to the person in the browser, for everything that they may do at one API. */
export type OwnTokens = (
  person: ApprovingPerson & { authentication: Authentication; address: string; userAgent: string },
  resource: string,
) => Promise<OwnToken | { refusal: 'unknown_resource' | 'powerless' }>;

// Nothing renews it: it lasts a working day, and as a JWT, which an API may check alone, an hour.
const lifetimeSeconds = { opaque: 28_800, jwt: 3_600 };

/** Issues with the engine of the moment. */
export function createOwnTokens(options: {
  db: Database;
  provider(): Provider;
  signingKeys(): readonly SigningKey[];
  findClient: ClientSource;
  findResource: ResourceSource;
}): OwnTokens {
  const { db, findClient, findResource } = options;
  return async (person, uri) => {
    const provider = options.provider();
    const [client, resource] = await Promise.all([findClient(ownClient.id), findResource(uri)]);
    if (!client || !resource) return { refusal: 'unknown_resource' };
    const asked = Object.keys(resource.scopes);
    const approval = await findApproval(db, { client, resource: uri, asked }, person);
    if ('refusal' in approval || approval.organization === undefined) return { refusal: 'powerless' };
    if (approval.given.length === 0) return { refusal: 'powerless' };

    const scope = approval.given.join(' ');
    const seconds = resource.accessTokenSeconds ?? lifetimeSeconds[resource.accessTokenFormat];
    const grantId = randomText();
    const info = { ...resourceServerInfo(client, resource, options.signingKeys()), scope };
    const token: Instance = new provider.AccessToken({
      accountId: person.userId,
      client: (await provider.Client.find(ownClient.id)) as EngineClient,
      grantId,
      scope,
      expiresIn: seconds,
    } as never);
    token.resourceServer = new provider.ResourceServer(uri, info as never);
    token.approval = { authentication: person.authentication };
    return {
      text: await token.save(),
      tokenType: token.tokenType,
      scope,
      expiresInSeconds: seconds,
      grant: {
        id: grantId,
        accountId: person.userId,
        resource: uri,
        scope,
        expiresInSeconds: seconds,
        giving: {
          organizationId: approval.organization.id,
          identityProvider: person.identityProvider,
          address: person.address,
          device: { address: person.address, userAgent: person.userAgent },
        },
        authentication: person.authentication,
      },
    };
  };
}

/** From now on the token lives. */
export async function insertOwnGrant(db: Database, { grant }: OwnToken): Promise<void> {
  const iat = epochSeconds();
  const { accountId, resource, scope, expiresInSeconds, authentication } = grant;
  const payload = {
    accountId,
    clientId: ownClient.id,
    resources: { [resource]: scope },
    authentication,
    kind: 'Grant',
    iat,
    exp: iat + expiresInSeconds,
  };
  await insertGrant(db, grant.id, payload, expiresInSeconds, grant.giving);
}
