import { Readable } from 'node:stream';
import type { Context } from 'koa';
import { type AuditedEvent, type AuditFilter, auditPage } from '../../../views/audit.ts';
import type { ShownAuditEvent } from '../../api/audit-events.ts';
import type { Page } from '../../api/page.ts';
import type { Routes } from '../../http/router.ts';
import type { AccountOptions } from '../account/account.ts';
import { listModel, listQuery } from '../account/list.ts';
import type { Guest } from '../desk.ts';
import { showPage } from '../page.ts';

const path = '/admin/audit';

/** With all that is told of them, so many still make a page that is there at once (60 kB). */
const eventsOnPage = '20';

type Events = Page<ShownAuditEvent>;

/** What has happened in the organization, on pages and as a file. */
export function createAuditRoutes({ desk, calls, clock }: AccountOptions): Routes {
  const readPage = (ctx: Context, guest: Guest, query: Record<string, string>) =>
    calls.read<Events>(ctx, guest.session, 'listAuditEvents', { query });

  async function show(ctx: Context, guest: Guest): Promise<void> {
    const { cursor } = listQuery(ctx);
    const filter = readFilter(ctx, guest);
    const page = await readPage(ctx, guest, {
      ...queryOf(filter),
      ...(cursor && { cursor }),
      limit: eventsOnPage,
    });
    const filters = Object.fromEntries(Object.entries(filter).filter(([, value]) => value !== ''));
    const list = { ...listModel(path, { ...(cursor && { cursor }) }, page.next_cursor), filters };
    const events = page.items.map(audited);
    showPage(ctx, auditPage({ ...guest.frame, list, filter, events, now: clock.now() }));
  }

  /** Each page is a call of its own: who may not read the log any more, gets no more of it. */
  async function* lines(ctx: Context, guest: Guest, first: Events, query: Record<string, string>) {
    for (let page = first; ; ) {
      yield page.items.map((event) => `${JSON.stringify(event)}\n`).join('');
      if (page.next_cursor === undefined) return;
      page = await readPage(ctx, guest, { ...query, cursor: page.next_cursor });
    }
  }

  async function send(ctx: Context, guest: Guest): Promise<void> {
    const query = { ...queryOf(readFilter(ctx, guest)), order: 'oldest', limit: '100' };
    // Before anything is sent, so that a refusal has its page.
    const first = await readPage(ctx, guest, query);
    ctx.type = 'application/jsonl';
    ctx.set('Content-Disposition', 'attachment; filename="audit.jsonl"');
    ctx.body = Readable.from(lines(ctx, guest, first, query));
  }

  return {
    [path]: { answers: 'html', GET: desk.page(path, show) },
    [`${path}/export`]: { answers: 'html', GET: desk.page(path, send) },
  };
}

function readFilter(ctx: Context, { frame }: Guest): AuditFilter {
  const given = new URLSearchParams(ctx.querystring);
  const text = (name: string) => given.get(name)?.trim().slice(0, 300).replaceAll('\0', '') ?? '';
  const day = (name: string) => (isDay(text(name)) ? text(name) : '');
  const action = Object.hasOwn(frame.locale.words.actions, text('action')) ? text('action') : '';
  return { action, actor: text('actor'), target: text('target'), from: day('from'), to: day('to') };
}

function queryOf({ action, actor, target, from, to }: AuditFilter): Record<string, string> {
  return {
    ...(action && { action }),
    ...(actor && { actor }),
    ...(target && { target }),
    ...(from && { from: `${from}T00:00:00Z` }),
    ...(to && to !== lastDay && { to: dayAfter(to) }),
  };
}

/** A year of five digits nobody can write: up to its last day is for ever. */
const lastDay = '9999-12-31';

/** The day that is named is still in it. */
function dayAfter(day: string): string {
  return new Date(Date.parse(day) + 86_400_000).toISOString();
}

function isDay(text: string): boolean {
  return /^\d{4}-\d\d-\d\d$/.test(text) && new Date(`${text}T00:00:00Z`).toJSON()?.startsWith(text) === true;
}

function audited(event: ShownAuditEvent): AuditedEvent {
  const { at, request_id: requestId, ...rest } = event;
  return { ...rest, at: new Date(at), requestId };
}
