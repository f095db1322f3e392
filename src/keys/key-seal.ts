import { createPrivateKey, type JsonWebKey, type KeyObject } from 'node:crypto';
import type { JWK } from 'jose';
import { wrongSecretError } from '../config.ts';
import { deriveKeys, type MasterSecrets, nameOfSecret, openWithAny, seal } from '../secret.ts';

/** The private half of a key as it is stored: sealed under the master secret of the name `sealedBy`. */
export type SealedKey = { kid: string; sealed: Buffer; sealedBy: string | undefined };

/** Seals private keys under the present master secret, and opens those sealed under any of them. */
export type KeySeal = {
  /** The name of the present master secret; it tells nothing about the secret itself. */
  readonly name: string;
  seal(kid: string, privateJwk: JWK): SealedKey;
  /** Throws an AppError `configuration` where no master secret that we have opens it. */
  open(key: SealedKey): KeyObject;
};

/** A seal over the master secrets. */
export function createKeySeal(secrets: MasterSecrets): KeySeal {
  const keys = deriveKeys(secrets, 'signing keys');
  const name = nameOfSecret(secrets[0]);
  return {
    name,
    seal: (kid, privateJwk) => ({
      kid,
      sealed: seal(keys[0], JSON.stringify(privateJwk), kid),
      sealedBy: name,
    }),
    open({ kid, sealed }) {
      const plain = openWithAny(keys, sealed, kid);
      if (plain) return createPrivateKey({ key: JSON.parse(plain.toString()) as JsonWebKey, format: 'jwk' });
      throw wrongSecretError();
    },
  };
}
