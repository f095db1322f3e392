import { stripVTControlCharacters } from 'node:util';

/** Text of strangers made harmless to a terminal: no control, escape or direction-changing characters. */
export function harmless(text: string): string {
  return stripVTControlCharacters(text).replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '');
}
