import { z } from 'zod';

/** Public keys of a client (RFC 7517), as it registered them. */
export type PublicKeys = { keys: Record<string, unknown>[] };

const members: Record<string, string[]> = { EC: ['crv', 'x', 'y'], OKP: ['crv', 'x'], RSA: ['n', 'e'] };
const secretMembers = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k', 'priv'];

// RFC 7517 has no member with more in it, and what is nested deeply costs whoever reads it.
const member = z.union(
  [z.string(), z.number(), z.boolean(), z.array(z.string())],
  'write a text or a list of texts',
);

const key = z.record(z.string(), member).superRefine((jwk, context) => {
  const complain = (message: string) => context.addIssue({ code: 'custom', message });
  const needed = typeof jwk.kty === 'string' ? members[jwk.kty] : undefined;
  if (!needed) return complain('write keys of type EC, OKP or RSA');
  if (secretMembers.some((name) => name in jwk))
    return complain('write public keys only; this one holds a private part');
  const missing = needed.filter((name) => typeof jwk[name] !== 'string' || jwk[name] === '');
  if (missing.length > 0) complain(`write ${missing.join(' and ')} for a key of type ${String(jwk.kty)}`);
});

/** A JWK set of one to ten public keys. */
export const publicKeys = z.object(
  {
    keys: z
      .array(key, 'write a list of keys')
      .min(1, 'write at least one key')
      .max(10, 'write at most ten keys'),
  },
  'write a JWK set such as {"keys": [{"kty": "EC", …}]}',
);
