import { deriveKeys, hmac, isEqual, type MasterSecrets } from '../secret.ts';

/** Places in lists, which only we can name. */
export type Cursors = {
  /** The place behind the item `after` in the list called `list`. */
  write(list: string, after: string): string;
  /** `undefined` for a text that we did not write, or wrote for another list. */
  read(list: string, cursor: string): string | undefined;
};

/** Cursors under keys of the master secrets: a caller can neither make one up nor carry one into a foreign list. */
export function createCursors(secrets: MasterSecrets): Cursors {
  const keys = deriveKeys(secrets, 'cursors');
  const mac = (key: Buffer, list: string, after: string) =>
    hmac(key, JSON.stringify([list, after])).subarray(0, 16);
  return {
    write(list, after) {
      return Buffer.concat([mac(keys[0], list, after), Buffer.from(after)]).toString('base64url');
    },
    read(list, cursor) {
      const bytes = Buffer.from(cursor, 'base64url');
      const after = bytes.subarray(16).toString();
      const isOurs = keys.some((key) => isEqual(bytes.subarray(0, 16), mac(key, list, after)));
      return isOurs ? after : undefined;
    },
  };
}
