import type { Context } from 'koa';
import { clientSecretPage } from '../../../views/client.ts';
import { type ClientFormModel, clientFormPage } from '../../../views/client-form.ts';
import { clientsPage } from '../../../views/clients.ts';
import type { ShownClient } from '../../api/client-view.ts';
import type { Page } from '../../api/page.ts';
import { type Form, fieldOf } from '../../http/form.ts';
import type { Routes } from '../../http/router.ts';
import { randomText } from '../../secret.ts';
import type { AccountOptions } from '../account/account.ts';
import { listModel, listQuery } from '../account/list.ts';
import { readChoices } from '../account/tokens.ts';
import type { Guest } from '../desk.ts';
import { allowScript, seeOther, showPage } from '../page.ts';
import { emptyClient, listedClient, newClient, readClient } from './client-draft.ts';
import { fieldsOf } from './refusal.ts';
import { reserved } from './reserved.ts';

const path = '/admin/clients';

/** The programs of the organization, and registering one. */
export function createClientListRoutes(options: AccountOptions): Routes {
  const { base, desk, calls, clock } = options;

  async function show(ctx: Context, guest: Guest): Promise<void> {
    const asked = listQuery(ctx);
    const page = await calls.read<Page<ShownClient>>(ctx, guest.session, 'listClients', { query: asked });
    const list = listModel(path, asked, page.next_cursor);
    const mayChange = guest.permissions.includes('clients:write');
    const clients = page.items.map(listedClient);
    showPage(ctx, clientsPage({ ...guest.frame, list, clients, mayChange, now: clock.now() }));
  }

  async function page(ctx: Context, guest: Guest, given: Pick<ClientFormModel, 'draft' | 'problems'>) {
    const choices = await readChoices(ctx, options, guest);
    return clientFormPage({ ...guest.frame, choices, condition: '', key: randomText(), ...given });
  }

  async function register(ctx: Context, guest: Guest, form: Form): Promise<void> {
    const draft = readClient(form);
    const key = fieldOf(form, 'key') || randomText();
    const added = await calls.change<ShownClient & { client_secret?: string }>(
      ctx,
      guest.session,
      'createClient',
      { body: newClient(draft), key },
    );
    if ('refusal' in added) {
      const problems = fieldsOf(added.refusal, guest.frame.locale);
      return showPage(ctx, await page(ctx, guest, { draft, problems }), 400);
    }
    const { client_id: id, client_secret: secret } = added.body;
    if (secret === undefined) return seeOther(ctx, `${base}${path}/${encodeURIComponent(id)}`);
    allowScript(ctx);
    showPage(ctx, clientSecretPage({ ...guest.frame, id, secret }));
  }

  return {
    [path]: { answers: 'html', GET: desk.page(path, show), POST: desk.form(path, register) },
    [`${path}/new`]: {
      answers: 'html',
      GET: desk.page(
        path,
        reserved('clients:write', async (ctx, guest) => {
          showPage(ctx, await page(ctx, guest, { draft: emptyClient, problems: {} }));
        }),
      ),
    },
  };
}
