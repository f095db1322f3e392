import { z } from 'zod';
import { AppError } from '../errors.ts';
import { algorithms } from '../keys/algorithm.ts';
import { keyPolicy, readyAt, replacedAt, stateOf } from '../keys/life.ts';
import { revokeKey, rotateKeys } from '../keys/rotation.ts';
import { listStoredKeys, type StoredKey } from '../keys/signing-key.ts';
import type { Database } from '../postgres/pool.ts';
import type { MasterSecrets } from '../secret.ts';
import { defineOperation, type Operation } from './operation.ts';

const tag = 'Signing keys';
const instant = z.iso.datetime();

const keySchema = z
  .object({
    kid: z.string(),
    alg: z.enum(algorithms),
    state: z.enum(['pending', 'active', 'retiring', 'retired', 'revoked']),
    published_at: instant,
    signs_from: instant.optional(),
    replaced_at: instant.optional().meta({ description: 'When its successor takes over, of an active key.' }),
    retired_at: instant.optional(),
    revoked_at: instant.optional(),
    needed_until: instant.meta({ description: 'Nothing that it has signed expires later.' }),
    public_key: z
      .record(z.string(), z.unknown())
      .meta({ description: 'The public half (RFC 7517); where everybody fetches it, is in the metadata.' }),
  })
  .meta({ id: 'SigningKey' });

/** A signing key on the wire. */
export type ShownKey = z.input<typeof keySchema>;

const keyList = z.object({ items: z.array(keySchema) });

/** The keys that sign JWTs. Only an operator's people change them: they are everybody's. */
export function keyOperations({ secrets }: { secrets: MasterSecrets }): Operation[] {
  return [
    defineOperation({
      id: 'listKeys',
      method: 'GET',
      path: '/keys',
      tag,
      summary: 'List the signing keys of the last year, and their life',
      scope: 'keys:read',
      result: keyList,
      handle: async ({ db }) => ({ status: 200, body: await showKeys(db) }),
    }),
    defineOperation({
      id: 'rotateKeys',
      method: 'POST',
      path: '/keys/rotate',
      tag,
      summary: 'Publish the next signing key',
      description:
        'It signs when everybody had the time to learn of it; `immediate` does not wait for that, and then who keeps the list of keys may refuse its tokens for five minutes.',
      scope: 'keys:write',
      body: z.strictObject({
        alg: z.enum(algorithms, `write one of ${algorithms.join(', ')}`).optional(),
        immediate: z.boolean('write true or false').default(false),
      }),
      example: { alg: 'ES256' },
      result: keyList,
      async handle({ db, body, record }) {
        const { alg: algorithm, immediate: isImmediate } = body;
        const isRotated = await rotateKeys(db, { secrets, isImmediate, ...(algorithm && { algorithm }) });
        if (!isRotated) throw new AppError('conflict', `There is no API whose JWTs ${algorithm} signs`);
        await record({ action: 'key.rotated', ...(algorithm && { details: { algorithm } }) });
        return { status: 200, body: await showKeys(db) };
      },
    }),
    defineOperation({
      id: 'revokeKey',
      method: 'DELETE',
      path: '/keys/{kid}',
      tag,
      summary: 'For an emergency: end a signing key at once',
      description: 'With every JWT that it has signed. Where it was active, its successor signs at once.',
      scope: 'keys:write',
      params: z.strictObject({ kid: z.string().regex(/^[\w-]{1,100}$/, 'write the kid of a key') }),
      status: 204,
      async handle({ db, params, record }) {
        if (!(await revokeKey(db, params.kid, { secrets })))
          throw new AppError('not_found', 'There is no such key that is not revoked yet');
        await record({ action: 'key.revoked', target: { kind: 'signing_key', id: params.kid } });
        return { status: 204 };
      },
    }),
  ];
}

async function showKeys(db: Database): Promise<z.input<typeof keyList>> {
  const { keys, now } = await listStoredKeys(db);
  return { items: keys.map((key) => showKey(key, now)) };
}

function showKey(key: StoredKey, now: Date): ShownKey {
  const state = stateOf(key, now);
  const signsFrom = key.activatedAt ?? (state === 'pending' ? readyAt(key, keyPolicy) : undefined);
  const replaced = state === 'active' && key.activatedAt ? replacedAt(key.activatedAt, keyPolicy) : undefined;
  return {
    kid: key.kid,
    alg: key.algorithm,
    state,
    published_at: key.publishedAt.toISOString(),
    ...(signsFrom && { signs_from: signsFrom.toISOString() }),
    ...(replaced && { replaced_at: replaced.toISOString() }),
    ...(key.retiredAt && { retired_at: key.retiredAt.toISOString() }),
    ...(key.revokedAt && { revoked_at: key.revokedAt.toISOString() }),
    needed_until: key.neededUntil.toISOString(),
    public_key: key.publicJwk as Record<string, unknown>,
  };
}
