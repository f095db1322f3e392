import { z } from 'zod';
import { AppError } from '../errors.ts';
import { countOtherSignIns } from '../organizations/other-sign-ins.ts';
import { findSignInPolicy, type SignInPolicy, setSignInPolicy } from '../organizations/sign-in-policy.ts';
import { defineOperation, type Operation } from './operation.ts';
import { organizationOf } from './organization.ts';

const tag = 'Policies';
const example = { identity_provider_required: false };

const policySchema = z.strictObject({
  identity_provider_required: z.boolean('write true or false').meta({
    description: 'Whether members act here only after a sign-in at an identity provider that counts here.',
  }),
});

const shownPolicy = policySchema
  .extend({
    holdings: z.object({ members: z.int(), devices: z.int(), legacy_tokens: z.int() }).optional().meta({
      description:
        'What would act here no more if a provider were required: members who have never signed in at one or are signed in otherwise now, devices, and legacy tokens. Shown to who may change the policy.',
    }),
  })
  .meta({ id: 'SignInPolicy', example });

/** A policy on the wire. */
export type ShownSignInPolicy = z.input<typeof shownPolicy>;

/** How the members of the organization must sign in. */
export function signInPolicyOperations(): Operation[] {
  return [
    defineOperation({
      id: 'showSignInPolicy',
      method: 'GET',
      path: '/policies/sign-in',
      tag,
      summary: 'Show how your organization’s members must sign in',
      scope: 'policies:read',
      result: shownPolicy,
      async handle({ db, caller, may }) {
        const organizationId = organizationOf(caller);
        const policy = showPolicy(await findSignInPolicy(db, organizationId));
        if (!may('policies:write')) return { status: 200, body: policy };
        const { members, devices, legacyTokens } = await countOtherSignIns(db, organizationId);
        return {
          status: 200,
          body: { ...policy, holdings: { members, devices, legacy_tokens: legacyTokens } },
        };
      },
    }),
    defineOperation({
      id: 'replaceSignInPolicy',
      method: 'PUT',
      path: '/policies/sign-in',
      tag,
      summary: 'Replace how your organization’s members must sign in',
      description:
        'Once an identity provider is required, sessions and devices that came in otherwise act here no more, and legacy tokens are dead. Refused with 409 where no administrator has signed in at such a provider and may change members.',
      scope: 'policies:write',
      body: policySchema,
      example,
      result: shownPolicy,
      async handle({ db, caller, body, matches, record }) {
        const organizationId = organizationOf(caller);
        const before = showPolicy(await findSignInPolicy(db, organizationId, { isLocked: true }));
        if (!matches(before)) throw new AppError('precondition_failed');
        const requiresIdentityProvider = body.identity_provider_required;
        const set = await setSignInPolicy(db, organizationId, { requiresIdentityProvider });
        if ('refusal' in set) {
          throw new AppError(
            'conflict',
            'No administrator could sign in so and change members; nobody could undo this',
          );
        }
        const after = showPolicy(set.policy);
        const hasChanged = after.identity_provider_required !== before.identity_provider_required;
        await record({
          action: 'sign_in_policy.changed',
          target: { kind: 'policy', id: 'sign-in' },
          details: { fields: hasChanged ? ['identity_provider_required'] : [] },
        });
        return { status: 200, body: after };
      },
    }),
  ];
}

function showPolicy({ requiresIdentityProvider }: SignInPolicy): z.input<typeof shownPolicy> {
  return { identity_provider_required: requiresIdentityProvider };
}
