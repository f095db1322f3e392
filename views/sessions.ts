import { breakable } from './breakable.ts';
import { postForm } from './form.ts';
import { type Html, html } from './html.ts';
import { type Frame, layout } from './layout.ts';
import { isSearched, type ListModel, paging, searchForm, wayToAll } from './list.ts';

/** A session in the list of its person's; `agent` is the system that its browser claims. */
export type ShownSession = {
  id: string;
  agent: string | undefined;
  address: string | undefined;
  since: Date;
  isHere: boolean;
};

/** Sessions of a person, the newest first: a part (`isMore`) or all; `others` is how many they have besides this one. */
export type SomeSessions = { sessions: readonly ShownSession[]; isMore: boolean; others: number };

/** A page of the list of them. */
export type SessionsModel = Frame & SomeSessions & { list: ListModel; now: Date };

const path = '/account/security/sessions';

/** The section that has the newest of them; its forms post `id` to `/account/security/sessions/end`. */
export function sessionSection(model: Frame & SomeSessions & { now: Date }): Html {
  const { base, locale, isMore } = model;
  return html`<section aria-labelledby="sessions-title">
<h2 id="sessions-title">${locale.words.security.sessions.title}</h2>
${listOf(model)}
${isMore && html`<p class="note"><a href="${base}${path}">${locale.words.list.all}</a></p>`}
${endOthers(model)}
</section>`;
}

/** The page that has all of them; its forms post `list=all` besides. */
export function sessionsPage(model: SessionsModel): Html {
  const { base, locale, list, sessions } = model;
  const words = locale.words.security.sessions;
  return layout(model, {
    title: words.title,
    main: html`<h1>${words.title}</h1>
<p class="lead"><a href="${base}/account/security">${locale.words.frame.places['/account/security']}</a></p>
${searchForm(model, list)}
${sessions.length > 0 ? listOf(model, whole) : isSearched(list) && html`<p class="empty">${locale.words.list.nothingFound}</p>`}
${wayToAll(model, list)}
${paging(model, list)}
${!isSearched(list) && endOthers(model, whole)}`,
  });
}

/** Whence a form was sent, so that it leads back there. */
const whole = html`<input type="hidden" name="list" value="all">`;

function listOf(model: Frame & SomeSessions & { now: Date }, from?: Html): Html {
  return html`<ul class="things">${model.sessions.map((session) => sessionItem(model, session, from))}</ul>`;
}

function endOthers(model: Frame & SomeSessions, from?: Html): Html | false {
  const { locale, others } = model;
  const label = locale.words.security.sessions.endOthers(locale.number(others));
  return (
    others > 0 && postForm(model, `${path}/end-others`, html`${from}<button class="quiet">${label}</button>`)
  );
}

function sessionItem(
  model: Frame & { now: Date },
  { id, agent, address, since, isHere }: ShownSession,
  from: Html | undefined,
): Html {
  const { locale, now } = model;
  const words = locale.words.security.sessions;
  const name = agent ?? words.unknown;
  return html`<li class="thing">
<div>
<p><strong>${name}</strong>${isHere && html` <span class="tag">${words.here}</span>`}</p>
<p class="hint">${words.since(locale.ago(since, now))}${address && html` ${words.from(breakable(address))}`}</p>
</div>
${
  !isHere &&
  postForm(
    model,
    `${path}/end`,
    html`<input type="hidden" name="id" value="${id}">${from}<button class="quiet small" aria-label="${`${words.end}: ${name}`}">${words.end}</button>`,
  )
}
</li>`;
}
