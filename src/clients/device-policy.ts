import type { Database } from '../postgres/pool.ts';
import { sql } from '../postgres/sql.ts';
import type { Registration } from './registration.ts';

/**
 * Writes what is demanded of who approves the client's device codes, and how long the device then stays signed in. A
 * client that registered itself has no word in it.
 */
export async function setDevicePolicy(tx: Database, registration: Registration): Promise<void> {
  await tx.query(sql`
    update clients set verification_uri_complete = ${registration.verificationUriComplete ?? true}::boolean,
      number_matching = ${registration.numberMatching ?? false}::boolean,
      same_network = ${registration.sameNetwork ?? false}::boolean,
      step_up_scopes = ${registration.stepUpScopes ?? []}::text[],
      refresh_token_seconds = ${registration.refreshTokenSeconds}::integer
    where id = ${registration.id}`);
}
