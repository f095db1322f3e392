import type { OwnCalls } from '../../api/own-calls.ts';
import type { Clock } from '../../clock.ts';
import type { Routes } from '../../http/router.ts';
import type { Desk } from '../desk.ts';
import { createOverviewRoutes } from './overview.ts';

/** What the pages of an account stand on. */
export type AccountOptions = { base: string; desk: Desk; calls: OwnCalls; clock: Clock };

/** The pages of an account: each draws what the management API answers, and posts what it takes. */
export function createAccountRoutes(options: AccountOptions): Routes {
  return { ...createOverviewRoutes(options) };
}
