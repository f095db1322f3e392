import type { Context } from 'koa';
import { type TokenDraft, tokenFormPage } from '../../../views/token-form.ts';
import { tokenValuePage } from '../../../views/token-value.ts';
import { type TokenSection, tokensPage } from '../../../views/tokens.ts';
import type { ShownMe } from '../../api/me.ts';
import type { Page } from '../../api/page.ts';
import type { ShownPolicy } from '../../api/policies.ts';
import type { ShownTokenWithValue } from '../../api/token-access.ts';
import type { ShownToken } from '../../api/token-view.ts';
import { fieldOf } from '../../http/form.ts';
import type { Routes } from '../../http/router.ts';
import { randomText } from '../../secret.ts';
import type { Guest } from '../desk.ts';
import { allowScript, showPage } from '../page.ts';
import type { AccountOptions } from './account.ts';
import { listModel, listQuery } from './list.ts';
import { problemsOf } from './problems.ts';
import { readResources } from './resources.ts';
import { bodyOf, choicesOf, emptyDraft, readDraft } from './token-draft.ts';
import { tokenModel } from './token-model.ts';

/** Where each list of tokens is, and the operations that list and make its tokens. */
export const tokenSections = {
  own: { path: '/account/tokens', list: 'listTokens', create: 'createToken', query: {} },
  shared: {
    path: '/account/shared-tokens',
    list: 'listSharedTokens',
    create: 'createSharedToken',
    query: {},
  },
  all: { path: '/admin/tokens', list: 'listTokens', create: undefined, query: { owner: 'all' } },
} as const;

/** A list of tokens, and making one for it. */
export function createTokenListRoutes(options: AccountOptions, section: TokenSection): Routes {
  const { desk, calls, clock } = options;
  const { path, list, create, query } = tokenSections[section];
  const place = path;

  async function show(ctx: Context, guest: Guest): Promise<void> {
    const asked = listQuery(ctx);
    const filters = section === 'all' && isWaitingAsked(ctx) ? { state: 'waiting' } : {};
    const page = await calls.read<Page<ShownToken>>(ctx, guest.session, list, {
      query: { ...query, ...filters, ...asked },
    });
    const tokens = page.items.map((token) => tokenModel(token, guest.session.userId));
    const canCreate =
      section === 'own' || (section === 'shared' && guest.permissions.includes('tokens:manage'));
    showPage(
      ctx,
      tokensPage({
        ...guest.frame,
        section,
        list: { ...listModel(path, asked, page.next_cursor), filters },
        tokens,
        canCreate,
        now: clock.now(),
      }),
    );
  }

  async function page(
    ctx: Context,
    guest: Guest,
    entered: { draft: TokenDraft; key: string; problems: Record<string, string> },
  ) {
    return tokenFormPage({
      ...guest.frame,
      section,
      path,
      isLegacy: false,
      needsReason: await needsReason(ctx, options, guest),
      choices: await readChoices(ctx, options, guest),
      ...entered,
    });
  }

  async function ask(ctx: Context, guest: Guest): Promise<void> {
    showPage(ctx, await page(ctx, guest, { draft: emptyDraft, key: randomText(), problems: {} }));
  }

  async function make(ctx: Context, guest: Guest, form: Parameters<typeof readDraft>[0]): Promise<void> {
    const draft = readDraft(form);
    const key = fieldOf(form, 'key') || randomText();
    const made = await calls.change<ShownTokenWithValue>(ctx, guest.session, create ?? 'createToken', {
      body: bodyOf(draft),
      key,
    });
    if ('refusal' in made) {
      const problems = problemsOf(made.refusal, guest.frame.locale);
      // What was refused under a key stays refused under it.
      return showPage(ctx, await page(ctx, guest, { draft, key: randomText(), problems }), 400);
    }
    showValue(ctx, guest, path, made.body);
  }

  return {
    [path]: {
      answers: 'html',
      GET: desk.page(place, show),
      ...(create && { POST: desk.form(place, make) }),
    },
    ...(create && { [`${path}/new`]: { answers: 'html' as const, GET: desk.page(place, ask) } }),
  };
}

function isWaitingAsked(ctx: Context): boolean {
  return new URLSearchParams(ctx.querystring).get('state') === 'waiting';
}

/** Shows a value that has just been made, the only time. */
export function showValue(ctx: Context, guest: Guest, path: string, made: ShownTokenWithValue): void {
  allowScript(ctx);
  const { value, previous_value_ends_at: ends } = made;
  const previousEndsAt = ends === undefined ? undefined : new Date(ends);
  const token = tokenModel(made, guest.session.userId);
  showPage(ctx, tokenValuePage({ ...guest.frame, path, token, value, previousEndsAt }));
}

/** What the person can give a token. */
export async function readChoices(ctx: Context, options: AccountOptions, guest: Guest) {
  const { calls, resource } = options;
  const me = await calls.read<ShownMe>(ctx, guest.session, 'showMe');
  const resources = await readResources(ctx, options, guest);
  return choicesOf(me.permissions, resources, resource);
}

async function needsReason(ctx: Context, { calls }: AccountOptions, guest: Guest): Promise<boolean> {
  const policy = await calls.read<ShownPolicy>(ctx, guest.session, 'showTokenPolicy');
  return policy.approval_required && !guest.permissions.includes('tokens:manage');
}
