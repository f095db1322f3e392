import type { JWK } from 'jose';
import type { Database } from '../postgres/pool.ts';
import { sql } from '../postgres/sql.ts';
import { type Algorithm, algorithms, createKeyPair, defaultAlgorithm } from './algorithm.ts';
import type { KeySeal, SealedKey } from './key-seal.ts';
import { isPublished, type KeyLife } from './life.ts';

/** A key as it is stored. The private half is gone as soon as it signs no more. */
export type StoredKey = KeyLife & {
  /** As it is published: with `kid`, `alg` and `use`. */
  publicJwk: JWK;
  sealed: SealedKey | undefined;
};

/** What is told to every server when a key changes (LISTEN). */
export const signingKeysChannel = 'signing_keys';

type Row = {
  kid: string;
  algorithm: Algorithm;
  public_jwk: JWK;
  sealed_private_jwk: Buffer | null;
  sealed_by: string | null;
  created_at: Date;
  activated_at: Date | null;
  retired_at: Date | null;
  revoked_at: Date | null;
  needed_until: Date;
};

/** All that decides on the keys, at one instant of the clock that their life goes by. */
export type StoredKeys = {
  /** Oldest first. */
  keys: StoredKey[];
  /** The default, and those that JWTs for some resource are signed with. */
  algorithms: Algorithm[];
  now: Date;
};

/** Every key. */
export async function listStoredKeys(db: Database): Promise<StoredKeys> {
  // One row more than there are keys, so that an empty table still tells the time.
  const rows = await db.query<Row & { asked: Algorithm[]; now: Date }>(
    sql`select signing_keys.*, instant.*
        from (
          select now() as now, array(
            select distinct access_token_algorithm from resources where access_token_format = 'jwt'
          ) as asked
        ) as instant left join signing_keys on true
        order by signing_keys.created_at, kid`,
  );
  const { now, asked } = rows[0] as { now: Date; asked: Algorithm[] };
  return {
    now,
    algorithms: algorithms.filter((each) => each === defaultAlgorithm || asked.includes(each)),
    keys: rows.filter(({ kid }) => kid !== null).map(toKey),
  };
}

/** The public keys as they are published; needs no master secret. */
export async function listPublicKeys(db: Database): Promise<JWK[]> {
  const { keys, now } = await listStoredKeys(db);
  return keys.filter((key) => isPublished(key, now)).map(({ publicJwk }) => publicJwk);
}

/** Makes a key pair and publishes it; it signs nothing yet. Throws where the algorithm has a pending key already. */
export async function addSigningKey(db: Database, seal: KeySeal, algorithm: Algorithm): Promise<string> {
  const { kid, publicJwk, privateJwk } = await createKeyPair(algorithm);
  const { sealed, sealedBy } = seal.seal(kid, privateJwk);
  await db.query(
    sql`insert into signing_keys (kid, algorithm, public_jwk, sealed_private_jwk, sealed_by)
        values (${kid}, ${algorithm}, ${JSON.stringify(publicJwk)}, ${sealed}, ${sealedBy})`,
  );
  return kid;
}

/**
 * Lets a pending key sign; the one that signed before stays published for what it has signed, and for `lingerSeconds` at
 * least: another server may sign with it until it has heard of this, and not all that is signed expires.
 */
export async function activateSigningKey(db: Database, kid: string, lingerSeconds: number): Promise<void> {
  await db.query(
    sql`update signing_keys set retired_at = now(), sealed_private_jwk = null, sealed_by = null,
          needed_until = greatest(needed_until, now() + make_interval(secs => ${lingerSeconds}))
        where algorithm = (select algorithm from signing_keys where kid = ${kid})
          and activated_at is not null and retired_at is null and revoked_at is null`,
  );
  await db.query(
    sql`update signing_keys set activated_at = now()
        where kid = ${kid} and activated_at is null and revoked_at is null`,
  );
}

/** Ends a key at once. False where there is none of this id that has not been revoked. */
export async function revokeSigningKey(db: Database, kid: string): Promise<boolean> {
  const rows = await db.query(
    sql`update signing_keys set revoked_at = now(), sealed_private_jwk = null, sealed_by = null
        where kid = ${kid} and revoked_at is null returning 1`,
  );
  return rows.length === 1;
}

/** Keeps a key published until `end` (seconds since the epoch) or longer, and returns until when that is. */
export async function extendNeed(db: Database, kid: string, end: number): Promise<number | undefined> {
  const [row] = await db.query<{ until: number }>(
    sql`update signing_keys set needed_until = greatest(needed_until, to_timestamp(${end}::float8))
        where kid = ${kid} returning extract(epoch from needed_until)::float8 as until`,
  );
  return row?.until;
}

/** Puts a private half under another seal. */
export async function storeSealedKey(db: Database, { kid, sealed, sealedBy }: SealedKey): Promise<void> {
  await db.query(
    sql`update signing_keys set sealed_private_jwk = ${sealed}, sealed_by = ${sealedBy} where kid = ${kid}`,
  );
}

/** Removes keys whose last signature expired a year ago; until then they can be looked up. */
export async function removeOldKeys(db: Database): Promise<void> {
  await db.query(
    sql`delete from signing_keys
        where coalesce(revoked_at, retired_at) is not null
          and greatest(needed_until, revoked_at, retired_at) < now() - interval '1 year'`,
  );
}

/** Tells every server, as soon as the transaction is committed. */
export async function announceKeys(db: Database): Promise<void> {
  await db.query(sql`select pg_notify(${signingKeysChannel}, '')`);
}

function toKey(row: Row): StoredKey {
  const { kid, algorithm, public_jwk: publicJwk, sealed_private_jwk: sealed } = row;
  return {
    kid,
    algorithm,
    publicJwk: { ...publicJwk, kid, alg: algorithm, use: 'sig' },
    publishedAt: row.created_at,
    activatedAt: row.activated_at ?? undefined,
    retiredAt: row.retired_at ?? undefined,
    revokedAt: row.revoked_at ?? undefined,
    neededUntil: row.needed_until,
    sealed: sealed ? { kid, sealed, sealedBy: row.sealed_by ?? undefined } : undefined,
  };
}
