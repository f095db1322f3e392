import type { z } from 'zod';
import type {
  ZodOpenApiOperationObject,
  ZodOpenApiPathsObject,
  ZodOpenApiResponsesObject,
} from 'zod-openapi';
import { paths } from '../oauth/settings.ts';
import {
  clientInformation,
  clientMetadata,
  clientUpdate,
  deviceRequest,
  deviceResponse,
  introspection,
  introspectionQuestion,
  jwks,
  oauthError,
  resourceMetadata,
  serverMetadata,
  tokenQuestion,
  tokenRequest,
  tokenRequestExamples,
  tokenResponse,
} from './oauth-bodies.ts';

const tag = 'OAuth';
const clientSecurity = [{ client: [] }, {}];

/** The endpoints of the protocol, as the reference shows them. */
export function oauthReference({
  offersRegistration,
}: {
  offersRegistration: boolean;
}): ZodOpenApiPathsObject {
  const metadata = document('What the server offers (RFC 8414)', serverMetadata);
  return {
    [paths.token]: {
      post: {
        operationId: 'requestToken',
        summary: 'Get a token',
        description:
          'For client credentials, a device code, a refresh token, or another token (RFC 6749, 8628, 8693). A `DPoP` proof binds it to a key (RFC 9449).',
        ...asked(form(tokenRequest, { examples: tokenRequestExamples }), 'The token', tokenResponse),
      },
    },
    [paths.deviceAuthorization]: {
      post: {
        operationId: 'authorizeDevice',
        summary: 'Begin to sign a device in',
        description: 'A person then enters the code at `verification_uri` (RFC 8628).',
        ...asked(
          form(deviceRequest, { example: { client_id: 'demo-cli', scope: 'read offline_access' } }),
          'The codes',
          deviceResponse,
        ),
      },
    },
    [paths.introspection]: {
      post: {
        operationId: 'introspectToken',
        summary: 'Ask what a token is worth',
        description:
          'For APIs, of tokens that are for them (RFC 7662); signed where the client asks for it (RFC 9701).',
        ...asked(
          form(introspectionQuestion, { example: { token: 'pst_at_…' } }),
          'What it is worth',
          introspection,
        ),
      },
    },
    [paths.revocation]: {
      post: {
        operationId: 'revokeToken',
        summary: 'Give a token back',
        description:
          'It is dead at once; of an API token, the one value that is sent. One that is unknown is given back already (RFC 7009).',
        ...asked(form(tokenQuestion, { example: { token: 'pst_at_…' } }), 'It is dead'),
      },
    },
    ...(offersRegistration && registrationReference()),
    [paths.authorizationServer]: { get: { operationId: 'showServerMetadata', ...metadata } },
    [paths.openidConfiguration]: { get: { operationId: 'showServerMetadataToOpenid', ...metadata } },
    [paths.jwks]: {
      get: {
        operationId: 'showJwks',
        ...document('The public signing keys (RFC 7517)', jwks, 'application/jwk-set+json'),
      },
    },
    [paths.resourceMetadata]: {
      get: {
        operationId: 'showResourceMetadata',
        parameters: [
          {
            in: 'query',
            name: 'resource',
            required: true,
            schema: { type: 'string' },
            description: 'The URI of an API.',
            example: 'https://api.example.com',
          },
        ],
        ...document('What clients may know of an API (RFC 9728)', resourceMetadata),
      },
    },
  };
}

/** Dynamic client registration (RFC 7591) and its management (RFC 7592). */
function registrationReference(): ZodOpenApiPathsObject {
  const security = [{ token: [] }];
  const example = { client_name: 'Nightly reports', grant_types: ['client_credentials'], scope: 'read' };
  const refused = failures(400, 401, 403, 413, 415, 429, 503);
  const parameters = [
    { in: 'path' as const, name: 'client_id', required: true, schema: { type: 'string' as const } },
  ];
  const told = { ...success(200, 'The client', clientInformation), ...refused };
  const own = { tags: [tag], security, parameters };
  return {
    [paths.registration]: {
      post: {
        operationId: 'registerClient',
        tags: [tag],
        summary: 'Register a client',
        description: 'With an initial access token (RFC 7591).',
        security,
        requestBody: json(clientMetadata, example),
        responses: { ...success(201, 'The client, with its credentials', clientInformation), ...refused },
      },
    },
    [`${paths.registration}/{client_id}`]: {
      get: {
        operationId: 'showRegisteredClient',
        summary: 'Show a client to itself',
        description: 'With the registration access token that it has (RFC 7592).',
        ...own,
        responses: told,
      },
      put: {
        operationId: 'updateRegisteredClient',
        summary: 'Replace what a client chose',
        ...own,
        requestBody: json(clientUpdate, { client_id: 'f81d4fae', ...example }),
        responses: told,
      },
      delete: {
        operationId: 'removeRegisteredClient',
        summary: 'Remove a client',
        ...own,
        responses: { 204: { description: 'It is gone, and its tokens are dead' }, ...refused },
      },
    },
  };
}

type Described = Pick<ZodOpenApiOperationObject, 'tags' | 'security' | 'responses'>;

/** A form that a client sends, and what it is answered. */
function asked(requestBody: ReturnType<typeof form>, done: string, result?: z.ZodType) {
  const responses = { ...success(200, done, result), ...failures(400, 401, 413, 415, 429, 503) };
  return { tags: [tag], security: clientSecurity, requestBody, responses };
}

function form(
  schema: z.ZodType,
  examples: { example: unknown } | { examples: Record<string, { value: unknown }> },
) {
  return { required: true, content: { 'application/x-www-form-urlencoded': { schema, ...examples } } };
}

function json(schema: z.ZodType, example: unknown) {
  return { required: true, content: { 'application/json': { schema, example } } };
}

/** A document for everybody. */
function document(summary: string, result: z.ZodType, type?: string): Described & { summary: string } {
  const responses = { ...success(200, 'The document', result, type), ...failures(400, 404, 503) };
  return { tags: [tag], security: [{}], summary, responses };
}

function success(
  status: 200 | 201,
  description: string,
  schema?: z.ZodType,
  type = 'application/json',
): ZodOpenApiResponsesObject {
  return { [`${status}`]: { description, ...(schema && { content: { [type]: { schema } } }) } };
}

const words = {
  400: 'The request is refused',
  401: 'Authentication failed',
  403: 'The client is disabled',
  404: 'There is nothing here',
  413: 'The body is too large',
  415: 'The body is of another type',
  429: 'Too many requests',
  503: 'The service is temporarily unavailable',
};

function failures(...statuses: (keyof typeof words)[]): ZodOpenApiResponsesObject {
  return Object.fromEntries(
    statuses.map((status) => [
      status,
      { description: words[status], content: { 'application/json': { schema: oauthError } } },
    ]),
  ) as ZodOpenApiResponsesObject;
}
