import type { Context } from 'koa';
import {
  type PolicyDraft,
  policiesPage,
  policyNarrowingPage,
  signInDemandPage,
} from '../../../views/policies.ts';
import { entityTag } from '../../api/entity-tag.ts';
import type { ShownPolicy, ShownPolicyEffect } from '../../api/policies.ts';
import type { ShownSignInPolicy } from '../../api/sign-in-policy.ts';
import { type Form, fieldOf, valuesOf } from '../../http/form.ts';
import type { Routes } from '../../http/router.ts';
import type { AccountOptions } from '../account/account.ts';
import { readResources } from '../account/resources.ts';
import { choicesOf, permissionsOf, spellPermissions } from '../account/token-draft.ts';
import type { Guest } from '../desk.ts';
import { seeOther, showPage } from '../page.ts';
import { fieldsOf, sentenceOf } from './refusal.ts';

const path = '/admin/policies';
const daySeconds = 86_400;

/** What the organization demands of its tokens, and of signing in. */
export function createPolicyRoutes(options: AccountOptions): Routes {
  const { base, desk, calls, resource } = options;
  const read = (ctx: Context, guest: Guest) => calls.read<ShownPolicy>(ctx, guest.session, 'showTokenPolicy');

  async function draw(
    ctx: Context,
    guest: Guest,
    given: { draft: PolicyDraft; condition: string; problems?: Record<string, string> },
  ): Promise<void> {
    const resources = await readResources(ctx, options, guest);
    const everything = resources.map((each) => [each.resource, Object.keys(each.scopes)] as const);
    const signIn = await calls.read<ShownSignInPolicy>(ctx, guest.session, 'showSignInPolicy');
    const page = policiesPage({
      ...guest.frame,
      problems: {},
      signIn: { isProviderRequired: signIn.identity_provider_required, condition: entityTag(signIn) },
      choices: choicesOf(
        Object.fromEntries(everything.map(([uri, scopes]) => [uri, scopes])),
        resources,
        resource,
      ),
      mayChange: guest.permissions.includes('policies:write'),
      isSaved: ctx.querystring === 'saved',
      ...given,
    });
    showPage(ctx, page, given.problems ? 400 : 200);
  }

  async function show(ctx: Context, guest: Guest): Promise<void> {
    const policy = await read(ctx, guest);
    await draw(ctx, guest, { draft: draftOf(policy), condition: entityTag(policy) });
  }

  async function save(ctx: Context, guest: Guest, form: Form): Promise<void> {
    const draft = readDraft(form);
    const before = await read(ctx, guest);
    const condition = fieldOf(form, 'condition') ?? '';
    const body = bodyOf(draft, before);
    const { locale } = guest.frame;
    if (!isConfirmed(form)) {
      const effect = await calls.change<ShownPolicyEffect>(ctx, guest.session, 'previewTokenPolicy', {
        body,
      });
      const tokens = 'refusal' in effect ? 0 : effect.body.narrowed_tokens;
      if (tokens > 0) return showPage(ctx, policyNarrowingPage({ ...guest.frame, draft, condition, tokens }));
    }
    const saved = await calls.change(ctx, guest.session, 'replaceTokenPolicy', { condition, body });
    if (!('refusal' in saved)) return seeOther(ctx, `${base}${path}?saved`);
    if (saved.refusal.code !== 'precondition_failed')
      return await draw(ctx, guest, { draft, condition, problems: fieldsOf(saved.refusal, locale) });
    const now = { draft: draftOf(before), condition: entityTag(before) };
    await draw(ctx, guest, { ...now, problems: { form: locale.words.policies.changed } });
  }

  async function saveSignIn(ctx: Context, guest: Guest, form: Form): Promise<void> {
    const condition = fieldOf(form, 'condition') ?? '';
    const body = { identity_provider_required: fieldOf(form, 'provider') === 'yes' };
    if (body.identity_provider_required && !isConfirmed(form)) {
      const now = await calls.read<ShownSignInPolicy>(ctx, guest.session, 'showSignInPolicy');
      const { members = 0, devices = 0, legacy_tokens: legacyTokens = 0 } = now.holdings ?? {};
      if (members + devices + legacyTokens > 0)
        return showPage(
          ctx,
          signInDemandPage({ ...guest.frame, condition, losses: { members, devices, legacyTokens } }),
        );
    }
    const saved = await calls.change(ctx, guest.session, 'replaceSignInPolicy', { condition, body });
    if (!('refusal' in saved)) return seeOther(ctx, `${base}${path}?saved`);
    const { locale } = guest.frame;
    const isChanged = saved.refusal.code === 'precondition_failed';
    const policy = await read(ctx, guest);
    await draw(ctx, guest, {
      draft: draftOf(policy),
      condition: entityTag(policy),
      problems: { form: isChanged ? locale.words.policies.changed : sentenceOf(saved.refusal, locale) },
    });
  }

  return {
    [path]: { answers: 'html', GET: desk.page(path, show), POST: desk.form(path, save) },
    [`${path}/sign-in`]: { answers: 'html', POST: desk.form(path, saveSignIn) },
  };
}

function isConfirmed(form: Form): boolean {
  return fieldOf(form, 'confirmed') === 'yes';
}

function draftOf(policy: ShownPolicy): PolicyDraft {
  const { longest_lifetime_seconds: longest, permissions } = policy;
  return {
    days: longest === null ? '' : String(Math.max(1, Math.floor(longest / daySeconds))),
    isExpiryRequired: policy.expiry_required,
    isApprovalRequired: policy.approval_required,
    isLimited: permissions !== null,
    permissions: spellPermissions(permissions ?? {}),
  };
}

function readDraft(form: Form): PolicyDraft {
  const isTicked = (name: string) => fieldOf(form, name) === 'yes';
  return {
    days: (fieldOf(form, 'days') ?? '').trim(),
    isExpiryRequired: isTicked('expiry'),
    isApprovalRequired: isTicked('approval'),
    isLimited: isTicked('limited'),
    permissions: valuesOf(form, 'permission'),
  };
}

/** Days that are left as they were shown leave the seconds as they were: they may be no whole days. */
function bodyOf(draft: PolicyDraft, before: ShownPolicy): Record<string, unknown> {
  const isKept = draft.days === draftOf(before).days;
  const days = draft.days === '' ? null : Number(draft.days) * daySeconds;
  return {
    longest_lifetime_seconds: isKept ? before.longest_lifetime_seconds : days,
    expiry_required: draft.isExpiryRequired,
    approval_required: draft.isApprovalRequired,
    permissions: draft.isLimited ? permissionsOf(draft.permissions) : null,
  };
}
