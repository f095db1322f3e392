import { breakable } from './breakable.ts';
import { ending } from './ending.ts';
import { fact } from './facts.ts';
import { checkbox, pageError, postForm, select } from './form.ts';
import { type Html, html } from './html.ts';
import { type Frame, layout } from './layout.ts';
import { type ListedMember, memberState } from './members.ts';
import { type PermissionChoice, permissionChoices, spellPermission } from './permission-choices.ts';

/** A member, how they must sign in, and how much ends with the membership. */
export type MemberModel = ListedMember & { isProviderRequired: boolean; tokens: number; devices: number };

/**
 * One member. `choices` are the permissions that its reader may give or take, `chosen` those that the member has;
 * `condition` names the state that the page shows, so that nobody overwrites what they have not seen.
 */
export type MemberPageModel = Frame & {
  member: MemberModel;
  choices: readonly PermissionChoice[];
  chosen: readonly string[];
  condition: string;
  mayChange: boolean;
  refusal?: string | undefined;
  now: Date;
};

const path = '/admin/members';

/** The page of one member: what is known, what they may do, and what can be done. */
export function memberPage(model: MemberPageModel): Html {
  const { locale, member, refusal, now, mayChange } = model;
  const words = locale.words.members;
  const { tokens: failed, frame } = locale.words;
  return layout(model, {
    title: refusal === undefined ? member.email : frame.errorTitle(member.email),
    main: html`<h1><bdi>${breakable(member.email)}</bdi></h1>
${refusal !== undefined && pageError('member-error', html`${failed.refused} ${refusal}`, frame.error)}
<dl class="facts columns">
${fact(words.facts.role, words.roles[member.role])}
${fact(words.facts.state, memberState(member, locale))}
${fact(words.facts.joined, locale.ago(member.joinedAt, now))}
${fact(words.facts.holds, words.holds(locale.number(member.tokens), locale.number(member.devices)))}
</dl>
${mayChange && acts(model)}`,
  });
}

function acts(model: MemberPageModel): Html {
  const { base, locale, member, choices, chosen, condition } = model;
  const words = locale.words.members.acts;
  const place = `${path}/${member.id}`;
  const kept = html`<input type="hidden" name="condition" value="${condition}">`;
  const offered = choices.flatMap(({ resource, scopes }) =>
    scopes.map(({ scope }) => spellPermission(resource, scope)),
  );
  const press = member.isDisabled ? 'enable' : 'disable';
  return html`<section>
${postForm(
  model,
  `${place}/role`,
  html`${kept}${select({
    name: 'role',
    label: locale.words.members.facts.role,
    hint: words.roleHint,
    value: member.role,
    options: Object.entries(locale.words.members.roles).map(([value, label]) => ({ value, label })),
  })}
<button class="quiet">${words.role}</button>`,
)}
</section>
<section>
${postForm(
  model,
  `${place}/permissions`,
  html`${kept}<input type="hidden" name="offered" value="${offered.join('\n')}">
${permissionChoices({ legend: words.permissions, hint: words.permissionsHint, choices, chosen })}
<button class="quiet">${words.save}</button>`,
)}
</section>
<section>
${postForm(
  model,
  `${place}/sign-in`,
  html`${kept}${checkbox({
    name: 'provider',
    value: 'yes',
    label: words.provider,
    hint: words.providerHint,
    isChecked: member.isProviderRequired,
  })}<button class="quiet">${words.saveProvider}</button>`,
)}
</section>
<section class="acts">
${postForm(model, `${place}/${press}`, html`<button class="quiet">${words[press]}</button>`)}
<a class="button danger" href="${base}${place}/remove">${words.remove}</a>
</section>
${!member.isDisabled && html`<p class="hint">${words.disable}: ${words.disableHint}</p>`}`;
}

/** The page that says what ends with a membership. */
export function memberRemovalPage(model: Frame & { member: MemberModel }): Html {
  const { locale, member } = model;
  const { removal } = locale.words.members;
  const place = `${path}/${member.id}`;
  return ending(model, {
    ...removal,
    title: removal.title(breakable(member.email)),
    losses: removal.losses(locale.number(member.tokens), locale.number(member.devices)),
    path: `${place}/remove`,
    back: place,
  });
}
