import { hash } from 'node:crypto';

/** The strong entity tag (RFC 9110 section 8.8.3) of a representation. */
export function entityTag(representation: unknown): string {
  return `"${hash('sha256', JSON.stringify(representation), 'base64url').slice(0, 27)}"`;
}

/** Whether a condition (`If-Match`, `If-None-Match`) names the tag, or anything at all. */
export function namesTag(condition: string, tag: string): boolean {
  return condition.split(',').some((name) => ['*', tag].includes(name.trim()));
}
