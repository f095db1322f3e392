import { z } from 'zod';
import { accessTokenType, deviceGrant, exchangeGrant, jwtAssertionType } from '../urn.ts';

const scope = z
  .string()
  .meta({ description: 'Names of scopes, with spaces between.', example: 'read write' });
const resource = z.string().meta({
  description: 'The URI of the API that the token is for (RFC 8707).',
  example: 'https://api.example.com',
});
const scopes = { scope: scope.optional(), resource: resource.optional() };
const token = z.string().meta({ example: 'pst_at_…' });

/** How a client authenticates in the body, where it does not in the `Authorization` header. */
const credentials = {
  client_id: z.string().optional().meta({ description: 'Of a client without a secret, or beside one.' }),
  client_secret: z.string().optional(),
  client_assertion_type: z.literal(jwtAssertionType).optional(),
  client_assertion: z
    .string()
    .optional()
    .meta({ description: 'A JWT under the key of the client (RFC 7523).' }),
};

/** The grant types of the token endpoint. */
export const grantTypes = ['client_credentials', deviceGrant, 'refresh_token', exchangeGrant] as const;

/** A token request (RFC 6749 section 3.2), of whichever grant. */
export const tokenRequest = z
  .object({
    grant_type: z.enum(grantTypes),
    ...scopes,
    device_code: z.string().optional().meta({ description: 'For the device code grant (RFC 8628).' }),
    refresh_token: z.string().optional().meta({ description: 'For the refresh token grant.' }),
    subject_token: z.string().optional().meta({ description: 'For token exchange (RFC 8693).' }),
    subject_token_type: z.string().optional().meta({ example: accessTokenType }),
    actor_token: z.string().optional(),
    actor_token_type: z.string().optional(),
    audience: z.string().optional(),
    requested_token_type: z.string().optional(),
    ...credentials,
  })
  .meta({ id: 'TokenRequest' });

/** An example of a token request for each grant. */
export const tokenRequestExamples = {
  client_credentials: { value: { grant_type: grantTypes[0], scope: 'read' } },
  device_code: { value: { grant_type: grantTypes[1], device_code: 'pst_dc_…', client_id: 'demo-cli' } },
  refresh_token: { value: { grant_type: grantTypes[2], refresh_token: 'pst_rt_…', client_id: 'demo-cli' } },
  token_exchange: {
    value: { grant_type: grantTypes[3], subject_token: 'pst_at_…', subject_token_type: accessTokenType },
  },
};

/** What the token endpoint answers (RFC 6749 section 5.1). */
export const tokenResponse = z
  .looseObject({
    access_token: token,
    token_type: z.enum(['Bearer', 'DPoP']),
    expires_in: z.int().meta({ description: 'In seconds.', example: 3600 }),
    scope: scope.optional(),
    refresh_token: z.string().optional().meta({ example: 'pst_rt_…' }),
    issued_token_type: z.string().optional().meta({ description: 'Of token exchange.' }),
  })
  .meta({ id: 'TokenResponse' });

/** What a device asks with (RFC 8628 section 3.1). */
export const deviceRequest = z
  .object({
    ...scopes,
    dpop_jkt: z.string().optional().meta({ description: 'The thumbprint of the key to bind to (RFC 9449).' }),
    ...credentials,
  })
  .meta({ id: 'DeviceAuthorizationRequest' });

/** What a device is told (RFC 8628 section 3.2). */
export const deviceResponse = z
  .looseObject({
    device_code: z.string().meta({ example: 'pst_dc_…' }),
    user_code: z.string().meta({ example: 'BCDF-GHJK' }),
    verification_uri: z.url(),
    verification_uri_complete: z.url().optional(),
    expires_in: z.int().meta({ description: 'In seconds.', example: 600 }),
    interval: z.int().meta({ description: 'Seconds between two polls.', example: 5 }),
  })
  .meta({ id: 'DeviceAuthorizationResponse' });

/** A request about a token (RFC 7662, RFC 7009). */
export const tokenQuestion = z
  .object({
    token: token.meta({ description: 'An access token, a refresh token, or an API token.' }),
    token_type_hint: z.string().optional(),
    ...credentials,
  })
  .meta({ id: 'TokenQuestion' });

/** What an API asks of a token (RFC 7662 section 2.1). */
export const introspectionQuestion = tokenQuestion
  .extend({
    client_ip_address: z.string().optional().meta({
      description:
        'Where the request came from that presented the token; without it an API token with address ranges is inactive.',
      example: '192.0.2.7',
    }),
  })
  .meta({ id: 'IntrospectionQuestion' });

/** What a token is worth (RFC 7662 section 2.2); nothing but `active` where it is worth nothing to who asks. */
export const introspection = z
  .looseObject({
    active: z.boolean(),
    scope: scope.optional(),
    client_id: z.string().optional(),
    username: z.string().optional(),
    token_type: z.string().optional(),
    sub: z.string().optional(),
    aud: z.union([z.string(), z.array(z.string())]).optional(),
    iss: z.string().optional(),
    exp: z.int().optional(),
    iat: z.int().optional(),
    jti: z.string().optional().meta({ description: 'The id of an API token.' }),
    organization: z.uuid().optional().meta({ description: 'Where the holder of an API token acts.' }),
    permissions: z.record(z.string(), z.array(z.string())).optional().meta({
      description:
        'What an API token may do at each of the APIs that the caller serves; `scope` has what it may do at all of them.',
    }),
    cnf: z.looseObject({}).optional().meta({ description: 'The key or certificate that it is bound to.' }),
  })
  .meta({ id: 'Introspection' });

/** Why a request was refused (RFC 6749 section 5.2). */
export const oauthError = z
  .looseObject({
    error: z.string().meta({ example: 'invalid_client' }),
    error_description: z.string().optional().meta({ example: 'Client authentication failed' }),
  })
  .meta({ id: 'OAuthError' });

/** Public keys (RFC 7517 section 5). */
export const jwks = z.looseObject({ keys: z.array(z.looseObject({ kty: z.string() })) }).meta({ id: 'Jwks' });

/** What the server says of itself (RFC 8414 section 2). */
export const serverMetadata = z
  .looseObject({
    issuer: z.url(),
    token_endpoint: z.url(),
    jwks_uri: z.url(),
    grant_types_supported: z.array(z.string()),
  })
  .meta({ id: 'ServerMetadata' });

/** What a resource says of itself (RFC 9728 section 2). */
export const resourceMetadata = z
  .looseObject({
    resource: z.string(),
    authorization_servers: z.array(z.url()),
    scopes_supported: z.array(z.string()).optional(),
  })
  .meta({ id: 'ResourceMetadata' });

/** What a client says of itself (RFC 7591 section 2). */
export const clientMetadata = z
  .looseObject({
    client_name: z.string().optional(),
    token_endpoint_auth_method: z.string().optional(),
    grant_types: z.array(z.string()).optional(),
    scope: scope.optional(),
  })
  .meta({ id: 'ClientMetadata' });

/** What a registered client changes itself to (RFC 7592 section 2.2). */
export const clientUpdate = clientMetadata.extend({ client_id: z.string() }).meta({ id: 'ClientUpdate' });

/** What a registered client is told (RFC 7591 section 3.2.1). */
export const clientInformation = clientMetadata
  .extend({
    client_id: z.string(),
    client_secret: z.string().optional(),
    registration_client_uri: z.url(),
    registration_access_token: z.string(),
  })
  .meta({ id: 'ClientInformation' });
