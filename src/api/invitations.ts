import { z } from 'zod';
import type { Target } from '../audit/event.ts';
import type { Clock } from '../clock.ts';
import { AppError } from '../errors.ts';
import type { Notices } from '../notices/notices.ts';
import {
  acceptInvitation,
  addInvitation,
  type Invitation,
  listInvitations,
  removeInvitation,
} from '../organizations/invitation.ts';
import { findRoleScopes } from '../organizations/member.ts';
import { roles } from '../organizations/organization.ts';
import { listExcess } from '../scopes.ts';
import type { TokenFormat } from '../secret.ts';
import { findUser, isEmail, normalizeEmail } from '../users/user.ts';
import type { Cursors } from './cursor.ts';
import { defineOperation, type Operation } from './operation.ts';
import { organizationOf, personOf } from './organization.ts';
import { pageOf, pageQuery, readNewest } from './page.ts';

/** What the operations on invitations stand on. */
export type InvitationOptions = {
  cursors: Cursors;
  format: TokenFormat;
  clock: Clock;
  issuer: string;
  notices: Notices;
};

const tag = 'Invitations';
const role = z.enum(roles, 'write administrator or member');

const example = {
  id: 'f81d4fae-7dec-41d0-a765-00a0c91e6bf6',
  email: 'new@example.com',
  role: 'member',
  organization: { id: '1b4e28ba-2fa1-41d2-883f-0016d3cca427', name: 'Example Company' },
  created_at: '2026-11-22T09:30:00.000Z',
  expires_at: '2026-11-29T09:30:00.000Z',
};

const invitationSchema = z
  .object({
    id: z.uuid(),
    email: z.string(),
    role,
    organization: z.object({ id: z.uuid(), name: z.string() }),
    created_at: z.iso.datetime(),
    expires_at: z.iso.datetime(),
  })
  .meta({ id: 'Invitation', example });

const invitationWithLink = invitationSchema
  .extend({
    link: z.url().meta({ description: 'Works once, for the invited address alone. Shown once.' }),
    mailed: z.boolean().meta({ description: 'Whether the link goes to the address by mail.' }),
  })
  .meta({
    id: 'InvitationWithLink',
    example: { ...example, link: 'https://login.example.com/join#pst_in_...', mailed: true },
  });

/** An invitation on the wire. */
export type ShownInvitation = z.input<typeof invitationSchema>;

/** Asking people into the organization. */
export function invitationOperations(options: InvitationOptions): Operation[] {
  const { cursors, format, clock, issuer, notices } = options;
  return [
    defineOperation({
      id: 'listInvitations',
      method: 'GET',
      path: '/invitations',
      tag,
      summary: 'List the open invitations into your organization, the newest first',
      scope: 'members:read',
      query: pageQuery,
      result: pageOf(invitationSchema),
      async handle({ db, caller, query }) {
        const organizationId = organizationOf(caller);
        const body = await readNewest(cursors, `invitations ${organizationId}`, query, {
          read: (page) => listInvitations(db, organizationId, page),
          show: showInvitation,
        });
        return { status: 200, body };
      },
    }),
    defineOperation({
      id: 'createInvitation',
      method: 'POST',
      path: '/invitations',
      tag,
      summary: 'Invite somebody into your organization',
      description:
        'Where the server sends mail, it sends them the link, unless they or you have had many such mails today; else hand over the link of this answer. An open invitation of the same address ends. The link works only as long as you may do all that the role may.',
      scope: 'members:write',
      body: z.strictObject({
        email: z
          .string('write an email address')
          .transform(normalizeEmail)
          .refine(isEmail, 'write an email address')
          .meta({ example: 'new@example.com' }),
        role: role.default('member'),
      }),
      example: { email: 'new@example.com', role: 'member' },
      result: invitationWithLink,
      status: 201,
      async handle({ db, caller, body, record }) {
        const organizationId = organizationOf(caller);
        const [excess] = listExcess(await findRoleScopes(db, body.role), caller.permissions);
        if (excess) {
          const { scope, resource } = excess;
          throw new AppError(
            'forbidden',
            `You cannot make anybody ${body.role}: you lack ${scope} of ${resource}`,
          );
        }
        const text = format.issue('in', clock.now());
        const inviterId = personOf(caller);
        const added = await addInvitation(db, { organizationId, ...body, invitedBy: inviterId, text });
        if ('refusal' in added) throw new AppError('conflict', `${body.email} is a member already`);
        // Behind the hash: what a browser never sends stands in no log.
        const link = `${issuer}/join#${text}`;
        const inviter = { inviterId, inviter: caller.name };
        const mailed = await notices.invited(db, { ...added.invitation, ...inviter, link });
        await record({
          action: 'invitation.created',
          target: invitationTarget(added.invitation),
          details: { role: body.role },
        });
        return { status: 201, body: { ...showInvitation(added.invitation), link, mailed } };
      },
    }),
    defineOperation({
      id: 'removeInvitation',
      method: 'DELETE',
      path: '/invitations/{invitation_id}',
      tag,
      summary: 'Take an invitation back',
      scope: 'members:write',
      params: z.strictObject({ invitation_id: z.uuid('write the id of an invitation') }),
      status: 204,
      async handle({ db, caller, params, record }) {
        const id = params.invitation_id;
        const organizationId = organizationOf(caller);
        const removed = await removeInvitation(db, organizationId, id);
        if (!removed) throw new AppError('not_found', 'There is no such open invitation');
        await notices.uninvited(db, { organizationId, ...removed });
        await record({ action: 'invitation.removed', target: { kind: 'invitation', id } });
        return { status: 204 };
      },
    }),
    defineOperation({
      id: 'acceptInvitation',
      method: 'POST',
      path: '/invitations/accept',
      tag,
      summary: 'Accept an invitation',
      takesCredentials: true,
      description: 'You become a member, if the invitation is for your address.',
      body: z.strictObject({ invitation: z.string('write what stands behind # in the link').max(200) }),
      example: { invitation: 'pst_in_…' },
      result: invitationSchema,
      async handle({ db, caller, body, record }) {
        const user = await findUser(db, personOf(caller));
        const isInvitation = format.parse(body.invitation)?.kind === 'in';
        const accepted = user && isInvitation && (await acceptInvitation(db, body.invitation, user));
        if (!accepted) {
          throw new AppError('not_found', 'This invitation was used, has run out, or is for another address');
        }
        await record({
          action: 'invitation.accepted',
          target: invitationTarget(accepted),
          organizationId: accepted.organizationId,
          details: { role: accepted.role },
        });
        return { status: 200, body: showInvitation(accepted) };
      },
    }),
  ];
}

function invitationTarget({ id, email }: Invitation): Target {
  return { kind: 'invitation', id, name: email };
}

function showInvitation(invitation: Invitation): ShownInvitation {
  return {
    id: invitation.id,
    email: invitation.email,
    role: invitation.role,
    organization: { id: invitation.organizationId, name: invitation.organizationName },
    created_at: invitation.createdAt.toISOString(),
    expires_at: invitation.expiresAt.toISOString(),
  };
}
