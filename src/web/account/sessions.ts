import type { Context } from 'koa';
import { type SomeSessions, sessionsPage } from '../../../views/sessions.ts';
import type { OwnCalls } from '../../api/own-calls.ts';
import type { Page } from '../../api/page.ts';
import type { ShownSession } from '../../api/sessions.ts';
import { claimedSystem } from '../../claimed-system.ts';
import { type Form, fieldOf } from '../../http/form.ts';
import type { Handler, Routes } from '../../http/router.ts';
import type { Guest } from '../desk.ts';
import { showPage } from '../page.ts';
import type { AccountOptions } from './account.ts';
import { listModel, listQuery } from './list.ts';
import { createSureDesk } from './sure-desk.ts';

const security = '/account/security';
const place = `${security}/sessions`;

/** All sessions of a person, and their end; `doing` makes the handler of a form that calls an operation. */
export function createSessionRoutes(
  options: AccountOptions,
  doing: (id: string, param: string | undefined, whence: (form: Form) => string) => Handler,
): Routes {
  const { calls, clock } = options;
  const desk = createSureDesk(options);

  async function show(ctx: Context, guest: Guest): Promise<void> {
    const asked = listQuery(ctx);
    const { next, ...sessions } = await readSessions(calls, ctx, guest, { ...asked, limit: '30' });
    showPage(
      ctx,
      sessionsPage({ ...guest.frame, ...sessions, list: listModel(place, asked, next), now: clock.now() }),
    );
  }

  const whence = (form: Form) => (fieldOf(form, 'list') === undefined ? security : place);
  return {
    [place]: { answers: 'html', GET: desk.page(show) },
    [`${place}/end`]: { answers: 'html', POST: doing('endSession', 'session_id', whence) },
    [`${place}/end-others`]: { answers: 'html', POST: doing('endOtherSessions', undefined, whence) },
  };
}

/** Reads a part of somebody's sessions. */
export async function readSessions(
  calls: OwnCalls,
  ctx: Context,
  { session }: Guest,
  query: Record<string, string>,
): Promise<SomeSessions & { next: string | undefined }> {
  const page = await calls.read<Page<ShownSession> & { others: number }>(ctx, session, 'listSessions', {
    query,
  });
  const { items, others, next_cursor: next } = page;
  return {
    sessions: items.map(({ id, agent = '', address, authenticated_at, current }) => ({
      id,
      agent: claimedSystem(agent),
      address,
      since: new Date(authenticated_at),
      isHere: current,
    })),
    isMore: next !== undefined,
    others,
    next,
  };
}
