import { AppError } from '../errors.ts';
import { listApiTokens } from '../tokens/api-token.ts';
import { removeValues } from '../tokens/value.ts';
import { defineOperation, type Operation } from './operation.ts';
import { organizationOf, personOf } from './organization.ts';
import { pageOf, pageQuery, readNewest, search } from './page.ts';
import {
  createToken,
  getVisibleToken,
  giveValue,
  refuseGreaterValue,
  type TokenOptions,
  tokenTarget,
} from './token-access.ts';
import { showToken, tokenSchema, tokenWithValueSchema } from './token-view.ts';
import { chosenToken, tokenParams } from './tokens.ts';

const tag = 'Shared tokens';

/** Tokens that every member of the organization can use, each with values of their own. */
export function sharedTokenOperations(options: TokenOptions): Operation[] {
  return [
    defineOperation({
      id: 'listSharedTokens',
      method: 'GET',
      path: '/shared-tokens',
      tag,
      summary: 'List the shared tokens, the newest first',
      scope: 'tokens:read',
      query: pageQuery.extend({ search }),
      result: pageOf(tokenSchema),
      async handle({ db, caller, query }) {
        const organizationId = organizationOf(caller);
        const { search } = query;
        const list = `shared tokens ${organizationId} ${search ?? ''}`;
        const body = await readNewest(options.cursors, list, query, {
          read: (page) => listApiTokens(db, organizationId, { kind: 'shared', search }, page),
          show: (token) => showToken(token, options.clock),
        });
        return { status: 200, body };
      },
    }),
    defineOperation({
      id: 'createSharedToken',
      method: 'POST',
      path: '/shared-tokens',
      tag,
      summary: 'Make a token that every member can use',
      description: 'Each member takes a value of their own for it; yours is in this answer.',
      scope: 'tokens:manage',
      body: chosenToken,
      example: { name: 'Reports', permissions: { 'https://api.example.com': ['read'] } },
      result: tokenWithValueSchema,
      status: 201,
      handle: (call) => createToken(options, call, 'shared'),
    }),
    defineOperation({
      id: 'takeSharedTokenValue',
      method: 'POST',
      path: '/shared-tokens/{token_id}/values',
      tag,
      summary: 'Take a value of your own for a shared token',
      description: 'It replaces the one that you took before, and ends with your membership.',
      scope: 'tokens:write',
      params: tokenParams,
      result: tokenWithValueSchema,
      status: 201,
      async handle(call) {
        const token = await getVisibleToken(call, call.params.token_id);
        if (token.kind !== 'shared') throw new AppError('not_found', 'There is no such shared token');
        await refuseGreaterValue(call, token);
        const body = await giveValue(options, call, token, 0);
        await call.record({ action: 'token.value_taken', target: tokenTarget(token) });
        return { status: 201, body };
      },
    }),
    defineOperation({
      id: 'removeSharedTokenValue',
      method: 'DELETE',
      path: '/shared-tokens/{token_id}/values',
      tag,
      summary: 'Give back your values of a shared token',
      scope: 'tokens:write',
      params: tokenParams,
      status: 204,
      async handle(call) {
        const token = await getVisibleToken(call, call.params.token_id);
        await removeValues(call.db, token.id, personOf(call.caller));
        await call.record({ action: 'token.values_removed', target: tokenTarget(token) });
        return { status: 204 };
      },
    }),
  ];
}
