import type { Context } from 'koa';
import { type KeyModel, keyRevocationPage, keyRotationPage, keysPage } from '../../../views/keys.ts';
import type { ShownKey } from '../../api/keys.ts';
import { AppError } from '../../errors.ts';
import { fieldOf } from '../../http/form.ts';
import { paramsOf, type Routes } from '../../http/router.ts';
import type { AccountOptions } from '../account/account.ts';
import type { Guest } from '../desk.ts';
import { seeOther, showPage } from '../page.ts';
import { reserved } from './reserved.ts';

const path = '/admin/keys';

/** The signing keys and their life. */
export function createKeyRoutes({ base, desk, calls, clock }: AccountOptions): Routes {
  async function read(ctx: Context, guest: Guest): Promise<KeyModel[]> {
    const { items } = await calls.read<{ items: ShownKey[] }>(ctx, guest.session, 'listKeys');
    return items.map(keyModel);
  }

  async function show(ctx: Context, guest: Guest): Promise<void> {
    const mayChange = guest.permissions.includes('keys:write');
    showPage(ctx, keysPage({ ...guest.frame, keys: await read(ctx, guest), mayChange, now: clock.now() }));
  }

  async function askRevocation(ctx: Context, guest: Guest): Promise<void> {
    const keys = await read(ctx, guest);
    const signingKey = keys.find(({ kid }) => kid === paramsOf(ctx).kid);
    if (!signingKey) throw new AppError('not_found');
    showPage(ctx, keyRevocationPage({ ...guest.frame, signingKey, now: clock.now() }));
  }

  return {
    [path]: { answers: 'html', GET: desk.page(path, show) },
    [`${path}/rotate`]: {
      answers: 'html',
      GET: desk.page(
        path,
        reserved('keys:write', async (ctx, guest) => showPage(ctx, keyRotationPage(guest.frame))),
      ),
      POST: desk.form(path, async (ctx, guest, form) => {
        const body = { immediate: fieldOf(form, 'immediate') === 'yes' };
        await calls.read(ctx, guest.session, 'rotateKeys', { body });
        seeOther(ctx, base + path);
      }),
    },
    [`${path}/{kid}/revoke`]: {
      answers: 'html',
      GET: desk.page(path, reserved('keys:write', askRevocation)),
      POST: desk.form(path, async (ctx, guest) => {
        await calls.read(ctx, guest.session, 'revokeKey', { params: paramsOf(ctx) });
        seeOther(ctx, base + path);
      }),
    },
  };
}

function keyModel(key: ShownKey): KeyModel {
  const instant = (text: string | undefined) => (text === undefined ? undefined : new Date(text));
  return {
    kid: key.kid,
    algorithm: key.alg,
    state: key.state,
    publishedAt: new Date(key.published_at),
    signsFrom: instant(key.signs_from),
    replacedAt: instant(key.replaced_at),
    retiredAt: instant(key.retired_at),
    revokedAt: instant(key.revoked_at),
    neededUntil: new Date(key.needed_until),
  };
}
