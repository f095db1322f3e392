import type { Routes } from '../../http/router.ts';
import type { AccountOptions } from '../account/account.ts';
import { createActivityRoutes } from './activity.ts';
import { createAuditRoutes } from './audit.ts';
import { createClientRoutes } from './client.ts';
import { createClientListRoutes } from './clients.ts';
import { createKeyRoutes } from './keys.ts';
import { createMemberRoutes } from './member.ts';
import { createMemberListRoutes } from './members.ts';
import { createPolicyRoutes } from './policies.ts';
import { createResourceRoutes } from './resources.ts';

/** The pages of an administrator: each draws what the management API answers, and posts what it takes. */
export function createAdminRoutes(options: AccountOptions): Routes {
  return {
    ...createActivityRoutes(options),
    ...createAuditRoutes(options),
    ...createClientListRoutes(options),
    ...createClientRoutes(options),
    ...createKeyRoutes(options),
    ...createMemberListRoutes(options),
    ...createMemberRoutes(options),
    ...createPolicyRoutes(options),
    ...createResourceRoutes(options),
  };
}
