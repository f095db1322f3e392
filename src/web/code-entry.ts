import type { Limits } from '../limits/limits.ts';
import type { PolicyName } from '../limits/policy.ts';
import type { DeviceRequest, DeviceRequests } from '../oauth/device.ts';
import { normalizeUserCode } from '../oauth/user-code.ts';

/** What becomes of a code that somebody who is not signed in has typed. `sign_in_first` says nothing about the code. */
export type VisitorEntry = 'found' | 'unknown' | 'sign_in_first';

/** What becomes of a code that an account has typed. `foreign`: another account opened it. */
export type AccountEntry =
  | { entry: 'opened'; request: DeviceRequest }
  | { entry: 'unknown' | 'foreign' }
  | { entry: 'too_many_tries'; retryAfterSeconds: number };

/** Looks up typed codes, and counts those that are not right. */
export type CodeEntry = {
  byVisitor(typed: string, visitId: string, network: string): Promise<VisitorEntry>;
  byAccount(typed: string, userId: string): Promise<AccountEntry>;
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
    async byVisitor(typed, visitId, network) {
      const found = await look(typed, [
        ['user_code_by_visit', visitId],
        ['user_code_by_address', network],
        ['user_code_by_anybody'],
      ]);
      if (!found.allowed) return normalizeUserCode(typed) ? 'sign_in_first' : 'unknown';
      return found.request ? 'found' : 'unknown';
    },
    async byAccount(typed, userId) {
      const found = await look(typed, [['user_code_by_account', userId], ['user_code_by_any_account']]);
      if (!found.allowed) return { entry: 'too_many_tries', retryAfterSeconds: found.retryAfterSeconds };
      if (!found.request) return { entry: 'unknown' };
      const isOurs = await deviceRequests.open(found.request.id, userId);
      return isOurs ? { entry: 'opened', request: found.request } : { entry: 'foreign' };
    },
  };
}
