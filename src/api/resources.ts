import { z } from 'zod';
import type { Target } from '../audit/event.ts';
import { AppError } from '../errors.ts';
import { fields } from '../resources/registration.ts';
import {
  addResource,
  changeResource,
  findResource,
  listResources,
  type Resource,
  scopeRoles,
} from '../resources/resource.ts';
import type { Cursors } from './cursor.ts';
import { defineOperation, type Operation } from './operation.ts';
import { pageOf, pageQuery, readPage, search } from './page.ts';
import { apiResource } from './scope.ts';

const tag = 'Resources';
const params = z.strictObject({
  resource: z.string().max(500).meta({ description: 'The URI of the API, percent-encoded as a whole.' }),
});

const resourceSchema = z
  .object({
    resource: z.string().meta({ example: 'https://api.example.com' }),
    resource_name: z.string(),
    scopes: z
      .record(z.string(), z.string())
      .meta({ description: 'What may be asked for, and what it means.' }),
    scope_roles: z.record(z.string(), z.enum(scopeRoles)).meta({
      description:
        'The least role that has each scope without being given it; what is the operator’s, no role has.',
    }),
    access_token_lifetime: z.int().optional().meta({ description: 'In seconds.' }),
    access_token_format: z.enum(['opaque', 'jwt']),
    access_token_signing_alg: z.enum(['ES256', 'EdDSA', 'RS256']),
    listed: z.boolean(),
  })
  .meta({
    id: 'Resource',
    example: {
      resource: 'https://api.example.com',
      resource_name: 'Example API',
      scopes: { read: 'See your data', write: 'Change your data' },
      scope_roles: { read: 'member', write: 'member' },
      access_token_format: 'opaque',
      access_token_signing_alg: 'ES256',
      listed: false,
    },
  });

const { resource: _, ...changeable } = fields.shape;
const change = z
  .strictObject({
    ...changeable,
    scopes: fields.shape.scopes.unwrap(),
    access_token_lifetime: changeable.access_token_lifetime.nullable(),
  })
  .partial();

/** A resource on the wire. */
export type ShownResource = z.input<typeof resourceSchema>;

/** The APIs that tokens are for. Only an operator's people change them: they are everybody's. */
export function resourceOperations({ cursors, issuer }: { cursors: Cursors; issuer: string }): Operation[] {
  return [
    defineOperation({
      id: 'listResources',
      method: 'GET',
      path: '/resources',
      tag,
      summary: 'List the APIs and their scopes, by URI',
      scope: 'resources:read',
      query: pageQuery.extend({ search }),
      result: pageOf(resourceSchema),
      async handle({ db, query }) {
        const { search } = query;
        const body = await readPage(cursors, `resources ${search ?? ''}`, query, {
          read: ({ after = '', limit }) => listResources(db, { after, limit, search }),
          keyOf: ({ uri }) => uri,
          show: showResource,
        });
        return { status: 200, body };
      },
    }),
    defineOperation({
      id: 'createResource',
      method: 'POST',
      path: '/resources',
      tag,
      summary: 'Register an API',
      scope: 'resources:write',
      body: fields,
      example: {
        resource: 'https://billing.example.com',
        resource_name: 'Billing',
        scopes: { read: 'See your bills' },
      },
      result: resourceSchema,
      status: 201,
      async handle({ db, body, record }) {
        const added = await addResource(db, {
          uri: body.resource,
          name: body.resource_name,
          scopes: body.scopes,
          accessTokenSeconds: body.access_token_lifetime,
          accessTokenFormat: body.access_token_format,
          accessTokenAlgorithm: body.access_token_signing_alg,
          listed: body.listed,
        });
        if ('refusal' in added) throw new AppError('conflict', 'There is an API of this URI already');
        await record({ action: 'resource.added', target: resourceTarget(added.resource) });
        return { status: 201, body: showResource(added.resource) };
      },
    }),
    defineOperation({
      id: 'showResource',
      method: 'GET',
      path: '/resources/{resource}',
      tag,
      summary: 'Show an API',
      scope: 'resources:read',
      params,
      result: resourceSchema,
      async handle({ db, params }) {
        const resource = await findResource(db, params.resource);
        if (!resource) throw noSuchResource();
        return { status: 200, body: showResource(resource) };
      },
    }),
    defineOperation({
      id: 'updateResource',
      method: 'PATCH',
      path: '/resources/{resource}',
      tag,
      summary: 'Change an API',
      description:
        'What is absent stays as it is. A scope that is left out of `scopes` is gone: from programs, people and tokens too.',
      scope: 'resources:write',
      params,
      body: change,
      example: { resource_name: 'Bills' },
      result: resourceSchema,
      async handle({ db, params, body, matches, record }) {
        if (params.resource === apiResource(issuer))
          throw new AppError('conflict', 'This API is the server’s own; its versions bring its scopes');
        const changed = await changeResource(
          db,
          params.resource,
          {
            ...(body.resource_name !== undefined && { name: body.resource_name }),
            ...(body.scopes && { scopes: body.scopes }),
            ...(body.access_token_lifetime !== undefined && {
              accessTokenSeconds: body.access_token_lifetime,
            }),
            ...(body.access_token_format && { accessTokenFormat: body.access_token_format }),
            ...(body.access_token_signing_alg && { accessTokenAlgorithm: body.access_token_signing_alg }),
            ...(body.listed !== undefined && { listed: body.listed }),
          },
          (before) => matches(showResource(before)),
        );
        if ('refusal' in changed)
          throw changed.refusal === 'unexpected' ? new AppError('precondition_failed') : noSuchResource();
        const { resource } = changed;
        const details = { fields: Object.keys(body) };
        await record({ action: 'resource.changed', target: resourceTarget(resource), details });
        return { status: 200, body: showResource(resource) };
      },
    }),
  ];
}

function noSuchResource(): AppError {
  return new AppError('not_found', 'There is no such API');
}

function resourceTarget({ uri, name }: Resource): Target {
  return { kind: 'resource', id: uri, name };
}

function showResource(resource: Resource): z.input<typeof resourceSchema> {
  const { accessTokenSeconds } = resource;
  return {
    resource: resource.uri,
    resource_name: resource.name,
    scopes: resource.scopes,
    scope_roles: resource.roles,
    ...(accessTokenSeconds !== undefined && { access_token_lifetime: accessTokenSeconds }),
    access_token_format: resource.accessTokenFormat,
    access_token_signing_alg: resource.accessTokenAlgorithm,
    listed: resource.listed,
  };
}
