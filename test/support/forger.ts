import { type JWTPayload, SignJWT } from 'jose';
import { createKeySeal } from '../../src/keys/key-seal.ts';
import { listStoredKeys } from '../../src/keys/signing-key.ts';
import type { Database } from '../../src/postgres/pool.ts';
import { testSecret } from './server.ts';

/**
 * Signs with the key of the server itself, so that nothing but what a JWT says can be wrong with it. `undefined` leaves
 * a claim out.
 */
export async function signAsServer(
  db: Database,
  claims: JWTPayload,
  header: Record<string, unknown> = {},
): Promise<string> {
  const { keys } = await listStoredKeys(db);
  const active = keys.find((key) => key.algorithm === 'ES256' && key.activatedAt && key.sealed);
  if (!active?.sealed) throw new Error('no key signs');
  const key = createKeySeal([testSecret]).open(active.sealed);
  return await new SignJWT(claims)
    .setProtectedHeader({ alg: 'ES256', kid: active.kid, typ: 'at+jwt', ...header })
    .sign(key);
}
