import { z } from 'zod';
import { AppError } from '../errors.ts';
import { findActing } from '../organizations/acting.ts';
import { findMember } from '../organizations/member.ts';
import { listOrganizationsOfUser, type Organization, type Role } from '../organizations/organization.ts';
import type { Database } from '../postgres/pool.ts';
import { chooseOrganization, lockSession } from '../users/session.ts';
import type { Caller } from '../verify/caller.ts';
import { type Call, defineOperation, type Operation } from './operation.ts';
import { actsNowhere } from './organization.ts';
import { shownPermissions, showPermissions } from './permissions.ts';

const tag = 'You';

const me = z
  .object({
    id: z.string().meta({ description: 'The `sub` of the caller’s tokens: a person, or a program.' }),
    kind: z.enum(['person', 'program']),
    email: z.string().optional(),
    presented: z.enum(['access_token', 'api_token', 'session']),
    organization: z
      .object({ id: z.uuid(), role: z.enum(['administrator', 'member']).optional() })
      .optional()
      .meta({ description: 'Where the caller acts.' }),
    organizations: z
      .array(z.object({ id: z.uuid(), name: z.string(), role: z.enum(['administrator', 'member']) }))
      .meta({
        description: 'In a browser, those of the person; of a token, the one that it acts in, if any.',
      }),
    permissions: shownPermissions.meta({
      description: 'What the caller may do at this moment, with this credential.',
    }),
  })
  .meta({
    id: 'Me',
    example: {
      id: '7c9eb462-3d4c-462f-85bb-0126d69fadc5',
      kind: 'person',
      email: 'demo@example.com',
      presented: 'api_token',
      organization: { id: '1b4e28ba-2fa1-41d2-883f-0016d3cca427', role: 'administrator' },
      organizations: [
        { id: '1b4e28ba-2fa1-41d2-883f-0016d3cca427', name: 'Example Company', role: 'administrator' },
      ],
      permissions: { 'https://api.example.com': ['read'] },
    },
  });

/** Who the caller is, on the wire. */
export type ShownMe = z.input<typeof me>;

const choice = z
  .strictObject({ id: z.uuid('write the id of one of your organizations') })
  .meta({ id: 'ChosenOrganization', example: { id: '1b4e28ba-2fa1-41d2-883f-0016d3cca427' } });

/** Who the caller is. */
export function meOperations(): Operation[] {
  return [
    defineOperation({
      id: 'showMe',
      method: 'GET',
      path: '/users/me',
      tag,
      summary: 'Show who you are and what you may do',
      result: me,
      async handle({ db, caller }) {
        const { userId, organizationId } = caller;
        const member = userId && organizationId ? await findMember(db, organizationId, userId) : undefined;
        const organizations = await listShownOrganizations(db, caller);
        const body = {
          id: userId ?? caller.name,
          kind: userId ? ('person' as const) : ('program' as const),
          ...(userId && { email: caller.name }),
          presented: caller.presentation,
          ...(organizationId && {
            organization: { id: organizationId, ...(member && { role: member.role }) },
          }),
          organizations: organizations.map(({ id, name, role }) => ({ id, name, role })),
          permissions: showPermissions(caller.permissions),
        };
        return { status: 200, body };
      },
    }),
    defineOperation({
      id: 'showChosenOrganization',
      method: 'GET',
      path: '/users/me/organization',
      tag,
      summary: 'Show the organization that you act in',
      result: choice,
      async handle({ caller: { organizationId } }) {
        if (organizationId === undefined) throw new AppError('not_found', actsNowhere);
        return { status: 200, body: { id: organizationId } };
      },
    }),
    defineOperation({
      id: 'chooseOrganization',
      method: 'PUT',
      path: '/users/me/organization',
      tag,
      summary: 'Choose the organization that this browser acts in',
      description: 'For sessions of a browser only: tokens act in the organization that they were made in.',
      body: choice,
      example: { id: '7c9eb462-3d4c-462f-85bb-0126d69fadc5' },
      result: choice,
      async handle(call) {
        const { db, caller, body, record } = call;
        if (caller.presentation !== 'session')
          throw new AppError('forbidden', 'A token acts where it was made');
        if (!call.matches(await findChoice(call))) throw new AppError('precondition_failed');
        if (!(await chooseOrganization(db, caller.credential, body.id)))
          throw new AppError('not_found', 'There is no such organization of yours');
        await record({
          action: 'session.organization_chosen',
          target: { kind: 'organization', id: body.id },
          organizationId: body.id,
        });
        return { status: 200, body };
      },
    }),
  ];
}

/** A browser shows its person where they can go; anything else knows of the place alone where it acts. */
async function listShownOrganizations(
  db: Database,
  { presentation, userId, organizationId, confinedTo }: Caller,
): Promise<(Organization & { role: Role })[]> {
  const isBrowser = presentation === 'session';
  if (userId === undefined || !(isBrowser || organizationId)) return [];
  return await listOrganizationsOfUser(db, userId, isBrowser ? confinedTo : organizationId);
}

/** Where the caller's session acts, which nobody else changes until the transaction ends. */
async function findChoice({ db, caller }: Call): Promise<z.infer<typeof choice> | undefined> {
  const session = await lockSession(db, caller.credential);
  const acting = session && (await findActing(db, session.userId, session.chosenOrganizationId, session));
  return acting && { id: acting.organizationId };
}
