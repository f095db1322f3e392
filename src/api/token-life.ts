import { z } from 'zod';
import { AppError } from '../errors.ts';
import { type ApiToken, changeApiToken } from '../tokens/api-token.ts';
import { longestOverlapSeconds } from '../tokens/value.ts';
import { defineOperation, type Operation } from './operation.ts';
import { organizationOf, personOf } from './organization.ts';
import {
  answerChange,
  getChangeableToken,
  getVisibleToken,
  giveValue,
  refuseGreaterValue,
  type TokenOptions,
  tokenTarget,
} from './token-access.ts';
import { tokenSchema, tokenWithValueSchema } from './token-view.ts';
import { tokenParams } from './tokens.ts';

const tag = 'Tokens';
const overlapAdvice = `write seconds, at most ${longestOverlapSeconds}`;

/** Disabling and enabling, approving and refusing, and rotating API tokens. */
export function tokenLifeOperations(options: TokenOptions): Operation[] {
  return [
    switching('disable', 'Disable a token', 'It is dead at once, and removed after a week.'),
    switching(
      'enable',
      'Enable a disabled token',
      'It works again as before. What an administrator or the operator has disabled, only who has `tokens:manage` enables.',
    ),
    deciding('approve', 'Approve a token that waits'),
    deciding('refuse', 'Refuse a token that waits'),
    defineOperation({
      id: 'rotateToken',
      method: 'POST',
      path: '/tokens/{token_id}/rotate',
      tag,
      summary: 'Give your token a new value',
      description: 'The old one lives on for `overlap_seconds`, at most 7 days.',
      scope: 'tokens:write',
      params: tokenParams,
      body: z.strictObject({
        overlap_seconds: z
          .int(overlapAdvice)
          .min(0, overlapAdvice)
          .max(longestOverlapSeconds, overlapAdvice)
          .default(0),
      }),
      example: { overlap_seconds: 3600 },
      result: tokenWithValueSchema,
      async handle(call) {
        const token = await getVisibleToken(call, call.params.token_id);
        // Who does not own a token never gets to see a value of it.
        if (token.ownerId !== personOf(call.caller))
          throw new AppError('forbidden', 'Only its owner rotates a token');
        if (token.kind === 'legacy')
          throw new AppError('conflict', 'A legacy token cannot be rotated; make a new one');
        await refuseGreaterValue(call, token);
        const body = await giveValue(options, call, token, call.body.overlap_seconds);
        await call.record({
          action: 'token.rotated',
          target: tokenTarget(token),
          details: { overlap_seconds: call.body.overlap_seconds },
        });
        return { status: 200, body };
      },
    }),
  ];

  function switching(verb: 'disable' | 'enable', summary: string, description: string): Operation {
    return defineOperation({
      id: `${verb}Token`,
      method: 'POST',
      path: `/tokens/{token_id}/${verb}`,
      tag,
      summary,
      description,
      scope: 'tokens:write',
      params: tokenParams,
      result: tokenSchema,
      async handle(call) {
        const { caller, db, may } = call;
        const { id, ownerId } = await getChangeableToken(call, call.params.token_id);
        const disabledBy = ownerId === caller.userId ? 'owner' : 'administrator';
        const changed = await changeApiToken(
          db,
          { organizationId: organizationOf(caller), id },
          verb === 'disable' ? { isDisabled: true, disabledBy } : { isDisabled: false },
          (before) => {
            if (verb === 'enable' && !may('tokens:manage')) refuseOwner(before);
            return true;
          },
        );
        if ('token' in changed)
          await call.record({ action: `token.${verb}d`, target: tokenTarget(changed.token) });
        return answerChange(options, changed);
      },
    });
  }

  function deciding(verb: 'approve' | 'refuse', summary: string): Operation {
    return defineOperation({
      id: `${verb}Token`,
      method: 'POST',
      path: `/tokens/{token_id}/${verb}`,
      tag,
      summary,
      scope: 'tokens:manage',
      params: tokenParams,
      result: tokenSchema,
      async handle({ db, caller, params, record }) {
        const token = { organizationId: organizationOf(caller), id: params.token_id };
        const decidedBy = personOf(caller);
        const changed = await changeApiToken(
          db,
          token,
          { approval: { isGranted: verb === 'approve', decidedBy } },
          ({ approval, ownerId }) => approval === 'requested' && ownerId !== decidedBy,
        );
        if ('refusal' in changed && changed.refusal === 'unexpected') {
          throw new AppError('conflict', 'This token does not wait for your decision');
        }
        if ('token' in changed) {
          const action = verb === 'approve' ? 'token.approved' : 'token.refused';
          await record({ action, target: tokenTarget(changed.token) });
        }
        return answerChange(options, changed);
      },
    });
  }
}

/** AppError `forbidden` where it was not the owner who disabled the token: it takes `tokens:manage` to enable it. */
function refuseOwner({ disabledBy = 'owner' }: ApiToken): void {
  if (disabledBy === 'administrator')
    throw new AppError(
      'forbidden',
      'An administrator has disabled this token; only an administrator enables it again',
    );
  if (disabledBy === 'operator')
    throw new AppError(
      'forbidden',
      'The operator has disabled this token; only an administrator enables it again',
    );
}
