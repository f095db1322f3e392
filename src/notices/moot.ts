import type { IsMoot } from '../mail/delivery.ts';
import type { Database } from '../postgres/pool.ts';
import { sql } from '../postgres/sql.ts';

/** What a mail about the end of a token is about. */
export function expiryTopic(tokenId: string): string {
  return `expiry ${tokenId}`;
}

/** What a mail about a token that waits for approval is about. */
export function approvalTopic(tokenId: string): string {
  return `approval ${tokenId}`;
}

/**
 * Tells of mails about tokens: moot where the token is gone, disabled, decided on or ends at another time than they say,
 * or where it is none of its recipient's business any more. `resource` is the URI of the management API.
 */
export function createMootness(db: Database, resource: string): IsMoot {
  return async ({ recipient, topic = '', data }) => {
    const [kind, tokenId] = topic.split(' ');
    if (kind === 'expiry') return !(await endsStill(db, { tokenId, recipient, data }));
    if (kind === 'approval') return !(await waitsStill(db, { tokenId, recipient, resource }));
    return false;
  };
}

type Concerned = { tokenId: string | undefined; recipient: string };

async function endsStill(
  db: Database,
  { tokenId, recipient, data }: Concerned & { data: unknown },
): Promise<boolean> {
  const { expiresAt } = data as { expiresAt: string };
  const rows = await db.query(sql`
    select 1 from api_tokens
      join live_memberships as own on own.organization_id = api_tokens.organization_id and own.user_id = owner_id
      join users on users.id = owner_id
    where api_tokens.id = ${tokenId}::uuid and api_tokens.disabled_at is null and users.disabled_at is null
      and users.email = ${recipient} and expires_at > now()
      and date_trunc('milliseconds', expires_at) = ${expiresAt}::timestamptz`);
  return rows.length > 0;
}

async function waitsStill(
  db: Database,
  { tokenId, recipient, resource }: Concerned & { resource: string },
): Promise<boolean> {
  const rows = await db.query(sql`
    select 1 from api_tokens
      join member_permissions as approver on approver.organization_id = api_tokens.organization_id
      join users on users.id = approver.user_id
    where api_tokens.id = ${tokenId}::uuid and approval = 'requested' and api_tokens.disabled_at is null
      and users.email = ${recipient} and approver.resource = ${resource} and approver.scope = 'tokens:manage'`);
  return rows.length > 0;
}
