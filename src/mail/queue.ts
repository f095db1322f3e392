import { newestFirst, type Part, type Placed } from '../postgres/newest-first.ts';
import type { Database } from '../postgres/pool.ts';
import { type Sql, sql } from '../postgres/sql.ts';

/** A mail that nobody else tries to send for as long as the claim lasts. */
export type ClaimedMail = {
  id: string;
  kind: string;
  recipient: string;
  /** What it is about, for who takes it back. */
  topic: string | undefined;
  sealed: Buffer;
  /** Which try this is, the first being 1. */
  attempt: number;
  /** The one that the recipient has chosen, if they have an account and a choice. */
  language: string | undefined;
};

/** What became of a mail, without its content. */
export type MailState = {
  id: string;
  kind: string;
  recipient: string;
  organizationId: string | undefined;
  state: 'waiting' | 'sent' | 'failed';
  attempts: number;
  createdAt: Date;
  /** When it was sent or given up; of one that waits, when it is tried next. */
  at: Date;
  failure: string | undefined;
};

/** How long a try may take at most: then the mail is anybody's again. */
const claimSeconds = 120;

/** How long a mail is tried. */
const triedDays = 3;

/** How long it is known what became of a mail. */
const keptDays = 30;

const longestPauseHours = 6;

/** Claims the mail that is due the longest, if there is one. Any number of servers may ask at once. */
export async function claimMail(db: Database): Promise<ClaimedMail | undefined> {
  const [row] = await db.query<ClaimedRow>(sql`
    update mails set attempts = attempts + 1, due_at = now() + make_interval(secs => ${claimSeconds})
    where id = (
      select id from mails where sealed is not null and due_at <= now()
      order by due_at limit 1 for update skip locked
    )
    returning id, kind, recipient, topic, sealed, attempts as attempt,
      (select users.language from users where email = recipient) as language`);
  return row && { ...row, topic: row.topic ?? undefined, language: row.language ?? undefined };
}

/** It was sent; its content is forgotten. */
export async function settleSent(db: Database, id: string): Promise<void> {
  await db.query(sql`
    update mails set sent_at = now(), sealed = null, failure = null where id = ${id} and sealed is not null`);
}

/** It is never going to be sent; its content is forgotten. */
export async function settleFailed(db: Database, { id, attempt }: Claim, failure: string): Promise<void> {
  await db.query(sql`
    update mails set failed_at = now(), sealed = null, failure = ${failure}
    where id = ${id} and attempts = ${attempt} and sealed is not null`);
}

/** It is tried again after a pause that grows with each try; after `triedDays` it has failed. True if it has. */
export async function settleDeferred(
  db: Database,
  { id, attempt }: Claim,
  failure: string,
): Promise<boolean> {
  const isOver = sql`created_at < now() - make_interval(days => ${triedDays})`;
  const minutes = Math.min(2 ** (attempt - 1), longestPauseHours * 60);
  const [row] = await db.query<{ failed: boolean }>(sql`
    update mails set
      failure = ${failure},
      failed_at = case when ${isOver} then now() end,
      sealed = case when ${isOver} then null else sealed end,
      due_at = now() + make_interval(mins => ${minutes})
    where id = ${id} and attempts = ${attempt} and sealed is not null
    returning failed_at is not null as failed`);
  return row?.failed === true;
}

/** Nothing came of the try, and it does not count. */
export async function releaseMail(db: Database, { id, attempt }: Claim): Promise<void> {
  await db.query(sql`
    update mails set due_at = now(), attempts = attempts - 1
    where id = ${id} and attempts = ${attempt} and sealed is not null`);
}

/** What it tells is true no more: nobody is told that there was such a mail. */
export async function dropMail(db: Database, { id, attempt }: Claim): Promise<void> {
  await db.query(sql`delete from mails where id = ${id} and attempts = ${attempt} and sealed is not null`);
}

/** Lets all that is due wait: where the mail server is away, not each of them has to find out. */
export async function postponeMails(db: Database, seconds: number): Promise<void> {
  await db.query(sql`
    update mails set due_at = now() + make_interval(secs => ${seconds})
    where id in (select id from mails where sealed is not null and due_at <= now() for update skip locked)`);
}

/** A part of the mails, the newest first: of one organization or of all, in every state or in one. */
export async function listMails(
  db: Database,
  { organizationId, state }: { organizationId?: string; state?: MailState['state'] | undefined } = {},
  { after, limit = 100 }: Part = {},
): Promise<Placed<MailState>[]> {
  const rows = await db.query<Placed<MailRow>>(sql`
    select ${made.place}, id, kind, recipient, organization_id, attempts, created_at, failure, ${stateOf} as state,
      coalesce(sent_at, failed_at, due_at) as at
    from mails
    where (${organizationId}::uuid is null or organization_id = ${organizationId}::uuid)
      and (${state}::text is null or ${stateOf} = ${state})
      and ${made.behind(after)}
    order by ${made.order} limit ${limit}`);
  return rows.map((row) => ({
    place: row.place,
    id: row.id,
    kind: row.kind,
    recipient: row.recipient,
    organizationId: row.organization_id ?? undefined,
    state: row.state,
    attempts: row.attempts,
    createdAt: row.created_at,
    at: row.at,
    failure: row.failure ?? undefined,
  }));
}

/** Forgets up to `most` mails that were sent or given up weeks ago, and tells how many. Any number of servers may sweep at once. */
export async function sweepMails(db: Database, most = 1000): Promise<number> {
  const rows = await db.query(sql`
    delete from mails where id in (
      select id from mails where sealed is null and created_at < now() - make_interval(days => ${keptDays})
      limit ${most} for update skip locked
    )
    returning id`);
  return rows.length;
}

type Claim = Pick<ClaimedMail, 'id' | 'attempt'>;

const made = newestFirst(sql`created_at`, sql`id`);

const stateOf: Sql = sql`
  case when sent_at is not null then 'sent' when failed_at is not null then 'failed' else 'waiting' end`;

type ClaimedRow = Omit<ClaimedMail, 'topic' | 'language'> & { topic: string | null; language: string | null };

type MailRow = {
  id: string;
  kind: string;
  recipient: string;
  organization_id: string | null;
  state: MailState['state'];
  attempts: number;
  created_at: Date;
  at: Date;
  failure: string | null;
};
