import { z } from 'zod';
import type { Client } from '../clients/client.ts';
import { fields } from '../clients/registration.ts';
import { isPlainName, plainNameAdvice } from '../plain-name.ts';
import { deviceGrant } from '../urn.ts';
import { permissionsSchema, showPermissions } from './permissions.ts';

const instant = z.iso.datetime();

/** How the programs of organizations authenticate. */
const clientMethods = ['client_secret_basic', 'client_secret_post', 'private_key_jwt', 'none'] as const;

/** The grants that they can have; what may be exchanged for what, an operator alone decides. */
const clientGrants = ['client_credentials', 'refresh_token', deviceGrant] as const;

/** What an organization chooses about a client, in the words of RFC 7591 where it has some. */
export const chosenFields = {
  client_name: fields.shape.client_name
    .refine(isPlainName, plainNameAdvice)
    .meta({ example: 'Nightly import' }),
  token_endpoint_auth_method: z.enum(clientMethods, `write one of ${clientMethods.join(', ')}`),
  grant_types: z
    .array(z.enum(clientGrants, `write one of ${clientGrants.join(', ')}`), 'write a list of texts')
    .max(10, 'write at most ten'),
  resources: permissionsSchema.meta({ description: 'The scopes that it may ask for, by API.' }),
  default_resource: z.string('write the URI of one of its resources').max(500),
  jwks: fields.shape.jwks.unwrap().meta({ description: 'Its public keys, for private_key_jwt.' }),
  jwks_uri: fields.shape.jwks_uri.unwrap(),
  access_token_lifetime: seconds(60, 86_400).meta({
    description: 'In seconds; what the API or the server says, where it is absent.',
  }),
  dpop_bound_access_tokens: z.boolean('write true or false'),
  verification_uri_complete: z.boolean('write true or false').meta({
    description: 'Whether its device codes may come in a link, or must be typed (RFC 8628 section 3.3.1).',
  }),
  number_matching: z.boolean('write true or false').meta({
    description: 'Whether who approves its device codes must type the number that the device shows.',
  }),
  same_network: z.boolean('write true or false').meta({
    description: 'Whether its device codes are approved only from the network that the device asked from.',
  }),
  step_up_scopes: z
    .array(z.string('write a scope such as write').max(100), 'write a list of scopes')
    .max(200, 'write at most 200 scopes')
    .meta({ description: 'Scopes that a person gives its devices only with a second factor.' }),
  refresh_token_lifetime: fields.shape.refresh_token_lifetime.unwrap().meta({
    description: 'Seconds that a device stays signed in at most.',
  }),
};

function seconds(least: number, most: number) {
  const advice = `write a number of seconds from ${least} to ${most}`;
  return z.int(advice).min(least, advice).max(most, advice);
}

const secretSchema = z
  .object({ id: z.uuid(), created_at: instant, expires_at: instant.optional() })
  .meta({ id: 'ClientSecret' });

/** A client as it is shown: never a secret. */
export const clientSchema = z
  .object({
    client_id: z.string(),
    ...chosenFields,
    token_endpoint_auth_method: z.string(),
    grant_types: z.array(z.string()),
    default_resource: z.string().optional(),
    refresh_token_lifetime: z.number().optional(),
    jwks: z.object({ keys: z.array(z.record(z.string(), z.unknown())) }).optional(),
    jwks_uri: z.string().optional(),
    access_token_lifetime: z.int().optional(),
    secrets: z.array(secretSchema).meta({ description: 'Those that are live; at most two.' }),
    disabled: z.boolean(),
    created_at: instant,
    disabled_at: instant.optional(),
    last_used_at: instant.optional().meta({ description: 'When it authenticated last, a few seconds late.' }),
    holdings: z
      .object({ grants: z.int() })
      .optional()
      .meta({ description: 'Sign-ins of devices and apps that end with it; shown of one program alone.' }),
  })
  .meta({ id: 'Client' });

/** A client with the secret that it was made with. */
export const clientWithSecretSchema = clientSchema
  .extend({
    client_secret: z.string().optional().meta({ description: 'Shown once; absent for a client without.' }),
  })
  .meta({ id: 'ClientWithSecret' });

/** One more secret. */
export const newSecretSchema = secretSchema
  .extend({ client_secret: z.string().meta({ description: 'Shown once.', example: 'pst_cs_…' }) })
  .meta({ id: 'ClientSecretWithValue' });

/** A client on the wire. */
export type ShownClient = z.input<typeof clientSchema>;

/** How a client is shown. */
export function showClient(client: Client): ShownClient {
  return {
    client_id: client.id,
    client_name: client.name,
    token_endpoint_auth_method: client.authentication,
    grant_types: client.grantTypes,
    resources: showPermissions(client.allowed),
    ...(client.defaultResource !== undefined && { default_resource: client.defaultResource }),
    ...(client.jwks && { jwks: client.jwks }),
    ...(client.jwksUri !== undefined && { jwks_uri: client.jwksUri }),
    ...(client.accessTokenSeconds !== undefined && { access_token_lifetime: client.accessTokenSeconds }),
    dpop_bound_access_tokens: client.dpopBoundAccessTokens === true,
    verification_uri_complete: client.verificationUriComplete !== false,
    number_matching: client.numberMatching === true,
    same_network: client.sameNetwork === true,
    step_up_scopes: client.stepUpScopes ?? [],
    ...(client.refreshTokenSeconds !== undefined && { refresh_token_lifetime: client.refreshTokenSeconds }),
    secrets: client.secrets.map(showSecret),
    disabled: client.disabledAt !== undefined,
    created_at: client.createdAt.toISOString(),
    ...(client.disabledAt && { disabled_at: client.disabledAt.toISOString() }),
    ...(client.lastUsedAt && { last_used_at: client.lastUsedAt.toISOString() }),
  };
}

/** How a secret is shown to who does not have it. */
export function showSecret(secret: { id: string; createdAt: Date; expiresAt: Date | undefined }) {
  return {
    id: secret.id,
    created_at: secret.createdAt.toISOString(),
    ...(secret.expiresAt && { expires_at: secret.expiresAt.toISOString() }),
  };
}
