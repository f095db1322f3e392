import type { KeyObject } from 'node:crypto';
import { ExternalSigningKey } from 'oidc-provider';
import type { SigningKey } from '../keys/key-ring.ts';

/** A signing key as the engine takes it: it may see the public half, and asks for signatures. */
export class Signer extends ExternalSigningKey {
  readonly #key: SigningKey;

  constructor(key: SigningKey) {
    super();
    this.#key = key;
    // The engine's own accessors, which its types show as read only.
    Object.assign(this, { kid: key.kid, alg: key.algorithm });
  }

  override keyObject(): KeyObject {
    return this.#key.publicKey;
  }

  override sign(input: Uint8Array): Buffer | Promise<Buffer> {
    return this.#key.sign(input);
  }
}
