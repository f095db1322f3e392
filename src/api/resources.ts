import { z } from 'zod';
import { listResources, type Resource } from '../resources/resource.ts';
import type { Cursors } from './cursor.ts';
import { defineOperation, type Operation } from './operation.ts';
import { pageOf, pageQuery, readPage } from './page.ts';

const resourceSchema = z
  .object({
    uri: z.string().meta({ example: 'https://api.example.com' }),
    name: z.string(),
    scopes: z
      .record(z.string(), z.string())
      .meta({ description: 'What may be asked for, and what it means.' }),
    access_token_format: z.enum(['opaque', 'jwt']),
  })
  .meta({
    id: 'Resource',
    example: {
      uri: 'https://api.example.com',
      name: 'Example API',
      scopes: { read: 'See your data', write: 'Change your data' },
      access_token_format: 'opaque',
    },
  });

/** The APIs that tokens are for. */
export function resourceOperations({ cursors }: { cursors: Cursors }): Operation[] {
  return [
    defineOperation({
      id: 'listResources',
      method: 'GET',
      path: '/resources',
      tag: 'Resources',
      summary: 'List the APIs and their scopes',
      scope: 'resources:read',
      query: pageQuery,
      result: pageOf(resourceSchema),
      async handle({ db, query }) {
        const body = await readPage(cursors, 'resources', query, {
          read: ({ after = '', limit }) => listResources(db, { after, limit }),
          keyOf: ({ uri }) => uri,
          show: showResource,
        });
        return { status: 200, body };
      },
    }),
  ];
}

function showResource(resource: Resource): z.input<typeof resourceSchema> {
  return {
    uri: resource.uri,
    name: resource.name,
    scopes: resource.scopes,
    access_token_format: resource.accessTokenFormat,
  };
}
