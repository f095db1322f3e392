import { hkdfSync } from 'node:crypto';
import { epochSeconds } from '../clock.ts';
import { isEqual } from '../secret.ts';

/** The nonces of DPoP proofs (RFC 9449 section 8), the same in every process: a function of a secret and the minute. */
export type DpopNonces = {
  /** The one to give to clients now. Good for three minutes at least. */
  next(): string;
  isLive(nonce: string): boolean;
};

const stepSeconds = 60;

/** Nonces from a secret of 32 bytes. Made as the engine makes its own, so that one nonce serves at every endpoint. */
export function createDpopNonces(secret: Uint8Array): DpopNonces {
  const nonceAt = (step: number): string => {
    const salt = Buffer.alloc(8);
    salt.writeBigUInt64BE(BigInt(step));
    return Buffer.from(hkdfSync('sha256', secret, salt, 'DPoP', 32)).toString('base64url');
  };
  const currentStep = () => Math.floor(epochSeconds() / stepSeconds);
  return {
    next: () => nonceAt(currentStep() + 1),
    isLive(nonce) {
      const given = Buffer.from(nonce);
      const live = [-2, -1, 0, 1, 2].map((offset) => nonceAt(currentStep() + offset));
      return live.some((one) => isEqual(Buffer.from(one), given));
    },
  };
}
