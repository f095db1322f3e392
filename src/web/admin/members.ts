import type { Context } from 'koa';
import {
  type InviteModel,
  invitationLinkPage,
  invitePage,
  type ListedMember,
  membersPage,
} from '../../../views/members.ts';
import type { ShownInvitation } from '../../api/invitations.ts';
import type { ShownMember } from '../../api/members.ts';
import type { Page } from '../../api/page.ts';
import { type Form, fieldOf } from '../../http/form.ts';
import { paramsOf, type Routes } from '../../http/router.ts';
import type { AccountOptions } from '../account/account.ts';
import { listModel, listQuery } from '../account/list.ts';
import type { Guest } from '../desk.ts';
import { allowScript, seeOther, showPage } from '../page.ts';
import { fieldsOf } from './refusal.ts';
import { reserved } from './reserved.ts';

const path = '/admin/members';

/** The members, and those who are to become some. */
export function createMemberListRoutes({ base, desk, calls, clock }: AccountOptions): Routes {
  async function show(ctx: Context, guest: Guest): Promise<void> {
    const asked = listQuery(ctx);
    const page = await calls.read<Page<ShownMember>>(ctx, guest.session, 'listMembers', { query: asked });
    const isWhole = asked.search === undefined && asked.cursor === undefined;
    const open = isWhole
      ? await calls.read<Page<ShownInvitation>>(ctx, guest.session, 'listInvitations', {
          query: { limit: '100' },
        })
      : undefined;
    showPage(
      ctx,
      membersPage({
        ...guest.frame,
        list: listModel(path, asked, page.next_cursor),
        members: page.items.map(listedMember),
        invitations: open && {
          open: open.items.map(({ id, email, role, expires_at }) => ({
            id,
            email,
            role,
            endsAt: new Date(expires_at),
          })),
          isMore: open.next_cursor !== undefined,
        },
        mayChange: guest.permissions.includes('members:write'),
        now: clock.now(),
      }),
    );
  }

  function ask(ctx: Context, guest: Guest, given: Pick<InviteModel, 'email' | 'role' | 'problems'>): void {
    const hasProblems = Object.keys(given.problems).length > 0;
    showPage(ctx, invitePage({ ...guest.frame, ...given }), hasProblems ? 400 : 200);
  }

  async function invite(ctx: Context, guest: Guest, form: Form): Promise<void> {
    const email = fieldOf(form, 'email') ?? '';
    const role = fieldOf(form, 'role') === 'administrator' ? 'administrator' : 'member';
    const made = await calls.change<{ email: string; link: string; mailed?: boolean }>(
      ctx,
      guest.session,
      'createInvitation',
      { body: { email, role } },
    );
    if ('refusal' in made) {
      const { locale } = guest.frame;
      const isMember = made.refusal.code === 'conflict';
      const problems = isMember
        ? { email: locale.words.members.invite.isMember }
        : fieldsOf(made.refusal, locale);
      return ask(ctx, guest, { email, role, problems });
    }
    allowScript(ctx);
    const { link, mailed: isMailed = false } = made.body;
    showPage(ctx, invitationLinkPage({ ...guest.frame, email: made.body.email, link, isMailed }));
  }

  async function takeBack(ctx: Context, { session }: Guest): Promise<void> {
    await calls.read(ctx, session, 'removeInvitation', { params: paramsOf(ctx) });
    seeOther(ctx, base + path);
  }

  return {
    [path]: { answers: 'html', GET: desk.page(path, show) },
    [`${path}/invite`]: {
      answers: 'html',
      GET: desk.page(
        path,
        reserved('members:write', async (ctx, guest) => {
          ask(ctx, guest, { email: '', role: 'member', problems: {} });
        }),
      ),
      POST: desk.form(path, invite),
    },
    [`${path}/invitations/{invitation_id}/remove`]: { answers: 'html', POST: desk.form(path, takeBack) },
  };
}

/** A member of the management API as the pages draw them. */
export function listedMember(member: ShownMember): ListedMember {
  return {
    id: member.user_id,
    email: member.email,
    role: member.role,
    isDisabled: member.disabled,
    joinedAt: new Date(member.joined_at),
  };
}
