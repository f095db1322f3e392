import type { Context } from 'koa';
import type { ApiScope } from '../../api/scope.ts';
import { AppError } from '../../errors.ts';
import type { Guest } from '../desk.ts';

type Show = (ctx: Context, guest: Guest) => Promise<void>;

/** A page that leads only to what needs a permission, and is none for those without it: AppError `forbidden`. */
export function reserved(scope: ApiScope, show: Show): Show {
  return async (ctx, guest) => {
    if (!guest.permissions.includes(scope)) throw new AppError('forbidden');
    await show(ctx, guest);
  };
}
