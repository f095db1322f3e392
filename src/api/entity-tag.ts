import { hash } from 'node:crypto';

/**
 * The strong entity tag (RFC 9110 section 8.8.3) of a representation. Its first half stands for what people change, the
 * whole for when it was last used besides, which programs change all the time.
 */
export function entityTag(representation: unknown): string {
  return `"${changeableHalf(representation)}${digest(representation)}"`;
}

/** Whether `If-None-Match` names the tag, or anything at all; weakly compared (RFC 9110 section 13.1.2). */
export function namesTag(condition: string, tag: string): boolean {
  return listTags(condition).some((name) => ['*', tag, `W/${tag}`].includes(name));
}

/** Whether `If-Match` names what people change of the representation, or anything at all. */
export function namesState(condition: string, representation: unknown): boolean {
  const half = changeableHalf(representation);
  return listTags(condition).some((name) => name === '*' || name.startsWith(`"${half}`));
}

function changeableHalf(representation: unknown): string {
  return digest(representation, (key, value) => (key === 'last_used' ? undefined : value));
}

function digest(representation: unknown, replacer?: (key: string, value: unknown) => unknown): string {
  return hash('sha256', JSON.stringify(representation, replacer), 'base64url').slice(0, 22);
}

function listTags(condition: string): string[] {
  return condition.split(',').map((name) => name.trim());
}
