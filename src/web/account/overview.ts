import type { Context } from 'koa';
import { type OverviewModel, overviewPage } from '../../../views/overview.ts';
import type { Page } from '../../api/page.ts';
import type { ShownSecurity } from '../../api/security.ts';
import type { ShownToken } from '../../api/token-view.ts';
import type { Routes } from '../../http/router.ts';
import type { Guest } from '../desk.ts';
import { showPage } from '../page.ts';
import type { AccountOptions } from './account.ts';
import { createDeviceList } from './devices.ts';

const soonMs = 30 * 86_400_000;

/** The first page of an account. */
export function createOverviewRoutes({ desk, calls, clock }: AccountOptions): Routes {
  const listDevices = createDeviceList({ calls, clock });

  async function countTokens(ctx: Context, { session, permissions }: Guest) {
    if (!permissions.includes('tokens:read')) return undefined;
    const query = { limit: '100' };
    const page = await calls.read<Page<ShownToken>>(ctx, session, 'listTokens', {
      query,
    });
    const soon = clock.now().getTime() + soonMs;
    const isEnding = ({ state, expires_at: ends }: ShownToken) =>
      state === 'active' && ends !== undefined && Date.parse(ends) < soon;
    return {
      count: page.items.length,
      ending: page.items.filter(isEnding).length,
      isMore: page.next_cursor !== undefined,
    };
  }

  async function show(ctx: Context, guest: Guest): Promise<void> {
    const security = await calls.read<ShownSecurity>(ctx, guest.session, 'showSecurity');
    const [devices, tokens] = [await listDevices(ctx, guest), await countTokens(ctx, guest)];
    showPage(ctx, overviewPage({ ...guest.frame, ...devices, tokens, signIn: signInOf(security) }));
  }

  return { '/account': { answers: 'html', GET: desk.page('/account', show) } };
}

function signInOf({ totp_since, passkeys, has_password }: ShownSecurity): OverviewModel['signIn'] {
  if (totp_since !== undefined || passkeys > 0) return 'two_factors';
  return has_password ? 'password' : 'elsewhere';
}
