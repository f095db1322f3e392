import type { Context } from 'koa';
import type { Locale } from '../../../views/locale.ts';
import { type MemberModel, memberPage, memberRemovalPage } from '../../../views/member.ts';
import { spellPermission } from '../../../views/permission-choices.ts';
import { entityTag } from '../../api/entity-tag.ts';
import type { ShownMe } from '../../api/me.ts';
import type { ShownMember } from '../../api/members.ts';
import { type Form, fieldOf, valuesOf } from '../../http/form.ts';
import { paramsOf, type Routes } from '../../http/router.ts';
import type { AccountOptions } from '../account/account.ts';
import { readResources } from '../account/resources.ts';
import type { Guest } from '../desk.ts';
import { seeOther, showPage } from '../page.ts';
import { adjustmentsOf, listOffers, type Offer } from './adjustments.ts';
import { listedMember } from './members.ts';
import { sentenceOf } from './refusal.ts';
import { reserved } from './reserved.ts';

const path = '/admin/members';

/** One member: what they may do, and whether they may do anything. */
export function createMemberRoutes(options: AccountOptions): Routes {
  const { base, desk, calls, clock, resource } = options;
  const read = (ctx: Context, guest: Guest) =>
    calls.read<ShownMember>(ctx, guest.session, 'showMember', { params: paramsOf(ctx) });

  async function readOffers(ctx: Context, guest: Guest, member: ShownMember): Promise<Offer[]> {
    const me = await calls.read<ShownMe>(ctx, guest.session, 'showMe');
    const resources = await readResources(ctx, options, guest);
    return listOffers(member, me.permissions, resources, resource);
  }

  async function show(ctx: Context, guest: Guest, refusal?: string): Promise<void> {
    const member = await read(ctx, guest);
    const mayChange = guest.permissions.includes('members:write');
    const offers = mayChange ? await readOffers(ctx, guest, member) : [];
    const model = {
      member: memberModel(member),
      choices: choicesOf(offers, guest.frame.locale),
      chosen: offers.filter(({ has }) => has).map((offer) => spellPermission(offer.resource, offer.scope)),
      condition: entityTag(member),
      mayChange,
      refusal,
      now: clock.now(),
    };
    showPage(ctx, memberPage({ ...guest.frame, ...model }), refusal === undefined ? 200 : 400);
  }

  const saving = (bodyOf: (ctx: Context, guest: Guest, form: Form) => Promise<unknown> | unknown) =>
    desk.form(path, async (ctx, guest, form) => {
      const params = paramsOf(ctx);
      const condition = fieldOf(form, 'condition') ?? '';
      const body = await bodyOf(ctx, guest, form);
      const done = await calls.change(ctx, guest.session, 'updateMember', { params, condition, body });
      if ('refusal' in done) return await show(ctx, guest, sentenceOf(done.refusal, guest.frame.locale));
      seeOther(ctx, `${base}${path}/${params.user_id}`);
    });

  async function adjustments(ctx: Context, guest: Guest, form: Form) {
    const member = await read(ctx, guest);
    const offers = await readOffers(ctx, guest, member);
    const ticked = valuesOf(form, 'permission');
    const offered = (fieldOf(form, 'offered') ?? '').split(/\r?\n/);
    return adjustmentsOf(member, offers, { offered, ticked });
  }

  async function remove(ctx: Context, guest: Guest): Promise<void> {
    const done = await calls.change(ctx, guest.session, 'removeMember', { params: paramsOf(ctx) });
    if ('refusal' in done) return await show(ctx, guest, sentenceOf(done.refusal, guest.frame.locale));
    seeOther(ctx, base + path);
  }

  async function askRemoval(ctx: Context, guest: Guest): Promise<void> {
    const member = memberModel(await read(ctx, guest));
    showPage(ctx, memberRemovalPage({ ...guest.frame, member }));
  }

  const one = `${path}/{user_id}`;
  return {
    [one]: { answers: 'html', GET: desk.page(path, (ctx, guest) => show(ctx, guest)) },
    [`${one}/role`]: {
      answers: 'html',
      POST: saving((_ctx, _guest, form) => ({ role: fieldOf(form, 'role') })),
    },
    [`${one}/permissions`]: { answers: 'html', POST: saving(adjustments) },
    [`${one}/sign-in`]: {
      answers: 'html',
      POST: saving((_ctx, _guest, form) => ({
        identity_provider_required: fieldOf(form, 'provider') === 'yes',
      })),
    },
    [`${one}/disable`]: { answers: 'html', POST: saving(() => ({ disabled: true })) },
    [`${one}/enable`]: { answers: 'html', POST: saving(() => ({ disabled: false })) },
    [`${one}/remove`]: {
      answers: 'html',
      GET: desk.page(path, reserved('members:write', askRemoval)),
      POST: desk.form(path, remove),
    },
  };
}

function memberModel(member: ShownMember): MemberModel {
  const { tokens = 0, devices = 0 } = member.holdings ?? {};
  const isProviderRequired = member.identity_provider_required;
  return { ...listedMember(member), isProviderRequired, tokens, devices };
}

function choicesOf(offers: readonly Offer[], { words }: Locale) {
  const { given, taken } = words.members.acts;
  return [...Map.groupBy(offers, (offer) => offer.resource)].map(([resource, same]) => ({
    resource,
    name: same[0]?.name ?? resource,
    scopes: same.map(({ scope, description, has, isOfRole }) => ({
      scope,
      description,
      ...(has !== isOfRole && { remark: has ? given : taken }),
    })),
  }));
}
