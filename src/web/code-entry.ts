import type { Limits } from '../limits/limits.ts';
import type { PolicyName } from '../limits/policy.ts';
import type { DeviceRequest, DeviceRequests } from '../oauth/device.ts';
import { normalizeUserCode } from '../oauth/user-code.ts';

/** A code as it was entered: typed, or by a link that had it in its address. */
export type EnteredCode = { userCode: string; isLinked: boolean };

/** What becomes of a code that somebody who is not signed in has entered. `sign_in_first` says nothing about the code. */
export type VisitorEntry = 'found' | 'unknown' | 'must_be_typed' | 'sign_in_first';

/** What becomes of a code that an account has entered. `foreign`: another account opened it. */
export type AccountEntry =
  | { entry: 'opened'; request: DeviceRequest }
  | { entry: 'unknown' | 'must_be_typed' | 'foreign' }
  | { entry: 'too_many_tries'; retryAfterSeconds: number };

/** Looks up entered codes, and counts those that are not right. */
export type CodeEntry = {
  byVisitor(entered: EnteredCode, visitId: string, network: string): Promise<VisitorEntry>;
  byAccount(entered: EnteredCode, userId: string): Promise<AccountEntry>;
};

type Budget = [policy: PolicyName, ...key: string[]];

/** Code entry with the limits of RFC 8628 section 5.1. */
export function createCodeEntry(limits: Limits, deviceRequests: DeviceRequests): CodeEntry {
  /** The request, if the code is right and the budgets, the narrowest first, have not been spent. */
  async function look(typed: string, budgets: readonly Budget[]) {
    for (const budget of budgets) {
      const allowance = await limits.take(...budget);
      if (!allowance.allowed) return allowance;
    }
    const request = await deviceRequests.find(typed);
    if (request) for (const budget of budgets) await limits.giveBack(...budget);
    return { allowed: true as const, request };
  }

  return {
    async byVisitor({ userCode, isLinked }, visitId, network) {
      const found = await look(userCode, [
        ['user_code_by_visit', visitId],
        ['user_code_by_address', network],
        ['user_code_by_anybody'],
      ]);
      if (!found.allowed) return normalizeUserCode(userCode) ? 'sign_in_first' : 'unknown';
      if (isLinked && found.request?.demands.mustBeTyped) return 'must_be_typed';
      return found.request ? 'found' : 'unknown';
    },
    async byAccount({ userCode, isLinked }, userId) {
      const found = await look(userCode, [['user_code_by_account', userId], ['user_code_by_any_account']]);
      if (!found.allowed) return { entry: 'too_many_tries', retryAfterSeconds: found.retryAfterSeconds };
      if (!found.request) return { entry: 'unknown' };
      if (isLinked && found.request.demands.mustBeTyped) return { entry: 'must_be_typed' };
      const isOurs = await deviceRequests.open(found.request.id, userId);
      return isOurs ? { entry: 'opened', request: found.request } : { entry: 'foreign' };
    },
  };
}
