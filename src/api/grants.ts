import { z } from 'zod';
import { AppError } from '../errors.ts';
import type { Notices } from '../notices/notices.ts';
import { reportGrant } from '../oauth/device-report.ts';
import { countGrants, type Grant, listGrants, revokeGrants } from '../oauth/grant.ts';
import type { Caller } from '../verify/caller.ts';
import type { Cursors } from './cursor.ts';
import { defineOperation, type Operation } from './operation.ts';
import { personOf } from './organization.ts';
import { pageOf, pageQuery, readNewest, search } from './page.ts';

const tag = 'Devices and apps';

const grantSchema = z
  .object({
    id: z.string(),
    client_id: z.string(),
    client_name: z.string().optional(),
    scopes: z.record(z.string(), z.string()).meta({ description: 'What it may do, by API.' }),
    created_at: z.iso.datetime().meta({ description: 'When you allowed it.' }),
    expires_at: z.iso.datetime(),
    approved_from: z.string().optional().meta({ description: 'Your address when you allowed it.' }),
    device: z
      .object({ address: z.string(), agent: z.string() })
      .optional()
      .meta({ description: 'Where the device asked from, and what it called itself.' }),
    last_used: z
      .object({ at: z.iso.datetime(), address: z.string() })
      .optional()
      .meta({ description: 'When and where it got a token last, a few seconds late.' }),
  })
  .meta({
    id: 'Grant',
    example: {
      id: '0c5f8d2a'.repeat(8),
      client_id: 'demo-cli',
      client_name: 'Demo CLI',
      scopes: { 'https://api.example.com': 'read write' },
      created_at: '2026-11-22T09:30:00.000Z',
      expires_at: '2027-11-22T09:30:00.000Z',
      approved_from: '192.0.2.1',
      device: { address: '192.0.2.1', agent: 'postern/0.4.0 (linux)' },
      last_used: { at: '2026-11-22T10:15:00.000Z', address: '192.0.2.1' },
    },
  });

const confinement =
  'A token is about those alone that were let in in its organization, as is a session from that organization’s own identity provider.';

const grantParams = z.strictObject({
  grant_id: z.string().regex(/^[0-9a-f]{64}$/, 'write the id of a grant'),
});

/** The devices and apps that the caller has signed in. */
export function grantOperations({ notices, cursors }: { notices: Notices; cursors: Cursors }): Operation[] {
  return [
    defineOperation({
      id: 'listGrants',
      method: 'GET',
      path: '/grants',
      tag,
      summary: 'List the devices and apps that you signed in, the newest first',
      description: `Can be searched for a program, an address, and a device’s system and what it calls itself. ${confinement}`,
      scope: 'grants:read',
      isOwnAffair: true,
      query: pageQuery.extend({ search }),
      result: pageOf(grantSchema).extend({
        total: z.int().meta({ description: 'How many they are, whatever was searched for.' }),
      }),
      async handle({ db, caller, query }) {
        const selection = ownGrantsOf(caller);
        const { accountId, organizationId = '' } = selection;
        const list = `grants ${accountId} ${organizationId} ${query.search ?? ''}`;
        const page = await readNewest(cursors, list, query, {
          read: (part) => listGrants(db, selection, query, part),
          show: showGrant,
        });
        return { status: 200, body: { ...page, total: await countGrants(db, selection) } };
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
      isOwnAffair: true,
      params: grantParams,
      status: 204,
      async handle({ db, caller, params, record }) {
        const selection = { ...ownGrantsOf(caller), id: params.grant_id };
        if ((await revokeGrants(db, selection)) === 0) throw noSuchGrant();
        const id = params.grant_id.slice(0, 16);
        await record({ action: 'grant.revoked', target: { kind: 'grant', id, name: selection.accountId } });
        return { status: 204 };
      },
    }),
    defineOperation({
      id: 'revokeGrants',
      method: 'DELETE',
      path: '/grants',
      tag,
      summary: 'Sign all of your devices and apps out',
      description: confinement,
      scope: 'grants:write',
      isOwnAffair: true,
      result: z.object({ revoked: z.int().meta({ description: 'How many they were.' }) }),
      async handle({ db, caller, record }) {
        const selection = ownGrantsOf(caller);
        const revoked = await revokeGrants(db, selection);
        const target = { kind: 'user' as const, id: selection.accountId };
        if (revoked > 0) await record({ action: 'grant.revoked', target, details: { grants: revoked } });
        return { status: 200, body: { revoked } };
      },
    }),
    defineOperation({
      id: 'reportGrant',
      method: 'POST',
      path: '/grants/{grant_id}/report',
      tag,
      summary: 'Say that you did not start what a device was let in for',
      description:
        'Signs the device out, ends every device code that somebody has asked for from its network and nobody has answered yet, and tells the administrators.',
      scope: 'grants:write',
      isOwnAffair: true,
      params: grantParams,
      result: z.object({ device_codes: z.int().meta({ description: 'How many codes ended.' }) }),
      async handle({ db, caller, params, record }) {
        const userId = personOf(caller);
        const reported = await reportGrant(db, { ...ownGrantsOf(caller), id: params.grant_id });
        if (!reported) throw noSuchGrant();
        const { clientId, organizationId = caller.organizationId, address, codes } = reported;
        await notices.deviceReported(db, { ...reported, userId, organizationId });
        await record({
          action: 'device.reported',
          target: { kind: 'client', id: clientId },
          ...(organizationId && { organizationId }),
          details: { device_codes: codes, ...(address !== undefined && { device_address: address }) },
        });
        return { status: 200, body: { device_codes: codes } };
      },
    }),
  ];
}

/** All of the person's own, or those alone that belong to where the credential is confined to. */
function ownGrantsOf(caller: Caller): { accountId: string; organizationId: string | undefined } {
  return { accountId: personOf(caller), organizationId: caller.confinedTo };
}

function noSuchGrant(): AppError {
  return new AppError('not_found', 'There is no such device or app of yours');
}

/** A grant on the wire. */
export type ShownGrant = z.input<typeof grantSchema>;

function showGrant(grant: Grant): ShownGrant {
  return {
    id: grant.id,
    client_id: grant.clientId,
    scopes: grant.resources,
    created_at: grant.createdAt.toISOString(),
    expires_at: grant.expiresAt.toISOString(),
    ...(grant.clientName !== undefined && { client_name: grant.clientName }),
    ...(grant.approvedAddress !== undefined && { approved_from: grant.approvedAddress }),
    ...(grant.device && { device: grant.device }),
    ...(grant.lastUsed && {
      last_used: { at: grant.lastUsed.at.toISOString(), address: grant.lastUsed.address },
    }),
  };
}
