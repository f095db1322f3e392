import type { Context } from 'koa';
import { tokenPage } from '../../../views/token.ts';
import { type TokenDraft, tokenFormPage } from '../../../views/token-form.ts';
import { tokenRemovalPage } from '../../../views/token-removal.ts';
import type { TokenSection } from '../../../views/tokens.ts';
import type { ShownTokenWithValue } from '../../api/token-access.ts';
import type { ShownToken } from '../../api/token-view.ts';
import { type Form, fieldOf } from '../../http/form.ts';
import { paramsOf, type Routes } from '../../http/router.ts';
import type { Guest } from '../desk.ts';
import { seeOther, showPage } from '../page.ts';
import type { AccountOptions } from './account.ts';
import { problemsOf } from './problems.ts';
import { bodyOf, draftOf, readDraft } from './token-draft.ts';
import { tokenModel } from './token-model.ts';
import { readChoices, showValue, tokenSections } from './tokens.ts';

/** What a press of a button on a token's page does, and whether its page is there afterwards. */
const acts = {
  disable: 'disableToken',
  enable: 'enableToken',
  approve: 'approveToken',
  refuse: 'refuseToken',
  'give-back': 'removeSharedTokenValue',
} as const;

/** One token: its page, its form, and everything that can be done with it. */
export function createTokenRoutes(options: AccountOptions, section: TokenSection): Routes {
  const { base, desk, calls, clock } = options;
  const { path } = tokenSections[section];

  const read = (ctx: Context, guest: Guest) =>
    calls.read<ShownToken>(ctx, guest.session, 'showToken', { params: paramsOf(ctx) });

  function page(guest: Guest, shown: ShownToken, refusal?: string) {
    const token = tokenModel(shown, guest.session.userId);
    const manages = guest.permissions.includes('tokens:manage');
    const mayChange = guest.permissions.includes('tokens:write') && (token.isOwn || manages);
    const mayEnable = mayChange && (manages || (token.disabledBy ?? 'owner') === 'owner');
    const may = { mayChange, mayEnable, mayDecide: manages && !token.isOwn };
    return tokenPage({ ...guest.frame, ...may, path, token, refusal, now: clock.now() });
  }

  async function show(ctx: Context, guest: Guest): Promise<void> {
    showPage(ctx, page(guest, await read(ctx, guest)));
  }

  async function formPage(
    ctx: Context,
    guest: Guest,
    token: ShownToken,
    entered: { draft: TokenDraft; problems: Record<string, string> },
  ) {
    return tokenFormPage({
      ...guest.frame,
      section,
      path,
      id: token.id,
      isLegacy: token.kind === 'legacy',
      needsReason: false,
      key: '',
      choices: await readChoices(ctx, options, guest),
      ...entered,
    });
  }

  async function edit(ctx: Context, guest: Guest): Promise<void> {
    const token = await read(ctx, guest);
    showPage(ctx, await formPage(ctx, guest, token, { draft: draftOf(token), problems: {} }));
  }

  async function save(ctx: Context, guest: Guest, form: Form): Promise<void> {
    const token = await read(ctx, guest);
    const draft = readDraft(form);
    const params = paramsOf(ctx);
    const saved = await calls.change(ctx, guest.session, 'updateToken', {
      params,
      body: bodyOf(draft, token),
    });
    if (!('refusal' in saved)) return seeOther(ctx, `${base}${path}/${token.id}`);
    const problems = problemsOf(saved.refusal, guest.frame.locale);
    showPage(ctx, await formPage(ctx, guest, token, { draft, problems }), 400);
  }

  /** Does something that has a value for its answer. */
  const giving = (id: string, body: (form: Form) => unknown) =>
    desk.form(path, async (ctx, guest, form) => {
      const params = paramsOf(ctx);
      const given = await calls.change<ShownTokenWithValue>(ctx, guest.session, id, {
        params,
        body: body(form),
      });
      if ('refusal' in given) return await refuse(ctx, guest, given.refusal);
      showValue(ctx, guest, path, given.body);
    });

  async function refuse(ctx: Context, guest: Guest, refusal: Parameters<typeof problemsOf>[0]) {
    const problems = Object.values(problemsOf(refusal, guest.frame.locale)).join('; ');
    showPage(ctx, page(guest, await read(ctx, guest), problems), 400);
  }

  const pressing = (id: string, leadsTo: (params: Record<string, string>) => string) =>
    desk.form(path, async (ctx, guest) => {
      const params = paramsOf(ctx);
      const done = await calls.change(ctx, guest.session, id, { params });
      if ('refusal' in done) return await refuse(ctx, guest, done.refusal);
      seeOther(ctx, base + leadsTo(params));
    });

  const one = `${path}/{token_id}`;
  return {
    [one]: { answers: 'html', GET: desk.page(path, show) },
    [`${one}/edit`]: { answers: 'html', GET: desk.page(path, edit), POST: desk.form(path, save) },
    [`${one}/rotate`]: {
      answers: 'html',
      POST: giving('rotateToken', (form) => ({ overlap_seconds: Number(fieldOf(form, 'overlap_seconds')) })),
    },
    [`${one}/take`]: { answers: 'html', POST: giving('takeSharedTokenValue', () => undefined) },
    [`${one}/remove`]: {
      answers: 'html',
      GET: desk.page(path, async (ctx, guest) => {
        const token = tokenModel(await read(ctx, guest), guest.session.userId);
        showPage(ctx, tokenRemovalPage({ ...guest.frame, path, token, now: clock.now() }));
      }),
      POST: pressing('removeToken', () => path),
    },
    ...Object.fromEntries(
      Object.entries(acts).map(([act, id]) => [
        `${one}/${act}`,
        { answers: 'html' as const, POST: pressing(id, ({ token_id }) => `${path}/${token_id}`) },
      ]),
    ),
  };
}
