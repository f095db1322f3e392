import { deriveKeys, hmac, isEqual, type MasterSecrets } from '../secret.ts';

/** Places in lists, which only we can name. */
export type Cursors = {
  /** The place behind the item `after` in the list called `list`. */
  write(list: string, after: string): string;
  /** `undefined` for a text that we did not write, or wrote for another list. */
  read(list: string, cursor: string): string | undefined;
};

const macBytes = 16;

/** Cursors under keys of the master secrets: a caller can neither make one up nor carry one into a foreign list. */
export function createCursors(secrets: MasterSecrets): Cursors {
  const keys = deriveKeys(secrets, 'cursors');
  const writeUnder = (key: Buffer, list: string, after: string) => {
    const mac = hmac(key, JSON.stringify([list, after])).subarray(0, macBytes);
    return Buffer.concat([mac, Buffer.from(after)]).toString('base64url');
  };
  return {
    write: (list, after) => writeUnder(keys[0], list, after),
    read(list, cursor) {
      const after = Buffer.from(cursor, 'base64url').subarray(macBytes).toString();
      // Compared as text: base64 and UTF-8 are read leniently, and a place has one name only.
      const isOurs = keys.some((key) =>
        isEqual(Buffer.from(writeUnder(key, list, after)), Buffer.from(cursor)),
      );
      return isOurs ? after : undefined;
    },
  };
}
