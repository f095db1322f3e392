import type { Context } from 'koa';
import { clientPage, clientRemovalPage, clientSecretPage, secretEndPage } from '../../../views/client.ts';
import { type ClientDraft, clientFormPage } from '../../../views/client-form.ts';
import type { ShownClient } from '../../api/client-view.ts';
import { entityTag } from '../../api/entity-tag.ts';
import { AppError } from '../../errors.ts';
import { type Form, fieldOf } from '../../http/form.ts';
import { paramsOf, type Routes } from '../../http/router.ts';
import type { AccountOptions } from '../account/account.ts';
import { readChoices } from '../account/tokens.ts';
import type { Guest } from '../desk.ts';
import { allowScript, seeOther, showPage } from '../page.ts';
import { changedClient, clientDraftOf, clientModel, readClient } from './client-draft.ts';
import { fieldsOf, sentenceOf } from './refusal.ts';
import { reserved } from './reserved.ts';

const path = '/admin/clients';

/** One program: its page, its form, its secrets and its end. */
export function createClientRoutes(options: AccountOptions): Routes {
  const { base, desk, calls, clock } = options;
  const placeOf = (ctx: Context) => `${path}/${encodeURIComponent(clientOf(ctx).client_id)}`;

  const read = (ctx: Context, guest: Guest) =>
    calls.read<ShownClient>(ctx, guest.session, 'showClient', { params: clientOf(ctx) });

  async function show(ctx: Context, guest: Guest, refusal?: AppError): Promise<void> {
    const client = clientModel(await read(ctx, guest));
    const mayChange = guest.permissions.includes('clients:write');
    const sentence = refusal && sentenceOf(refusal, guest.frame.locale);
    const model = { client, mayChange, refusal: sentence, now: clock.now() };
    showPage(ctx, clientPage({ ...guest.frame, ...model }), refusal ? 400 : 200);
  }

  /** Does something to the program, and goes to its page or, where that is gone, to the list. */
  const pressing = (id: string, body?: unknown, leadsTo = placeOf) =>
    desk.form(path, async (ctx, guest) => {
      const done = await calls.change(ctx, guest.session, id, { params: paramsOf(ctx), body });
      if ('refusal' in done) return await show(ctx, guest, done.refusal);
      seeOther(ctx, base + leadsTo(ctx));
    });

  async function formPage(
    ctx: Context,
    guest: Guest,
    given: { draft: ClientDraft; problems: Record<string, string>; condition: string },
  ) {
    const choices = await readChoices(ctx, options, guest);
    return clientFormPage({ ...guest.frame, id: clientOf(ctx).client_id, choices, key: '', ...given });
  }

  async function edit(ctx: Context, guest: Guest): Promise<void> {
    const client = await read(ctx, guest);
    const draft = clientDraftOf(client);
    showPage(ctx, await formPage(ctx, guest, { draft, problems: {}, condition: entityTag(client) }));
  }

  async function save(ctx: Context, guest: Guest, form: Form): Promise<void> {
    const before = clientDraftOf(await read(ctx, guest));
    const draft = { ...readClient(form, before), kind: before.kind };
    const condition = fieldOf(form, 'condition') ?? '';
    const body = changedClient(draft, before);
    const params = clientOf(ctx);
    const saved = await calls.change(ctx, guest.session, 'updateClient', { params, condition, body });
    if (!('refusal' in saved)) return seeOther(ctx, base + placeOf(ctx));
    const problems = fieldsOf(saved.refusal, guest.frame.locale);
    showPage(ctx, await formPage(ctx, guest, { draft, problems, condition }), 400);
  }

  async function addSecret(ctx: Context, guest: Guest): Promise<void> {
    const added = await calls.change<{ client_secret: string }>(ctx, guest.session, 'addClientSecret', {
      params: clientOf(ctx),
      body: {},
    });
    if ('refusal' in added) return await show(ctx, guest, added.refusal);
    allowScript(ctx);
    const { client_secret: secret } = added.body;
    showPage(ctx, clientSecretPage({ ...guest.frame, id: clientOf(ctx).client_id, secret }));
  }

  async function askEnd(ctx: Context, guest: Guest): Promise<void> {
    const client = clientModel(await read(ctx, guest));
    const { secret_id: secretId = '' } = paramsOf(ctx);
    if (!client.secrets.some(({ id }) => id === secretId)) throw new AppError('not_found');
    showPage(ctx, secretEndPage({ ...guest.frame, client, secretId, now: clock.now() }));
  }

  async function askRemoval(ctx: Context, guest: Guest): Promise<void> {
    const client = clientModel(await read(ctx, guest));
    showPage(ctx, clientRemovalPage({ ...guest.frame, client, now: clock.now() }));
  }

  const one = `${path}/{client_id}`;
  return {
    [one]: { answers: 'html', GET: desk.page(path, (ctx, guest) => show(ctx, guest)) },
    [`${one}/edit`]: {
      answers: 'html',
      GET: desk.page(path, reserved('clients:write', edit)),
      POST: desk.form(path, save),
    },
    [`${one}/disable`]: { answers: 'html', POST: pressing('updateClient', { disabled: true }) },
    [`${one}/enable`]: { answers: 'html', POST: pressing('updateClient', { disabled: false }) },
    [`${one}/remove`]: {
      answers: 'html',
      GET: desk.page(path, reserved('clients:write', askRemoval)),
      POST: pressing('removeClient', undefined, () => path),
    },
    [`${one}/secrets`]: { answers: 'html', POST: desk.form(path, addSecret) },
    [`${one}/secrets/{secret_id}/end`]: {
      answers: 'html',
      GET: desk.page(path, reserved('clients:write', askEnd)),
      POST: pressing('endClientSecret'),
    },
  };
}

function clientOf(ctx: Context): { client_id: string } {
  const { client_id = '' } = paramsOf(ctx);
  return { client_id };
}
