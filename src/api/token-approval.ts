import { AppError, type Problem } from '../errors.ts';
import { listExcess, type Scopes } from '../scopes.ts';
import { isWithinRanges } from '../tokens/address-range.ts';
import type { ApiToken } from '../tokens/api-token.ts';
import { permissionProblem } from './permissions.ts';

/** What a change of a token may widen. */
export type WideningChange = {
  permissions?: Scopes | undefined;
  expires_at?: Date | null | undefined;
  address_ranges?: readonly string[] | undefined;
};

const advice = 'an administrator must approve this; make a new token';

/** AppError `unprocessable` for what a token would gain by a change: what was approved, or waits for it, is what stands there. */
export function refuseUnapproved(before: ApiToken, change: WideningChange): void {
  const { permissions = {}, expires_at: end, address_ranges: ranges } = change;
  const problems: Problem[] = listExcess(permissions, before.permissions).map((pair) =>
    permissionProblem(pair, advice),
  );
  if (end !== undefined && before.expiresAt && (end === null || end > before.expiresAt))
    problems.push({ pointer: '#/expires_at', detail: advice });
  if (ranges && !isWithinRanges(ranges, before.addressRanges))
    problems.push({ pointer: '#/address_ranges', detail: advice });
  if (problems.length > 0) throw new AppError('unprocessable', undefined, { problems });
}
