import { z } from 'zod';
import { AppError } from '../errors.ts';
import { findOrganization, type Organization, renameOrganization } from '../organizations/organization.ts';
import { name, refuseUnseen } from './name.ts';
import { defineOperation, type Operation } from './operation.ts';
import { organizationOf } from './organization.ts';

const tag = 'Organization';
const organizationSchema = z
  .object({ id: z.uuid(), name: name.meta({ example: 'Example Company' }), created_at: z.iso.datetime() })
  .meta({ id: 'Organization' });

/** The organization that the caller acts in. */
export function ownOrganizationOperations(): Operation[] {
  return [
    defineOperation({
      id: 'showOrganization',
      method: 'GET',
      path: '/organization',
      tag,
      summary: 'Show your organization',
      scope: 'organization:read',
      result: organizationSchema,
      async handle({ db, caller }) {
        const organization = await findOrganization(db, organizationOf(caller));
        if (!organization) throw new AppError('not_found');
        return { status: 200, body: showOrganization(organization) };
      },
    }),
    defineOperation({
      id: 'renameOrganization',
      method: 'PATCH',
      path: '/organization',
      tag,
      summary: 'Rename your organization',
      scope: 'organization:write',
      body: z.strictObject({ name }),
      example: { name: 'Example Company' },
      result: organizationSchema,
      async handle({ db, caller, body, matches, record }) {
        const isExpected = (before: Organization) => {
          if (!matches(showOrganization(before))) return false;
          refuseUnseen(body.name, before);
          return true;
        };
        const renamed = await renameOrganization(db, organizationOf(caller), body.name, isExpected);
        if ('refusal' in renamed)
          throw new AppError(renamed.refusal === 'unexpected' ? 'precondition_failed' : 'not_found');
        const { organization } = renamed;
        const target = { kind: 'organization', id: organization.id, name: organization.name } as const;
        await record({ action: 'organization.renamed', target });
        return { status: 200, body: showOrganization(organization) };
      },
    }),
  ];
}

function showOrganization({ id, name, createdAt }: Organization): z.input<typeof organizationSchema> {
  return { id, name, created_at: createdAt.toISOString() };
}
