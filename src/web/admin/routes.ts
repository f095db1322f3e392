import type { Routes } from '../../http/router.ts';
import type { AccountOptions } from '../account/account.ts';
import { createAuditRoutes } from './audit.ts';
import { createClientRoutes } from './client.ts';
import { createClientListRoutes } from './clients.ts';
import { createMemberRoutes } from './member.ts';
import { createMemberListRoutes } from './members.ts';

/** The pages of an administrator: each draws what the management API answers, and posts what it takes. */
export function createAdminRoutes(options: AccountOptions): Routes {
  return {
    ...createAuditRoutes(options),
    ...createClientListRoutes(options),
    ...createClientRoutes(options),
    ...createMemberListRoutes(options),
    ...createMemberRoutes(options),
  };
}
