import type { Database } from '../../src/postgres/pool.ts';
import { sql } from '../../src/postgres/sql.ts';

const address = '2001:db8:1234:5678:9abc:def0:1234:5678';
const browser = 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/131.0.0.0 Safari/537.36';

/**
 * Lets this many devices in for a person as the demo program, in their organization if they have one, and has them used: the
 * first from 198.51.100.1 a minute ago. Program and membership are older from now on.
 */
export async function addDevices(db: Database, userId: string, count: number): Promise<void> {
  await db.query(sql`
    with program as (update clients set created_at = now() - interval '1 day' where id = 'demo-cli'),
      membership as (
        update members set joined_at = now() - interval '1 day' where user_id = ${userId}::uuid
        returning organization_id
      )
    insert into grants (
      id_digest, account_id, organization_id, client_id, payload, created_at, expires_at,
      approved_address, device_address, device_agent, last_used_at, last_used_address
    )
    select
      sha256(convert_to(${userId} || number, 'UTF8')), ${userId}, (select organization_id from membership), 'demo-cli',
      '{"resources":{"https://api.example.com":"read write"}}',
      now() - make_interval(mins => number), now() + interval '1 year', ${address}::inet,
      '198.51.100.0'::inet + number, 'postern/0.4.0 (linux)', now(), ${address}::inet
    from generate_series(1, ${count}) as number`);
}

/** Signs a person in with this many browsers: from 198.51.100.1 a minute ago, and so on. */
export async function addSessions(db: Database, userId: string, count: number): Promise<void> {
  await db.query(sql`
    insert into sessions (id_digest, user_id, amr, authenticated_at, expires_at, address, agent)
    select
      sha256(convert_to(${userId} || number, 'UTF8')), ${userId}::uuid, '{pwd}',
      now() - make_interval(mins => number), now() + interval '12 hours' - make_interval(mins => number),
      '198.51.100.0'::inet + number, ${browser}
    from generate_series(1, ${count}) as number`);
}
