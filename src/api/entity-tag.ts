import { hash } from 'node:crypto';
import { listTags } from '../http/condition.ts';

/** When something was last used, and how much belongs to it, at any depth: what no request for it changes. */
const volatileFields: readonly string[] = ['last_used', 'last_used_at', 'holdings'];

/**
 * The strong entity tag (RFC 9110 section 8.8.3) of a representation. Its first half stands for what people change and
 * leaves the volatile fields out, so that `If-Match` holds while a token or client is in use; the second is of the whole,
 * so that `If-None-Match` shows the latest use.
 */
export function entityTag(representation: unknown): string {
  return `"${changeableHalf(representation)}${digest(representation)}"`;
}

/**
 * Whether `If-Match` names what people change of the representation, or anything at all. Never where there is none
 * (`undefined`), as RFC 9110 section 13.1.1 has it.
 */
export function namesState(condition: string, representation: unknown): boolean {
  if (representation === undefined) return false;
  const half = changeableHalf(representation);
  return listTags(condition).some((name) => name === '*' || name.startsWith(`"${half}`));
}

function changeableHalf(representation: unknown): string {
  return digest(representation, (key, value) => (volatileFields.includes(key) ? undefined : value));
}

function digest(representation: unknown, replacer?: (key: string, value: unknown) => unknown): string {
  return hash('sha256', JSON.stringify(representation, replacer), 'base64url').slice(0, 22);
}
