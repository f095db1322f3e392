import { hmac, isEqual, type KeyChain } from '../secret.ts';

/**
 * Two digits that a device shows once a person looks at its request, and that the person types to let it in. They are made
 * from the device code, so that they are kept nowhere.
 */
export type VerificationNumbers = {
  /** The number of a device code, by its digest. */
  of(digest: Buffer): string;
  /** Whether this is it, under any of the keys; takes the same time for every text of two characters. */
  isRight(digest: Buffer, typed: string): boolean;
};

/** The numbers under these keys; the same in every process. */
export function createVerificationNumbers(keys: KeyChain): VerificationNumbers {
  const numberUnder = (key: Buffer, digest: Buffer) =>
    String(10 + (hmac(key, digest.toString('hex')).readUInt32BE() % 90));
  return {
    of: (digest) => numberUnder(keys[0], digest),
    isRight: (digest, typed) =>
      keys.filter((key) => isEqual(Buffer.from(numberUnder(key, digest)), Buffer.from(typed))).length > 0,
  };
}
