import { z } from 'zod';
import { AppError } from '../errors.ts';
import { withoutScopes } from '../scopes.ts';
import { type ApiToken, changeApiToken, listApiTokens, removeApiToken } from '../tokens/api-token.ts';
import { findTokenPolicy } from '../tokens/policy.ts';
import { countHolders } from '../tokens/value.ts';
import { name, newName, refuseUnseen } from './name.ts';
import { type CallersAct, defineOperation, type Operation } from './operation.ts';
import { organizationOf, personOf } from './organization.ts';
import { pageOf, pageQuery, readNewest, search } from './page.ts';
import { permissionsSchema, refuseExcess } from './permissions.ts';
import { wrongField } from './problem.ts';
import {
  answerChange,
  createToken,
  getChangeableToken,
  getVisibleToken,
  refuseViolations,
  type TokenOptions,
  tokenTarget,
} from './token-access.ts';
import { refuseUnapproved } from './token-approval.ts';
import { addressRange, note, showToken, tokenSchema, tokenWithValueSchema } from './token-view.ts';

const tag = 'Tokens';
const expiry = z.iso
  .datetime({ error: 'write a time such as 2030-01-31T12:00:00Z' })
  .transform((text) => new Date(text));
const addressRanges = z.array(addressRange).max(100);

/** The token that a path names. */
export const tokenParams = z.strictObject({ token_id: z.uuid('write the id of a token') });

/** What is chosen about a new token. */
export const chosenToken = z.strictObject({
  name: newName.meta({ example: 'Nightly backup' }),
  note: note.default(''),
  permissions: permissionsSchema,
  expires_at: expiry.optional().meta({ description: 'When it ends; never, if absent.' }),
  address_ranges: addressRanges
    .default([])
    .meta({ description: 'Where it may be used from; anywhere, if empty.' }),
  reason: z
    .string()
    .max(1000)
    .optional()
    .meta({ description: 'Why it is needed, for whoever approves it; demanded where somebody must.' }),
});

const change = z
  .strictObject({
    name,
    note,
    permissions: permissionsSchema,
    expires_at: expiry.nullable().meta({ description: 'null for never.' }),
    address_ranges: addressRanges,
  })
  .partial();

/** Listing, making, changing and removing API tokens. */
export function tokenOperations(options: TokenOptions): Operation[] {
  return [
    defineOperation({
      id: 'listTokens',
      method: 'GET',
      path: '/tokens',
      tag,
      summary: 'List your tokens, the newest first',
      description:
        'With `owner=all`, and the permission `tokens:manage`, those of everybody in the organization.',
      scope: 'tokens:read',
      query: pageQuery.extend({
        owner: z.enum(['me', 'all'], 'write me or all').default('me'),
        state: z
          .enum(['waiting'], 'write waiting')
          .optional()
          .meta({ description: 'Only those that wait for approval.' }),
        search,
      }),
      result: pageOf(tokenSchema),
      async handle({ db, caller, query, may }) {
        const organizationId = organizationOf(caller);
        if (query.owner === 'all' && !may('tokens:manage')) throw new AppError('forbidden');
        const ownerId = query.owner === 'me' ? personOf(caller) : undefined;
        const { search, state = '' } = query;
        const list = `tokens ${organizationId} ${ownerId ?? 'all'} ${state} ${search ?? ''}`;
        const selection = { ownerId, search, isWaiting: state === 'waiting' };
        const body = await readNewest(options.cursors, list, query, {
          read: (page) => listApiTokens(db, organizationId, selection, page),
          show: (token) => showToken(token, options.clock),
        });
        return { status: 200, body };
      },
    }),
    defineOperation({
      id: 'createToken',
      method: 'POST',
      path: '/tokens',
      tag,
      summary: 'Make a token of your own',
      description: 'Its value is in this answer and nowhere else.',
      scope: 'tokens:write',
      body: chosenToken,
      example: {
        name: 'Nightly backup',
        note: 'Runs on the machine in the cellar',
        permissions: { 'https://api.example.com': ['read'] },
        expires_at: '2030-01-31T12:00:00Z',
      },
      result: tokenWithValueSchema,
      status: 201,
      handle: (call) => createToken(options, call, 'private'),
    }),
    defineOperation({
      id: 'showToken',
      method: 'GET',
      path: '/tokens/{token_id}',
      tag,
      summary: 'Show a token',
      scope: 'tokens:read',
      params: tokenParams,
      result: tokenSchema,
      async handle(call) {
        const token = await getVisibleToken(call, call.params.token_id);
        const shown = showToken(token, options.clock);
        if (token.kind !== 'shared') return { status: 200, body: shown };
        return {
          status: 200,
          body: { ...shown, holdings: { members: await countHolders(call.db, token.id) } },
        };
      },
    }),
    defineOperation({
      id: 'updateToken',
      method: 'PATCH',
      path: '/tokens/{token_id}',
      tag,
      summary: 'Change a token',
      description:
        'What is absent stays as it is. The permissions of a legacy token cannot be changed. Where an administrator must ' +
        'approve tokens, others can narrow one, and not widen it.',
      scope: 'tokens:write',
      params: tokenParams,
      body: change,
      example: { note: 'Moved to the attic' },
      result: tokenSchema,
      async handle(call) {
        const { params, body, caller, db } = call;
        const before = await getChangeableToken(call, params.token_id);
        refuseUnseen(body.name, before);
        if (body.permissions && before.kind === 'legacy')
          throw wrongField('permissions', 'those of a legacy token cannot be changed');
        const expiresAt = body.expires_at === null ? undefined : (body.expires_at ?? before.expiresAt);
        if (body.permissions || body.expires_at !== undefined) {
          const permissions = body.permissions ?? {};
          await refuseViolations(options, call, before.ownerId, { permissions, expiresAt });
        }
        const { isApprovalRequired } = await findTokenPolicy(db, organizationOf(caller));
        const changed = await changeApiToken(
          db,
          { organizationId: organizationOf(caller), id: before.id },
          {
            ...(body.name !== undefined && { name: body.name }),
            ...(body.note !== undefined && { note: body.note }),
            ...(body.permissions && { permissions: body.permissions }),
            ...(body.address_ranges && { addressRanges: body.address_ranges }),
            ...(body.expires_at !== undefined && { expiresAt: body.expires_at }),
          },
          (token) => {
            if (!call.matches(showToken(token, options.clock))) return false;
            const added = withoutScopes(body.permissions ?? {}, token.permissions);
            refuseExcess(added, caller.permissions, 'this is more than you may do yourself');
            if (isApprovalRequired && !call.may('tokens:manage')) refuseUnapproved(token, body);
            return true;
          },
        );
        if ('token' in changed) {
          if (body.expires_at !== undefined) await options.notices.tokenEndMoved(db, before.id);
          await call.record(tokenChanged(changed.token, body));
        }
        return answerChange(options, changed);
      },
    }),
    defineOperation({
      id: 'removeToken',
      method: 'DELETE',
      path: '/tokens/{token_id}',
      tag,
      summary: 'Remove a token for good',
      scope: 'tokens:write',
      params: tokenParams,
      status: 204,
      async handle(call) {
        const token = await getChangeableToken(call, call.params.token_id);
        await removeApiToken(call.db, organizationOf(call.caller), token.id);
        await call.record({ action: 'token.removed', target: tokenTarget(token) });
        return { status: 204 };
      },
    }),
  ];
}

function tokenChanged(token: ApiToken, body: z.infer<typeof change>): CallersAct {
  return {
    action: 'token.changed',
    target: tokenTarget(token),
    details: {
      fields: Object.keys(body),
      ...(body.permissions && { permissions: token.permissions }),
      ...(body.address_ranges && { address_ranges: token.addressRanges }),
      ...(body.expires_at && { expires_at: body.expires_at.toISOString() }),
    },
  };
}
