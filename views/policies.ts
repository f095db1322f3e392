import { ending } from './ending.ts';
import { checkbox, field, pageError, postForm } from './form.ts';
import { type Html, html } from './html.ts';
import { type Frame, layout } from './layout.ts';
import { type PermissionChoice, permissionChoices } from './permission-choices.ts';

/** What is demanded of tokens; `days` is a number or '', permissions are spelled `resource scope`. */
export type PolicyDraft = {
  days: string;
  isExpiryRequired: boolean;
  isApprovalRequired: boolean;
  isLimited: boolean;
  permissions: readonly string[];
};

/** The policy as somebody sees it; `condition` names the state that is shown. */
export type PoliciesModel = Frame & {
  draft: PolicyDraft;
  choices: readonly PermissionChoice[];
  problems: Readonly<Record<string, string>>;
  condition: string;
  /** How members must sign in, with the name of its own state. */
  signIn: { isProviderRequired: boolean; condition: string };
  mayChange: boolean;
  isSaved: boolean;
};

/** What acts no more once an identity provider is required. */
export type SignInLosses = { members: number; devices: number; legacyTokens: number };

const path = '/admin/policies';

/** The page of what the organization demands of its tokens. */
export function policiesPage(model: PoliciesModel): Html {
  const { locale, problems, condition, mayChange, isSaved } = model;
  const { policies: words, tokens, frame } = locale.words;
  const hasProblems = Object.keys(problems).length > 0;
  return layout(model, {
    title: hasProblems ? frame.errorTitle(words.title) : words.title,
    main: html`<h1>${words.title}</h1>
<p class="lead">${words.lead}</p>
${hasProblems && pageError('policy-error', problems.form ?? html`${tokens.refused} ${tokens.form.someWrong}`, frame.error)}
${isSaved && html`<p class="done" role="status">${words.saved}</p>`}
${postForm(
  model,
  path,
  html`<input type="hidden" name="condition" value="${condition}">
<fieldset class="plain"${!mayChange && html` disabled`}>
<legend class="unseen">${words.title}</legend>
${fields(model)}
</fieldset>
${mayChange && html`<button>${words.save}</button>`}`,
)}
${signInPolicy(model)}`,
  });
}

function signInPolicy(model: PoliciesModel): Html {
  const { locale, signIn, mayChange } = model;
  const words = locale.words.policies.signIn;
  return html`<section>
<h2>${words.title}</h2>
${postForm(
  model,
  `${path}/sign-in`,
  html`<input type="hidden" name="condition" value="${signIn.condition}">
<fieldset class="plain"${!mayChange && html` disabled`}>
<legend class="unseen">${words.title}</legend>
<div class="checks">
${checkbox({
  name: 'provider',
  value: 'yes',
  label: words.provider,
  hint: words.providerHint,
  isChecked: signIn.isProviderRequired,
})}
</div>
</fieldset>
${mayChange && html`<button>${locale.words.policies.save}</button>`}`,
)}
</section>`;
}

function fields({ locale, draft, choices, problems }: PoliciesModel): Html {
  const words = locale.words.policies;
  return html`${field({
    name: 'days',
    label: words.days,
    hint: words.daysHint,
    value: draft.days,
    problem: problems.longest_lifetime_seconds,
    isOptional: true,
    attributes: html`type="number" min="1" max="3650" inputmode="numeric"`,
  })}
<div class="checks">
${checkbox({ name: 'expiry', value: 'yes', label: words.expiry, isChecked: draft.isExpiryRequired })}
${checkbox({ name: 'approval', value: 'yes', label: words.approval, isChecked: draft.isApprovalRequired })}
${checkbox({ name: 'limited', value: 'yes', label: words.limited, hint: words.limitedHint, isChecked: draft.isLimited })}
</div>
${permissionChoices({
  legend: words.permissions,
  hint: words.permissionsHint,
  choices,
  chosen: draft.permissions,
  problem: problems.permissions,
})}`;
}

/** The page that says how many tokens lose a permission with a policy, before it is saved. */
export function policyNarrowingPage(
  model: Frame & { draft: PolicyDraft; condition: string; tokens: number },
): Html {
  const { locale, draft, condition, tokens } = model;
  const { narrowing } = locale.words.policies;
  const ticked = (name: string, isTicked: boolean) => isTicked && hidden(name, 'yes');
  return ending(model, {
    ...narrowing,
    plainTitle: narrowing.title,
    losses: narrowing.losses(locale.number(tokens)),
    path,
    back: path,
    fields: html`${confirmed(condition)}
${hidden('days', draft.days)}
${ticked('expiry', draft.isExpiryRequired)}
${ticked('approval', draft.isApprovalRequired)}
${ticked('limited', draft.isLimited)}
${draft.permissions.map((permission) => hidden('permission', permission))}
`,
  });
}

/** The page that says what acts no more once a provider is required, before it is. */
export function signInDemandPage(model: Frame & { condition: string; losses: SignInLosses }): Html {
  const { locale, condition, losses } = model;
  const { demand } = locale.words.policies.signIn;
  return ending(model, {
    ...demand,
    plainTitle: demand.title,
    losses: html`${(['members', 'devices', 'legacyTokens'] as const)
      .filter((kind) => losses[kind] > 0)
      .map((kind) => html`<span class="line">${demand.losses[kind](locale.number(losses[kind]))}</span>`)}`,
    path: `${path}/sign-in`,
    back: path,
    fields: html`${confirmed(condition)}
${hidden('provider', 'yes')}
`,
  });
}

function confirmed(condition: string): Html {
  return html`${hidden('condition', condition)}
${hidden('confirmed', 'yes')}`;
}

function hidden(name: string, value: string): Html {
  return html`<input type="hidden" name="${name}" value="${value}">`;
}
