import { AppError } from '../errors.ts';
import type { Caller } from '../verify/caller.ts';

/** What callers are told who act in no organization. */
export const actsNowhere =
  'You act in no organization: you belong to none, have chosen none of several, or are disabled in the one that you chose';

/** The organization that the caller acts in; AppError `forbidden` where there is none. It never comes from the request. */
export function organizationOf({ organizationId }: Caller): string {
  if (organizationId !== undefined) return organizationId;
  throw new AppError('forbidden', actsNowhere);
}

/** The person behind the caller; AppError `forbidden` for a machine. */
export function personOf({ userId }: Caller): string {
  if (userId !== undefined) return userId;
  throw new AppError('forbidden', 'Only people can do this');
}
