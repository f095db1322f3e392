import { z } from 'zod';
import { AppError } from '../errors.ts';
import { type Grant, listGrants, revokeGrants } from '../oauth/grant.ts';
import { defineOperation, type Operation } from './operation.ts';
import { personOf } from './organization.ts';

const tag = 'Devices and apps';

const grantSchema = z
  .object({
    id: z.string(),
    client_id: z.string(),
    scopes: z.record(z.string(), z.string()).meta({ description: 'What it may do, by API.' }),
    created_at: z.iso.datetime(),
    expires_at: z.iso.datetime(),
  })
  .meta({
    id: 'Grant',
    example: {
      id: '0c5f8d2a'.repeat(8),
      client_id: 'demo-cli',
      scopes: { 'https://api.example.com': 'read write' },
      created_at: '2026-11-22T09:30:00.000Z',
      expires_at: '2027-11-22T09:30:00.000Z',
    },
  });

/** The devices and apps that the caller has signed in. */
export function grantOperations(): Operation[] {
  return [
    defineOperation({
      id: 'listGrants',
      method: 'GET',
      path: '/grants',
      tag,
      summary: 'List the devices and apps that you signed in',
      description: 'The newest first, at most 1000.',
      scope: 'grants:read',
      result: z.object({ items: z.array(grantSchema) }),
      async handle({ db, caller }) {
        const grants = await listGrants(db, { accountId: personOf(caller) });
        return { status: 200, body: { items: grants.map(showGrant) } };
      },
    }),
    defineOperation({
      id: 'revokeGrant',
      method: 'DELETE',
      path: '/grants/{grant_id}',
      tag,
      summary: 'Sign a device or app out',
      description: 'Every token that it got with this sign-in is dead at once.',
      scope: 'grants:write',
      params: z.strictObject({ grant_id: z.string().regex(/^[0-9a-f]{64}$/, 'write the id of a grant') }),
      status: 204,
      async handle({ db, caller, params, record }) {
        const selection = { accountId: personOf(caller), id: params.grant_id };
        if ((await revokeGrants(db, selection)) === 0)
          throw new AppError('not_found', 'There is no such device or app of yours');
        const id = params.grant_id.slice(0, 16);
        await record({ action: 'grant.revoked', target: { kind: 'grant', id, name: selection.accountId } });
        return { status: 204 };
      },
    }),
  ];
}

function showGrant(grant: Grant): z.input<typeof grantSchema> {
  return {
    id: grant.id,
    client_id: grant.clientId,
    scopes: grant.resources,
    created_at: grant.createdAt.toISOString(),
    expires_at: grant.expiresAt.toISOString(),
  };
}
