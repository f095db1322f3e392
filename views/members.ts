import { breakable } from './breakable.ts';
import { field, pageError, postForm, select } from './form.ts';
import { heading } from './heading.ts';
import { type Html, html, type Renderable } from './html.ts';
import { type Frame, layout } from './layout.ts';
import { isSearched, type ListModel, paging, searchForm, wayToAll } from './list.ts';
import type { Locale } from './locale.ts';
import { once } from './once.ts';
import { table } from './table.ts';

/** What somebody is in an organization. */
export type Role = 'administrator' | 'member';

/** A member in a list. */
export type ListedMember = { id: string; email: string; role: Role; isDisabled: boolean; joinedAt: Date };

/** An invitation that nobody has accepted yet. */
export type OpenInvitation = { id: string; email: string; role: Role; endsAt: Date };

/** A page of members, with the open invitations on the first; `mayChange` is whether its reader may invite. */
export type MembersModel = Frame & {
  list: ListModel;
  members: readonly ListedMember[];
  invitations: { open: readonly OpenInvitation[]; isMore: boolean } | undefined;
  mayChange: boolean;
  now: Date;
};

const path = '/admin/members';

/** The page that lists the members. */
export function membersPage(model: MembersModel): Html {
  const { base, locale, list, members, mayChange, now } = model;
  const words = locale.words.members;
  return layout(model, {
    title: words.title,
    main: html`${heading(words.title, words.lead, mayChange && html`<a class="button" href="${base}${path}/invite">${words.invite.title}</a>`)}
${searchForm(model, list)}
${
  members.length > 0
    ? table({
        caption: words.title,
        columns: [words.columns.email, words.columns.role, words.columns.state, words.columns.joined],
        rows: members.map((member) => [
          html`<a href="${base}${path}/${member.id}"><bdi>${breakable(member.email)}</bdi></a>`,
          words.roles[member.role],
          memberState(member, locale),
          locale.ago(member.joinedAt, now),
        ]),
      })
    : html`<p class="empty">${locale.words.list.nothingFound}</p>`
}
${members.length === 1 && !isSearched(list) && list.isFirst && html`<p class="empty">${words.empty}</p>`}
${wayToAll(model, list)}
${paging(model, list)}
${invitations(model)}`,
  });
}

function invitations(model: MembersModel): Html | false {
  const { locale, mayChange, now } = model;
  if (!model.invitations) return false;
  const { open, isMore } = model.invitations;
  const words = locale.words.members;
  const { title, none, more, columns, takeBack } = words.invitations;
  const press = (id: string) =>
    postForm(
      model,
      `${path}/invitations/${id}/remove`,
      html`<button class="quiet small">${takeBack}</button>`,
    );
  return html`<section>
<h2>${title}</h2>
${
  open.length > 0
    ? table({
        caption: title,
        columns: [columns.email, columns.role, columns.ends, ...(mayChange ? [columns.acts] : [])],
        rows: open.map(({ id, email, role, endsAt }): Renderable[] => [
          html`<bdi>${breakable(email)}</bdi>`,
          words.roles[role],
          locale.ago(endsAt, now),
          ...(mayChange ? [press(id)] : []),
        ]),
      })
    : html`<p class="hint">${none}</p>`
}
${isMore && html`<p class="note">${more}</p>`}
</section>`;
}

/** Who is to be invited; `problems` are sentences by field. */
export type InviteModel = Frame & {
  email: string;
  role: Role;
  problems: Readonly<Record<string, string>>;
};

/** The page that asks whom to invite. */
export function invitePage(model: InviteModel): Html {
  const { base, locale, email, role, problems } = model;
  const { members: words, tokens, frame } = locale.words;
  const hasProblems = Object.keys(problems).length > 0;
  return layout(model, {
    title: hasProblems ? frame.errorTitle(words.invite.title) : words.invite.title,
    main: html`<h1>${words.invite.title}</h1>
<p class="lead">${words.invite.lead}</p>
${hasProblems && pageError('invite-error', html`${tokens.refused} ${problems.form ?? tokens.form.someWrong}`, frame.error)}
${postForm(
  model,
  `${path}/invite`,
  html`${field({
    name: 'email',
    label: words.invite.email,
    value: email,
    problem: problems.email,
    attributes: html`type="email" maxlength="254" autocomplete="off" autocapitalize="none" spellcheck="false"`,
  })}
${select({
  name: 'role',
  label: words.invite.role,
  hint: words.invite.roleHint,
  value: role,
  options: Object.entries(words.roles).map(([value, label]) => ({ value, label })),
  problem: problems.role,
})}
<div class="acts">
<button>${words.invite.submit}</button>
<a class="button quiet" href="${base}${path}">${words.invite.cancel}</a>
</div>`,
)}`,
  });
}

/** The page that shows the link of an invitation, the only time. */
export function invitationLinkPage(model: Frame & { email: string; link: string; isMailed: boolean }): Html {
  const words = model.locale.words.members.link;
  return once(model, {
    title: words.title,
    lead: words.lead(model.email),
    value: model.link,
    notes: model.isMailed && html`<p class="note">${words.mailed}</p>`,
    path,
    done: words.done,
  });
}

/** Whether a member may act, as a mark with its word. */
export function memberState({ isDisabled }: { isDisabled: boolean }, { words }: Locale): Html {
  const state = isDisabled ? 'disabled' : 'active';
  return html`<span class="state ${state}">${words.members.states[state]}</span>`;
}
