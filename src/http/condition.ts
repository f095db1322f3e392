/** The entity tags in `If-Match` or `If-None-Match` (RFC 9110 section 13.1), as they are spelled there; `*` is any. */
export function listTags(condition: string): string[] {
  return condition.split(',').map((name) => name.trim());
}

/**
 * Whether `If-None-Match` names the tag, or anything at all; weakly compared (RFC 9110 section 13.1.2). Koa's own check
 * says no to every `fetch`, which sends `Cache-Control: no-cache` along.
 */
export function namesTag(condition: string, tag: string): boolean {
  return listTags(condition).some((name) => ['*', tag, `W/${tag}`].includes(name));
}
