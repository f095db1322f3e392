import type { Adapter, AdapterPayload, Client as EngineClient } from 'oidc-provider';
import { type Client, findClients } from '../clients/client.ts';
import { hasNoSecret } from '../clients/registration.ts';
import { createBatch } from '../postgres/batch.ts';
import type { Database } from '../postgres/pool.ts';
import { randomText } from '../secret.ts';
import { foundByIdAlone } from './store.ts';

/** Finds clients that may act. Look-ups that arrive together share one statement. */
export type ClientSource = (id: string) => Promise<Client | undefined>;

/** The clients that may act now: a disabled one, and one of a disabled organization, is not found. */
export function createClientSource(db: Database): ClientSource {
  return createBatch<string, Client | undefined>(async (ids) => {
    const found = await findClients(db, ids);
    return ids.map((id) => {
      const client = found.get(id);
      return client?.isLive ? client : undefined;
    });
  });
}

/** The engine's view of our clients. Read only: clients are registered through `clients/`. */
export function createClientStore(findClient: ClientSource): Adapter {
  return {
    async find(id) {
      const client = await findClient(id);
      return client && toMetadata(client);
    },
    async upsert() {
      throw new Error('clients are not written by the engine');
    },
    async destroy() {
      throw new Error('clients are not removed by the engine');
    },
    ...foundByIdAlone,
  };
}

/** The property of the engine's client that carries ours. */
export const registrationProperty = 'postern';

/** Our record behind the engine's client. */
export function registrationOf(client: EngineClient): Client {
  return client[registrationProperty] as Client;
}

// The engine wants a secret to be there. It is never compared: see `compareClientSecret` in provider.ts.
const placeholder = randomText();

function toMetadata(client: Client): AdapterPayload {
  return {
    client_id: client.id,
    client_name: client.name,
    token_endpoint_auth_method: client.authentication,
    ...(hasNoSecret(client) ? {} : { client_secret: placeholder }),
    ...(client.jwks && { jwks: client.jwks }),
    ...(client.jwksUri && { jwks_uri: client.jwksUri }),
    grant_types: client.grantTypes,
    response_types: [],
    redirect_uris: [],
    id_token_signed_response_alg: 'ES256',
    introspection_signed_response_alg: 'ES256',
    dpop_bound_access_tokens: client.dpopBoundAccessTokens === true,
    tls_client_certificate_bound_access_tokens: client.certificateBoundAccessTokens === true,
    ...(client.certificateSubject && { [client.certificateSubject.field]: client.certificateSubject.value }),
    [registrationProperty]: client,
  } as AdapterPayload;
}
