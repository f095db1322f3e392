import type { LetterData } from '../../views/mail/templates.ts';
import type { Outbox } from '../mail/outbox.ts';
import type { Database } from '../postgres/pool.ts';
import { type Sql, sql } from '../postgres/sql.ts';
import { expiryTopic } from './moot.ts';

/**
 * Tells the owners of tokens that these end in 30, 7 or 1 days, once each. Only the last that has passed is told, and none
 * that had passed when the token was made. Any number of servers may at once; at most a hundred tokens, and how many is
 * returned.
 */
export async function tellExpiringTokens(
  db: Database,
  { outbox, issuer }: { outbox: Outbox<LetterData>; issuer: string },
): Promise<number> {
  if (!outbox.isOpen) return 0;
  return await db.transaction(async (tx) => {
    // What is being changed at this moment is left to the next time. PostgreSQL reads a row again that it had to wait
    // for, so no end is told that has just been moved.
    const tokens = await tx.query<ExpiringToken>(sql`
      with due as materialized (
        select api_tokens.id, api_tokens.expires_at, ${daysLeft} as days, api_tokens.name, organization_id,
          ceil(extract(epoch from api_tokens.expires_at - now()) / 86400)::integer as left_days, users.email, organizations.name as organization
        from api_tokens
          join members using (organization_id)
          join users on users.id = members.user_id
          join organizations on organizations.id = organization_id
        where members.user_id = owner_id and members.disabled_at is null and users.disabled_at is null
          and api_tokens.disabled_at is null and coalesce(approval, 'approved') = 'approved'
          and expires_at > now() and expires_at <= now() + interval '30 days'
          and api_tokens.created_at < expires_at - make_interval(days => ${daysLeft})
          and not exists (
            select from token_expiry_notices as told
            where token_id = api_tokens.id and told.expires_at = api_tokens.expires_at and days <= ${daysLeft}
          )
        limit 100
        for no key update of api_tokens skip locked
      ), noted as (
        insert into token_expiry_notices as told (token_id, expires_at, days)
        select id, expires_at, days from due
        on conflict (token_id) do update set expires_at = excluded.expires_at, days = excluded.days
          where told.expires_at <> excluded.expires_at or told.days > excluded.days
        returning token_id
      )
      select due.* from due join noted on noted.token_id = due.id`);
    for (const { id, name, organization, organization_id, left_days: days, expires_at, email } of tokens) {
      const expiresAt = expires_at.toISOString();
      const data = { token: name, organization, days, expiresAt, link: `${issuer}/account/tokens` };
      const mail = { recipient: email, topic: expiryTopic(id), organizationId: organization_id };
      await outbox.enqueue(tx, { kind: 'tokenExpiry', data, ...mail });
    }
    return tokens.length;
  });
}

/**
 * The end of a token was moved, in this transaction: what waits to be told of the one before is taken back, and who has
 * moved it need not be told where it is now.
 */
export async function forgetExpiry(tx: Database, tokenId: string, outbox: Outbox<LetterData>): Promise<void> {
  await outbox.withdraw(tx, expiryTopic(tokenId));
  await tx.query(sql`
    insert into token_expiry_notices as told (token_id, expires_at, days)
    select id, expires_at, ${daysLeft} from api_tokens
    where id = ${tokenId}::uuid and expires_at <= now() + interval '30 days'
    on conflict (token_id) do update set expires_at = excluded.expires_at, days = excluded.days`);
}

const daysLeft: Sql = sql`
  case
    when api_tokens.expires_at <= now() + interval '1 day' then 1
    when api_tokens.expires_at <= now() + interval '7 days' then 7
    else 30
  end`;

type ExpiringToken = {
  id: string;
  name: string;
  organization: string;
  organization_id: string;
  left_days: number;
  expires_at: Date;
  email: string;
};
