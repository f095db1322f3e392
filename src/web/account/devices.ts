import type { Context } from 'koa';
import { type DeviceModel, devicesPage, type SomeDevices, signOutAllPage } from '../../../views/devices.ts';
import type { ShownGrant } from '../../api/grants.ts';
import type { Page } from '../../api/page.ts';
import { claimedSystem } from '../../claimed-system.ts';
import { AppError } from '../../errors.ts';
import { type Form, fieldOf } from '../../http/form.ts';
import type { Routes } from '../../http/router.ts';
import type { Guest } from '../desk.ts';
import { seeOther, showPage } from '../page.ts';
import type { AccountOptions } from './account.ts';
import { type ListQuery, listModel, listQuery } from './list.ts';

const place = '/account/devices';
// Each is a card that weighs more than a kilobyte, and two stand side by side.
const devicesOnPage = 14;

/** The devices and apps that a person has let in, and their way out. */
export function createDevicesRoutes({ base, desk, calls, clock }: AccountOptions): Routes {
  const list = createDeviceList({ calls, clock });

  async function show(ctx: Context, guest: Guest): Promise<void> {
    const asked = listQuery(ctx);
    const { next, ...devices } = await list(ctx, guest, asked);
    showPage(ctx, devicesPage({ ...guest.frame, ...devices, list: listModel(place, asked, next) }));
  }

  async function takeBack(ctx: Context, { session }: Guest, form: Form): Promise<void> {
    const decision = fieldOf(form, 'decision');
    if (decision !== 'undo' && decision !== 'report') throw new AppError('bad_request');
    const operation = decision === 'undo' ? 'revokeGrant' : 'reportGrant';
    const params = { grant_id: fieldOf(form, 'grant') ?? '' };
    await calls.change(ctx, session, operation, { params }).catch((error: unknown) => {
      // Sent twice, or done in another window before: it is as it should be.
      if (!(error instanceof AppError) || error.code !== 'not_found') throw error;
    });
    seeOther(ctx, base + place);
  }

  async function askAll(ctx: Context, guest: Guest): Promise<void> {
    const { total } = await list(ctx, guest);
    if (total === 0) return seeOther(ctx, base + place);
    showPage(ctx, signOutAllPage({ ...guest.frame, count: total }));
  }

  async function signOutAll(ctx: Context, { session }: Guest): Promise<void> {
    await calls.change(ctx, session, 'revokeGrants');
    seeOther(ctx, base + place);
  }

  return {
    [place]: { answers: 'html', GET: desk.page(place, show), POST: desk.form(place, takeBack) },
    [`${place}/all`]: {
      answers: 'html',
      GET: desk.page(place, askAll),
      POST: desk.form(place, signOutAll),
    },
  };
}

/** Reads a part of somebody's devices, the newest where none is named. */
export function createDeviceList({ calls, clock }: Pick<AccountOptions, 'calls' | 'clock'>) {
  return async (
    ctx: Context,
    { session }: Guest,
    asked: ListQuery = {},
  ): Promise<SomeDevices & { next: string | undefined }> => {
    const page = await calls.read<Page<ShownGrant> & { total: number }>(ctx, session, 'listGrants', {
      query: { ...asked, limit: String(devicesOnPage) },
    });
    const { items, total, next_cursor: next } = page;
    return { devices: items.map(deviceModel), total, next, now: clock.now() };
  };
}

function deviceModel(grant: ShownGrant): DeviceModel {
  const { device, last_used } = grant;
  return {
    id: grant.id,
    name: grant.client_name,
    since: new Date(grant.created_at),
    until: new Date(grant.expires_at),
    approvedFrom: grant.approved_from,
    asked: device && { address: device.address, system: claimedSystem(device.agent) },
    lastUsed: last_used && { at: new Date(last_used.at), address: last_used.address },
    scopes: Object.entries(grant.scopes).map(([api, names]) => ({ api, names: names.split(' ') })),
  };
}
