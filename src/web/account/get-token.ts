import type { Context } from 'koa';
import { getTokenPage } from '../../../views/get-token.ts';
import type { AuthFile } from '../../api/access-tokens.ts';
import { type Form, fieldOf } from '../../http/form.ts';
import type { Routes } from '../../http/router.ts';
import type { Guest } from '../desk.ts';
import { showPage } from '../page.ts';
import type { AccountOptions } from './account.ts';
import { problemsOf } from './problems.ts';
import { readChoices } from './tokens.ts';

const place = '/account/get-token';

/** Gives an access token away as `auth.json`. */
export function createGetTokenRoutes(options: AccountOptions): Routes {
  const { desk, calls } = options;

  async function page(ctx: Context, guest: Guest, problem?: string) {
    const choices = await readChoices(ctx, options, guest);
    const apis = choices.map(({ resource, name, scopes }) => ({
      resource,
      name,
      scopes: scopes.map(({ scope }) => scope),
    }));
    return getTokenPage({ ...guest.frame, apis, problem });
  }

  async function give(ctx: Context, guest: Guest, form: Form): Promise<void> {
    const body = { resource: fieldOf(form, 'resource') ?? '' };
    const made = await calls.change<AuthFile>(ctx, guest.session, 'createAccessToken', { body });
    if ('refusal' in made) {
      const problems = Object.values(problemsOf(made.refusal, guest.frame.locale));
      return showPage(ctx, await page(ctx, guest, problems.join('; ')), 400);
    }
    ctx.attachment('auth.json');
    ctx.type = 'application/json';
    ctx.body = `${JSON.stringify(made.body, undefined, 2)}\n`;
  }

  return {
    [place]: {
      answers: 'html',
      GET: desk.page('/account', async (ctx, guest) => showPage(ctx, await page(ctx, guest))),
      POST: desk.form('/account', give),
    },
  };
}
