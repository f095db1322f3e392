import { actionInWords } from './action.ts';
import { breakable } from './breakable.ts';
import { fact } from './facts.ts';
import { field, select } from './form.ts';
import { type Html, html, type Renderable } from './html.ts';
import { type Frame, layout } from './layout.ts';
import { type ListModel, paging } from './list.ts';
import type { Locale } from './locale.ts';
import { table } from './table.ts';

/** Something that happened, as the audit log has it. */
export type AuditedEvent = {
  sequence: number;
  at: Date;
  action: string;
  outcome: 'success' | 'refused';
  reason?: string | undefined;
  actor: { kind: string; id?: string | undefined; name?: string | undefined; via?: string | undefined };
  target?: { kind: string; id: string | null; name?: string | undefined } | undefined;
  address?: string | undefined;
  agent?: string | undefined;
  requestId?: string | undefined;
  details: Readonly<Record<string, unknown>>;
};

/** What of the log is asked for; '' for anything, days as `2030-01-31`. */
export type AuditFilter = { action: string; actor: string; target: string; from: string; to: string };

/** A page of the audit log. */
export type AuditModel = Frame & {
  list: ListModel;
  filter: AuditFilter;
  events: readonly AuditedEvent[];
  now: Date;
};

/** The page that shows what has happened. */
export function auditPage(model: AuditModel): Html {
  const { base, locale, list, events } = model;
  const words = locale.words.audit;
  const filters = new URLSearchParams(list.filters).toString();
  return layout(model, {
    title: words.title,
    main: html`<h1>${words.title}</h1>
<p class="lead">${words.lead}</p>
${filterForm(model)}
${events.length > 0 ? listOf(model) : html`<p class="empty">${filters ? words.nothing : words.empty}</p>`}
${paging(model, list)}
<p class="note">${filters && html`<a href="${base}${list.path}">${words.filters.all}</a> `}${
      events.length > 0 &&
      html`<a href="${base}${list.path}/export${filters && `?${filters}`}" download>${words.filters.export}</a>`
    }</p>`,
  });
}

function filterForm({ base, locale, list, filter }: AuditModel): Html {
  const words = locale.words.audit.filters;
  const actions = Object.entries(locale.words.actions)
    .map(([value, label]) => ({ value, label }))
    .sort((one, other) => one.label.localeCompare(other.label, locale.language));
  const typed = (name: 'actor' | 'target', hint: string) =>
    field({
      name,
      label: words[name],
      hint,
      value: filter[name],
      isOptional: true,
      attributes: html`type="text" maxlength="300" autocomplete="off" autocapitalize="none" spellcheck="false"`,
    });
  const day = (name: 'from' | 'to') =>
    field({
      name,
      label: words[name],
      value: filter[name],
      isOptional: true,
      attributes: html`type="date"`,
    });
  return html`<form class="filters" method="get" action="${base}${list.path}" role="search">
${select({ name: 'action', label: words.action, value: filter.action, options: [{ value: '', label: words.anything }, ...actions] })}
${typed('actor', words.actorHint)}
${typed('target', words.targetHint)}
${day('from')}
${day('to')}
<button class="quiet">${words.submit}</button>
</form>`;
}

function listOf({ locale, events, now }: AuditModel): Html {
  const words = locale.words.audit;
  const { columns } = words;
  return table({
    caption: words.title,
    columns: [columns.action, columns.actor, columns.target, columns.from, columns.at],
    rows: events.map((event) => [
      html`${actionInWords(locale, event.action)}${
        event.outcome === 'refused' && html` <span class="state refused">${words.refused}</span>`
      }${more(event, locale)}`,
      actorOf(event, locale),
      targetOf(event, locale),
      event.address && html`<bdi>${breakable(event.address)}</bdi>`,
      locale.ago(event.at, now),
    ]),
  });
}

function actorOf({ actor }: AuditedEvent, { words }: Locale): Renderable {
  const name = actor.name ?? actor.id;
  return name === undefined ? known(words.audit.actors, actor.kind) : html`<bdi>${breakable(name)}</bdi>`;
}

function targetOf({ target }: AuditedEvent, { words }: Locale): Renderable {
  if (!target) return undefined;
  return html`${known(words.audit.targets, target.kind)} <bdi>${breakable(target.name ?? target.id ?? '')}</bdi>`;
}

function more(event: AuditedEvent, locale: Locale): Html {
  const words = locale.words.audit;
  const { actor, target } = event;
  const names = words.facts;
  const code = (text: string | null | undefined) => text && html`<code><bdi>${text}</bdi></code>`;
  const known: [string, Renderable][] = [
    [names.sequence, locale.number(event.sequence)],
    [names.action, code(event.action)],
    [names.outcome, words.outcomes[event.outcome]],
    [names.reason, code(event.reason)],
    [names.actorId, code(actor.id)],
    [names.via, code(actor.via)],
    [names.targetId, code(target?.id)],
    [names.agent, code(event.agent)],
    [names.request, code(event.requestId)],
    ...Object.entries(event.details).map(([name, value]): [string, Renderable] => [
      names.details,
      code(`${name}: ${typeof value === 'string' ? value : JSON.stringify(value)}`),
    ]),
  ];
  return html`<details class="more"><summary>${words.columns.details}</summary>
<dl class="facts">
${known.map(([name, value]) => value && fact(name, value))}
</dl></details>`;
}

function known(words: Readonly<Record<string, string>>, kind: string): string {
  return Object.hasOwn(words, kind) ? (words[kind] ?? kind) : kind;
}
