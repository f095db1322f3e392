import type { Context } from 'koa';
import { type ResourceFormModel, resourceFormPage } from '../../../views/resource-form.ts';
import { resourcePage, resourcePlace, resourcesPage } from '../../../views/resources.ts';
import { entityTag } from '../../api/entity-tag.ts';
import type { Page } from '../../api/page.ts';
import type { ShownResource } from '../../api/resources.ts';
import { type Form, fieldOf } from '../../http/form.ts';
import { paramsOf, type Routes } from '../../http/router.ts';
import type { AccountOptions } from '../account/account.ts';
import { listModel, listQuery } from '../account/list.ts';
import type { Guest } from '../desk.ts';
import { resourceInWords } from '../own-api.ts';
import { seeOther, showPage } from '../page.ts';
import { fieldsOf } from './refusal.ts';
import { reserved } from './reserved.ts';
import {
  emptyResource,
  readResource,
  resourceBody,
  resourceDraftOf,
  resourceModel,
} from './resource-draft.ts';

const path = '/admin/resources';

/** The APIs, with who may do what there; only an operator's people change them. */
export function createResourceRoutes({ base, desk, calls, resource: own }: AccountOptions): Routes {
  const mayWrite = ({ permissions }: Guest) => permissions.includes('resources:write');
  const read = (ctx: Context, guest: Guest) =>
    calls.read<ShownResource>(ctx, guest.session, 'showResource', { params: paramsOf(ctx) });
  const inWords = (shown: ShownResource, { frame }: Guest) => resourceInWords(shown, own, frame.locale);

  async function list(ctx: Context, guest: Guest): Promise<void> {
    const asked = listQuery(ctx);
    const page = await calls.read<Page<ShownResource>>(ctx, guest.session, 'listResources', { query: asked });
    const model = {
      list: listModel(path, asked, page.next_cursor),
      resources: page.items.map((each) => resourceModel(inWords(each, guest))),
      mayChange: mayWrite(guest),
    };
    showPage(ctx, resourcesPage({ ...guest.frame, ...model }));
  }

  async function show(ctx: Context, guest: Guest): Promise<void> {
    const api = resourceModel(inWords(await read(ctx, guest), guest));
    // The server's own API comes with its version.
    const mayChange = mayWrite(guest) && api.uri !== own;
    showPage(ctx, resourcePage({ ...guest.frame, api, mayChange }));
  }

  function ask(ctx: Context, guest: Guest, given: Omit<ResourceFormModel, keyof Guest['frame']>): void {
    const status = Object.keys(given.problems).length > 0 ? 400 : 200;
    showPage(ctx, resourceFormPage({ ...guest.frame, ...given }), status);
  }

  async function register(ctx: Context, guest: Guest, form: Form): Promise<void> {
    const draft = readResource(form);
    const body = resourceBody(draft, true);
    const added = await calls.change<ShownResource>(ctx, guest.session, 'createResource', { body });
    if (!('refusal' in added)) return seeOther(ctx, base + resourcePlace(added.body.resource));
    const problems = fieldsOf(added.refusal, guest.frame.locale);
    ask(ctx, guest, { isNew: true, draft, problems, condition: '' });
  }

  async function save(ctx: Context, guest: Guest, form: Form): Promise<void> {
    const params = paramsOf(ctx);
    const draft = { ...readResource(form), uri: params.resource ?? '' };
    const condition = fieldOf(form, 'condition') ?? '';
    const body = resourceBody(draft, false);
    const saved = await calls.change(ctx, guest.session, 'updateResource', { params, condition, body });
    if (!('refusal' in saved)) return seeOther(ctx, base + resourcePlace(draft.uri));
    const problems = fieldsOf(saved.refusal, guest.frame.locale);
    ask(ctx, guest, { isNew: false, draft, problems, condition });
  }

  return {
    [path]: { answers: 'html', GET: desk.page(path, list), POST: desk.form(path, register) },
    [`${path}/new`]: {
      answers: 'html',
      GET: desk.page(
        path,
        reserved('resources:write', async (ctx, guest) => {
          ask(ctx, guest, { isNew: true, draft: emptyResource, problems: {}, condition: '' });
        }),
      ),
    },
    [`${path}/{resource}`]: { answers: 'html', GET: desk.page(path, show) },
    [`${path}/{resource}/edit`]: {
      answers: 'html',
      GET: desk.page(
        path,
        reserved('resources:write', async (ctx, guest) => {
          const shown = await read(ctx, guest);
          const draft = resourceDraftOf(shown);
          ask(ctx, guest, { isNew: false, draft, problems: {}, condition: entityTag(shown) });
        }),
      ),
      POST: desk.form(path, save),
    },
  };
}
