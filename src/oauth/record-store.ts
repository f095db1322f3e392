import { type Adapter, type AdapterPayload, errors, Provider } from 'oidc-provider';
import { epochSeconds } from '../clock.ts';
import type { Database } from '../postgres/pool.ts';
import { type Sql, sql } from '../postgres/sql.ts';
import { deriveKey, hmac, open, seal, sha256 } from '../secret.ts';
import { refuseConsumed, revive, type StoreOptions } from './store.ts';

type RecordRow = { sealed: Buffer; consumed: number | null; expired: boolean | null };

/** The models that a grant's revocation reaches; the engine's in-memory adapter has the same list. */
const grantable = new Set([
  'AccessToken',
  'AuthorizationCode',
  'RefreshToken',
  'DeviceCode',
  'BackchannelAuthenticationRequest',
  'PreAuthorizedCode',
]);

/** Any model of the engine. Payloads are sealed under the id (or uid) itself: without it, a row tells nothing. */
export function createRecordStore(db: Database, model: string, options: StoreOptions): Adapter {
  const keyed = (id: string): Sql => sql`model = ${model} and id_digest = ${sha256(id)}`;

  // A user code is too short to seal anything by itself.
  const underUserCode = (key: Uint8Array, userCode: string) =>
    hmac(key, `record ${userCode}`).toString('hex');

  async function read(
    where: Sql,
    column: 'sealed' | 'sealed_for_uid',
    key: string,
  ): Promise<AdapterPayload | undefined> {
    const [row] = await db.query<RecordRow>(
      sql`select ${sql.identifier(column)} as sealed, expires_at <= now() as expired,
            extract(epoch from consumed_at)::float8 as consumed
          from records where ${where} order by created_at desc limit 1`,
    );
    const plain = row && open(recordKey(key), row.sealed, model);
    if (!row || !plain) return undefined;
    const { id, payload } = JSON.parse(plain.toString()) as { id: string; payload: AdapterPayload };
    const revived = revive(payload, { ...row, jti: id, now: epochSeconds() });
    // Not every model calls its id `jti` (a client does not).
    if (!('jti' in payload)) delete revived.jti;
    return revived;
  }

  return {
    find: (id) => read(keyed(id), 'sealed', id),
    findByUid: (uid) => read(sql`model = ${model} and uid_digest = ${sha256(uid)}`, 'sealed_for_uid', uid),
    async findByUserCode(userCode) {
      for (const key of options.userCodeKeys) {
        const wanted = sql`model = ${model} and user_code = ${hmac(key, userCode)}`;
        const found = await read(wanted, 'sealed_for_uid', underUserCode(key, userCode));
        if (found) return found;
      }
      return undefined;
    },
    async upsert(id, payload, expiresIn) {
      const plain = JSON.stringify({ id, payload });
      const uid = model === 'Session' && payload.uid ? payload.uid : undefined;
      const [userCodeKey] = options.userCodeKeys;
      const other = uid ?? (payload.userCode && underUserCode(userCodeKey, payload.userCode));
      const grantId = grantable.has(model) ? payload.grantId : undefined;
      const rows = await db.query(
        sql`insert into records as old
              (model, id_digest, sealed, uid_digest, user_code, sealed_for_uid, grant_digest, expires_at)
            values (${model}, ${sha256(id)}, ${seal(recordKey(id), plain, model)}, ${uid ? sha256(uid) : null},
              ${payload.userCode ? hmac(userCodeKey, payload.userCode) : null},
              ${other ? seal(recordKey(other), plain, model) : null}, ${grantId ? sha256(grantId) : null},
              now() + make_interval(secs => ${expiresIn ?? null}::float8))
            on conflict (model, id_digest) do update set sealed = excluded.sealed, uid_digest = excluded.uid_digest,
              user_code = excluded.user_code, sealed_for_uid = excluded.sealed_for_uid,
              grant_digest = excluded.grant_digest, expires_at = excluded.expires_at
            where old.model <> 'ReplayDetection' or old.expires_at < now()
            returning 1`,
      );
      if (rows.length === 0) refuseReplay();
    },
    async consume(id) {
      const rows = await db.query(
        sql`update records set consumed_at = now() where ${keyed(id)} and consumed_at is null returning 1`,
      );
      if (rows.length === 0) refuseConsumed();
    },
    async destroy(id) {
      await db.query(sql`delete from records where ${keyed(id)}`);
    },
    async revokeByGrantId(grantId) {
      await db.query(sql`delete from records where model = ${model} and grant_digest = ${sha256(grantId)}`);
    },
  };
}

/** A client assertion or DPoP proof came twice (RFC 7523 section 3, RFC 9449 section 11.1); the database saw it first. */
function refuseReplay(): never {
  const assertion = Provider.ctx?.oidc.params?.client_assertion;
  if (assertion) throw new errors.InvalidClientAuth('client assertion tokens must only be used once');
  throw new errors.InvalidDpopProof('DPoP proof JWT replay detected');
}

function recordKey(id: string): Buffer {
  return deriveKey(id, 'record');
}
