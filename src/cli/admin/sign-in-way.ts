import { AppError } from '../../errors.ts';

/** Whether a way to sign in, `any` or `identity-provider`, is the latter; a `usage` failure for any other word. */
export function isProviderDemanded(way: string): boolean {
  if (way === 'any' || way === 'identity-provider') return way === 'identity-provider';
  throw new AppError('usage', 'Write any or identity-provider');
}
