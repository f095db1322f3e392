import type { Target } from '../audit/event.ts';
import type { Clock } from '../clock.ts';
import { AppError, type Problem } from '../errors.ts';
import type { Notices } from '../notices/notices.ts';
import { findMember } from '../organizations/member.ts';
import { intersectScopes, type Scopes, withoutScopes } from '../scopes.ts';
import type { TokenFormat } from '../secret.ts';
import { type ApiToken, addApiToken, findApiToken } from '../tokens/api-token.ts';
import { findTokenPolicy, listViolations, type PolicyViolation } from '../tokens/policy.ts';
import { addValue } from '../tokens/value.ts';
import type { Cursors } from './cursor.ts';
import type { Answer, Call } from './operation.ts';
import { organizationOf, personOf } from './organization.ts';
import { permissionProblem, refuseExcess } from './permissions.ts';
import { wrongField } from './problem.ts';
import { type ShownToken, showToken } from './token-view.ts';

/** What the operations on tokens stand on. */
export type TokenOptions = { cursors: Cursors; format: TokenFormat; clock: Clock; notices: Notices };

/** A token with the value that it has just been given, as it is shown. */
export type ShownTokenWithValue = ShownToken & { value: string; previous_value_ends_at?: string };

/** What is chosen about a new token. */
export type ChosenToken = {
  name: string;
  note: string;
  permissions: Scopes;
  expires_at?: Date | undefined;
  address_ranges: string[];
  reason?: string | undefined;
};

/** A token as the audit log names it. */
export function tokenTarget({ id, name }: ApiToken): Target {
  return { kind: 'token', id, name };
}

/** The token, if the caller may see it: their own, a shared one, or any with `tokens:manage`. Else AppError `not_found`. */
export async function getVisibleToken(call: Call, id: string): Promise<ApiToken> {
  const { db, caller, may } = call;
  const token = await findApiToken(db, organizationOf(caller), id);
  const isVisible =
    token && (token.ownerId === caller.userId || token.kind === 'shared' || may('tokens:manage'));
  if (!isVisible) throw new AppError('not_found', 'There is no such token');
  return token;
}

/** The token, if the caller may change it: their own, or any with `tokens:manage`. */
export async function getChangeableToken(call: Call, id: string): Promise<ApiToken> {
  const token = await getVisibleToken(call, id);
  if (token.ownerId === call.caller.userId || call.may('tokens:manage')) return token;
  throw new AppError('forbidden', 'This shared token is another person’s to change');
}

/** Makes a token of the caller's own, with its first value. Waits for approval where the policy says so. */
export async function createToken(
  options: TokenOptions,
  call: Call<unknown, unknown, ChosenToken>,
  kind: 'private' | 'shared',
): Promise<Answer<ShownTokenWithValue>> {
  const { db, caller, body, may } = call;
  const organizationId = organizationOf(caller);
  const wanted = { permissions: body.permissions, expiresAt: body.expires_at };
  const policy = await refuseViolations(options, call, personOf(caller), wanted);
  // A credential hands on what it has itself, and not what its person has besides.
  refuseExcess(body.permissions, caller.permissions, 'this is more than you may do yourself');
  const isApprovalNeeded = policy.isApprovalRequired && !may('tokens:manage');
  if (isApprovalNeeded && !body.reason?.trim())
    throw wrongField('reason', 'say why it is needed, for whoever approves it');
  const added = await addApiToken(db, {
    organizationId,
    ownerId: personOf(caller),
    kind,
    name: body.name,
    note: body.note,
    permissions: body.permissions,
    addressRanges: body.address_ranges,
    expiresAt: body.expires_at,
    approvalReason: body.reason,
    isApprovalNeeded,
  });
  if ('refusal' in added) throw new AppError('conflict', 'You are no member of this organization any more');
  const { token } = added;
  const shown = await giveValue(options, call, token, 0);
  if (token.approval === 'requested') await options.notices.tokenWaits(db, token);
  await call.record({
    action: 'token.created',
    target: tokenTarget(token),
    details: {
      permissions: token.permissions,
      ...(token.expiresAt && { expires_at: token.expiresAt.toISOString() }),
      ...(token.addressRanges.length > 0 && { address_ranges: token.addressRanges }),
      ...(token.approval && { approval: token.approval }),
    },
  });
  return { status: 201, body: shown, location: `tokens/${token.id}` };
}

/** Gives the caller a value of the token; those that the caller had live on for `overlapSeconds`. */
export async function giveValue(
  { format, clock }: TokenOptions,
  { db, caller }: Call,
  token: ApiToken,
  overlapSeconds: number,
): Promise<ShownTokenWithValue> {
  const value = format.issue('api', clock.now());
  const holderId = personOf(caller);
  const added = await addValue(db, { tokenId: token.id, holderId, text: value, overlapSeconds });
  if ('refusal' in added)
    throw new AppError('not_found', 'There is no such token any more, or you have left');
  const { previousEndsAt } = added;
  return {
    ...showToken(token, clock),
    value,
    ...(previousEndsAt && { previous_value_ends_at: previousEndsAt.toISOString() }),
  };
}

/**
 * AppError `forbidden` where a value of the token could do now what the caller's person may and the credential that they
 * call with may not: a program must not help itself to the rest of what its person has.
 */
export async function refuseGreaterValue({ db, caller }: Call, token: ApiToken): Promise<void> {
  const person = await findMember(db, organizationOf(caller), personOf(caller));
  const beyond = withoutScopes(intersectScopes(token.present, person?.permissions ?? {}), caller.permissions);
  if (Object.keys(beyond).length > 0)
    throw new AppError('forbidden', 'This token may do more than the credential that you call with');
}

/** AppError `unprocessable` for what the token's owner may not do now, and for what the organization's policy demands. */
export async function refuseViolations(
  { clock }: TokenOptions,
  { db, caller }: Call,
  ownerId: string,
  token: { permissions: Scopes; expiresAt: Date | undefined },
): Promise<{ isApprovalRequired: boolean }> {
  const organizationId = organizationOf(caller);
  const owner = await findMember(db, organizationId, ownerId);
  refuseExcess(token.permissions, owner?.permissions ?? {}, 'this is more than the owner may do');
  const policy = await findTokenPolicy(db, organizationId);
  const now = clock.now();
  const problems = listViolations(policy, token, now).map(describe);
  if (token.expiresAt && token.expiresAt <= now)
    problems.push({ pointer: '#/expires_at', detail: 'write a time to come' });
  if (problems.length > 0) throw new AppError('unprocessable', undefined, { problems });
  return policy;
}

/** The answer to a change, or the AppError that its refusal stands for. */
export function answerChange(
  { clock }: TokenOptions,
  changed: { token: ApiToken } | { refusal: 'not_found' | 'unexpected' },
): Answer<ShownToken> {
  if ('token' in changed) return { status: 200, body: showToken(changed.token, clock) };
  throw new AppError(changed.refusal === 'not_found' ? 'not_found' : 'precondition_failed');
}

function describe(violation: PolicyViolation): Problem {
  switch (violation.violation) {
    case 'expiry_required':
      return { pointer: '#/expires_at', detail: 'your organization demands an expiry date' };
    case 'lifetime_too_long': {
      const days = Math.floor(violation.longestLifetimeSeconds / 86_400);
      return { pointer: '#/expires_at', detail: `your organization allows at most ${days} days` };
    }
    case 'permission_not_allowed':
      return permissionProblem(violation, 'your organization does not allow this in a token');
  }
}
