import type { Routes } from '../../http/router.ts';
import type { AccountOptions } from './account.ts';
import { createDevicesRoutes } from './devices.ts';
import { createGetTokenRoutes } from './get-token.ts';
import { createOverviewRoutes } from './overview.ts';
import { createSecurityRoutes } from './security.ts';
import { createSecuritySetupRoutes } from './security-setup.ts';
import { createTokenRoutes } from './token.ts';
import { createTokenListRoutes } from './tokens.ts';

/** The pages of an account: each draws what the management API answers, and posts what it takes. */
export function createAccountRoutes(options: AccountOptions): Routes {
  return {
    ...createOverviewRoutes(options),
    ...createGetTokenRoutes(options),
    ...createDevicesRoutes(options),
    ...createTokenListRoutes(options, 'own'),
    ...createTokenRoutes(options, 'own'),
    ...createTokenListRoutes(options, 'shared'),
    ...createTokenRoutes(options, 'shared'),
    ...createTokenListRoutes(options, 'all'),
    ...createTokenRoutes(options, 'all'),
    ...createSecurityRoutes(options),
    ...createSecuritySetupRoutes(options),
  };
}
