import { AppError } from '../errors.ts';
import type { Caller } from '../verify/caller.ts';

/** The organization that the caller acts in; AppError `forbidden` where there is none. It never comes from the request. */
export function organizationOf({ organizationId }: Caller): string {
  if (organizationId !== undefined) return organizationId;
  throw new AppError('forbidden', 'Act in an organization first: you belong to none, or to several');
}

/** The person behind the caller; AppError `forbidden` for a machine. */
export function personOf({ userId }: Caller): string {
  if (userId !== undefined) return userId;
  throw new AppError('forbidden', 'Only people can do this');
}
