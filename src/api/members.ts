import { z } from 'zod';
import { AppError } from '../errors.ts';
import { countHoldings } from '../organizations/holdings.ts';
import {
  changeMember,
  findMember,
  listMembers,
  type Member,
  type MemberRefusal,
  removeMember,
} from '../organizations/member.ts';
import { roles } from '../organizations/organization.ts';
import { groupPairs, listExcess, type Scopes } from '../scopes.ts';
import type { Cursors } from './cursor.ts';
import { type CallersAct, defineOperation, type Operation } from './operation.ts';
import { organizationOf } from './organization.ts';
import { pageOf, pageQuery, readNewest, search } from './page.ts';
import { permissionsSchema, shownPermissions, showPermissions } from './permissions.ts';

const tag = 'Members';
const params = z.strictObject({ user_id: z.uuid('write the id of a member') });
const role = z.enum(roles, 'write administrator or member');

const memberSchema = z
  .object({
    user_id: z.uuid(),
    email: z.string(),
    role,
    permissions: shownPermissions.meta({ description: 'What the person may do at this moment.' }),
    given: shownPermissions.meta({ description: 'What was given beyond the role.' }),
    taken: shownPermissions.meta({ description: 'What was taken from the role.' }),
    identity_provider_required: z.boolean(),
    disabled: z.boolean(),
    joined_at: z.iso.datetime(),
    disabled_at: z.iso.datetime().optional(),
    holdings: z
      .object({ tokens: z.int(), devices: z.int() })
      .optional()
      .meta({ description: 'What ends with the membership; shown of one member alone.' }),
  })
  .meta({
    id: 'Member',
    example: {
      user_id: '7c9eb462-3d4c-462f-85bb-0126d69fadc5',
      email: 'demo@example.com',
      role: 'member',
      permissions: { 'https://api.example.com': ['read'] },
      given: {},
      taken: { 'https://api.example.com': ['write'] },
      identity_provider_required: false,
      disabled: false,
      joined_at: '2026-11-22T09:30:00.000Z',
    },
  });

const change = z
  .strictObject({
    role,
    given: permissionsSchema,
    taken: permissionsSchema,
    disabled: z.boolean('write true or false'),
    identity_provider_required: z.boolean('write true or false'),
  })
  .partial();

/** A member on the wire. */
export type ShownMember = z.input<typeof memberSchema>;

/** The people of the organization. */
export function memberOperations({ cursors }: { cursors: Cursors }): Operation[] {
  return [
    defineOperation({
      id: 'listMembers',
      method: 'GET',
      path: '/members',
      tag,
      summary: 'List the members of your organization, who joined last first',
      scope: 'members:read',
      query: pageQuery.extend({ search }),
      result: pageOf(memberSchema),
      async handle({ db, caller, query }) {
        const organizationId = organizationOf(caller);
        const body = await readNewest(cursors, `members ${organizationId} ${query.search ?? ''}`, query, {
          read: (page) => listMembers(db, organizationId, { search: query.search }, page),
          show: showMember,
        });
        return { status: 200, body };
      },
    }),
    defineOperation({
      id: 'showMember',
      method: 'GET',
      path: '/members/{user_id}',
      tag,
      summary: 'Show a member',
      scope: 'members:read',
      params,
      result: memberSchema,
      async handle({ db, caller, params }) {
        const member = await findMember(db, organizationOf(caller), params.user_id);
        if (!member) throw new AppError('not_found', 'There is no such member');
        return { status: 200, body: { ...showMember(member), holdings: await countHoldings(db, member) } };
      },
    }),
    defineOperation({
      id: 'updateMember',
      method: 'PATCH',
      path: '/members/{user_id}',
      tag,
      summary: 'Change a member’s role and permissions, disable them, or enable them again',
      description:
        'What is absent stays as it is. Nobody gives what they do not have themselves. An administrator remains always who can sign in and change members: else 409.',
      scope: 'members:write',
      params,
      body: change,
      example: { role: 'member', taken: { 'https://api.example.com': ['write'] } },
      result: memberSchema,
      async handle(call) {
        const { db, caller, params, body } = call;
        const organizationId = organizationOf(caller);
        let before: Member | undefined;
        const changed = await changeMember(
          db,
          { organizationId, userId: params.user_id },
          {
            ...(body.role && { role: body.role }),
            ...(body.given && { given: body.given }),
            ...(body.taken && { taken: body.taken }),
            ...(body.disabled !== undefined && { isDisabled: body.disabled }),
            ...(body.identity_provider_required !== undefined && {
              requiresIdentityProvider: body.identity_provider_required,
            }),
          },
          (member) => {
            before = member;
            return call.matches(showMember(member));
          },
        );
        if ('refusal' in changed) throw refused(changed);
        if (before) refuseGift(before, changed.member, caller.permissions);
        await call.record(memberChanged(before, changed.member, body));
        return { status: 200, body: showMember(changed.member) };
      },
    }),
    defineOperation({
      id: 'removeMember',
      method: 'DELETE',
      path: '/members/{user_id}',
      tag,
      summary: 'Remove a member, with all their tokens in your organization',
      scope: 'members:write',
      params,
      status: 204,
      async handle({ db, caller, params, record }) {
        const member = { organizationId: organizationOf(caller), userId: params.user_id };
        const before = await findMember(db, member.organizationId, member.userId);
        const removed = await removeMember(db, member);
        if ('refusal' in removed) throw refused(removed);
        const target = { kind: 'member' as const, id: member.userId, name: before?.email };
        await record({ action: 'member.removed', target });
        return { status: 204 };
      },
    }),
  ];
}

/** How a member is shown. */
function showMember(member: Member): ShownMember {
  return {
    user_id: member.userId,
    email: member.email,
    role: member.role,
    permissions: showPermissions(member.permissions),
    given: showPermissions(member.given),
    taken: showPermissions(member.taken),
    identity_provider_required: member.requiresIdentityProvider,
    disabled: member.disabledAt !== undefined,
    joined_at: member.joinedAt.toISOString(),
    ...(member.disabledAt && { disabled_at: member.disabledAt.toISOString() }),
  };
}

/** Disabling and enabling have names of their own; what else was changed with them is in the details. */
function memberChanged(before: Member | undefined, after: Member, body: z.infer<typeof change>): CallersAct {
  const isSwitched = (before?.disabledAt === undefined) !== (after.disabledAt === undefined);
  const switched = after.disabledAt ? ('member.disabled' as const) : ('member.enabled' as const);
  return {
    action: isSwitched ? switched : 'member.changed',
    target: { kind: 'member', id: after.userId, name: after.email },
    details: {
      fields: Object.keys(body),
      role: after.role,
      ...(body.given && { given: after.given }),
      ...(body.taken && { taken: after.taken }),
    },
  };
}

/** Nobody gives what they do not have. Thrown inside the transaction, it undoes the change. */
function refuseGift(before: Member, after: Member, giver: Scopes): void {
  const isEnabled = before.disabledAt !== undefined && after.disabledAt === undefined;
  const gifts = [
    ...listExcess(after.entitlements, isEnabled ? {} : before.entitlements),
    // Also where the role has it anyway: it would outlast the role.
    ...listExcess(after.given, before.given),
  ];
  const [excess] = listExcess(groupPairs(gifts), giver);
  if (excess)
    throw new AppError('forbidden', `You cannot give ${excess.scope} of ${excess.resource}: you lack it`);
}

const nobodyCould =
  'No administrator could sign in and change members any more; see to it first that somebody can';

function refused({ refusal }: MemberRefusal | { refusal: 'unexpected' }): AppError {
  switch (refusal) {
    case 'not_found':
      return new AppError('not_found', 'There is no such member');
    case 'unexpected':
      return new AppError('precondition_failed');
    case 'last_administrator':
      return new AppError('conflict', 'An organization needs an administrator; make somebody else one first');
    case 'nobody_could':
      return new AppError('conflict', nobodyCould);
    case 'unknown_scope':
      return new AppError('unprocessable', 'One of these scopes does not exist');
  }
}
