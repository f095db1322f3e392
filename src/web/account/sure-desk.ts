import type { Context } from 'koa';
import { AppError } from '../../errors.ts';
import type { Form } from '../../http/form.ts';
import type { Handler } from '../../http/router.ts';
import type { Guest } from '../desk.ts';
import type { AccountOptions } from './account.ts';

/**
 * Serves the pages about signing in. Where the management API asks for a person to prove again who they are, they do, and
 * come back to the page; a form they send once more.
 */
export function createSureDesk({ desk, stepUp, base }: AccountOptions) {
  const place = '/account/security';

  async function sure(
    ctx: Context,
    { visit }: Guest,
    back: string,
    work: () => Promise<void>,
  ): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (!(error instanceof AppError) || error.code !== 'insufficient_user_authentication') throw error;
      stepUp.ask(ctx, visit, back);
    }
  }

  return {
    page: (show: (ctx: Context, guest: Guest) => Promise<void>): Handler =>
      desk.page(place, (ctx, guest) => sure(ctx, guest, ctx.path.slice(base.length), () => show(ctx, guest))),
    form: (take: (ctx: Context, guest: Guest, form: Form) => Promise<void>): Handler =>
      desk.form(place, (ctx, guest, form) => sure(ctx, guest, place, () => take(ctx, guest, form))),
  };
}
