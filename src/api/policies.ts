import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { AppError } from '../errors.ts';
import { findTokenPolicy, setTokenPolicy, type TokenPolicy } from '../tokens/policy.ts';
import { countNarrowedTokens } from '../tokens/policy-effect.ts';
import { defineOperation, type Operation } from './operation.ts';
import { organizationOf } from './organization.ts';
import { permissionsSchema, shownPermissions, showPermissions } from './permissions.ts';

const tag = 'Policies';
const decade = 315_360_000;
const allowed = 'All that a token may do; null for anything.';
const lifetimeAdvice = `write seconds from 60 to ${decade}`;

const example = {
  longest_lifetime_seconds: 31_536_000,
  expiry_required: true,
  approval_required: false,
  permissions: null,
};

const policySchema = z.strictObject({
  longest_lifetime_seconds: z
    .int(lifetimeAdvice)
    .min(60, lifetimeAdvice)
    .max(decade, lifetimeAdvice)
    .nullable()
    .meta({ description: 'How long a new token may live at most; null for any time.' }),
  expiry_required: z.boolean('write true or false'),
  approval_required: z
    .boolean('write true or false')
    .meta({ description: 'Whether a new token waits until an administrator has approved it.' }),
  permissions: permissionsSchema.nullable().meta({ description: allowed }),
});

const shownPolicy = policySchema
  .extend({ permissions: shownPermissions.nullable().meta({ description: allowed }) })
  .meta({ id: 'TokenPolicy', example });

const policyEffect = z
  .object({
    narrowed_tokens: z.int().meta({
      description: 'How many tokens that work now would lose a permission at once. They lose nothing else.',
    }),
  })
  .meta({ id: 'TokenPolicyEffect', example: { narrowed_tokens: 2 } });

/** What a policy would do, on the wire. */
export type ShownPolicyEffect = z.input<typeof policyEffect>;

/** A policy on the wire. */
export type ShownPolicy = z.input<typeof shownPolicy>;

/** What the organization demands of its API tokens. */
export function policyOperations(): Operation[] {
  return [
    defineOperation({
      id: 'showTokenPolicy',
      method: 'GET',
      path: '/policies/tokens',
      tag,
      summary: 'Show what your organization demands of its tokens',
      scope: 'policies:read',
      result: shownPolicy,
      async handle({ db, caller }) {
        return { status: 200, body: showPolicy(await findTokenPolicy(db, organizationOf(caller))) };
      },
    }),
    defineOperation({
      id: 'replaceTokenPolicy',
      method: 'PUT',
      path: '/policies/tokens',
      tag,
      summary: 'Replace what your organization demands of its tokens',
      description:
        'Permissions that it allows no more are out of every token at once. What it says of lifetimes and approval is for new tokens and changes.',
      scope: 'policies:write',
      body: policySchema,
      example,
      result: shownPolicy,
      async handle({ db, caller, body, matches, record }) {
        const organizationId = organizationOf(caller);
        const before = await findTokenPolicy(db, organizationId, { isLocked: true });
        if (!matches(showPolicy(before))) throw new AppError('precondition_failed');
        const policy = {
          longestLifetimeSeconds: body.longest_lifetime_seconds ?? undefined,
          isExpiryRequired: body.expiry_required,
          isApprovalRequired: body.approval_required,
          permissions: body.permissions ?? undefined,
        };
        const set = await setTokenPolicy(db, organizationId, policy);
        if ('refusal' in set) throw new AppError('unprocessable', 'One of these scopes does not exist');
        await record({
          action: 'policy.changed',
          target: { kind: 'policy', id: 'tokens' },
          details: {
            fields: listChanges(showPolicy(before), showPolicy(policy)),
            ...(policy.permissions && { permissions: policy.permissions }),
          },
        });
        return { status: 200, body: showPolicy(policy) };
      },
    }),
    defineOperation({
      id: 'previewTokenPolicy',
      method: 'POST',
      path: '/policies/tokens/preview',
      tag,
      summary: 'Show what a policy would take from the tokens that there are',
      description: 'Takes what `replaceTokenPolicy` does, and changes nothing.',
      scope: 'policies:write',
      body: policySchema,
      example,
      result: policyEffect,
      async handle({ db, caller, body }) {
        const allowed = body.permissions ?? undefined;
        const narrowed = await countNarrowedTokens(db, organizationOf(caller), allowed);
        return { status: 200, body: { narrowed_tokens: narrowed } };
      },
    }),
  ];
}

function listChanges(before: Record<string, unknown>, after: Record<string, unknown>): string[] {
  return Object.keys(after).filter((name) => !isDeepStrictEqual(before[name], after[name]));
}

function showPolicy(policy: TokenPolicy): ShownPolicy {
  return {
    longest_lifetime_seconds: policy.longestLifetimeSeconds ?? null,
    expiry_required: policy.isExpiryRequired,
    approval_required: policy.isApprovalRequired,
    permissions: policy.permissions ? showPermissions(policy.permissions) : null,
  };
}
