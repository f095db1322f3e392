import type { IncomingMessage } from 'node:http';

/** How a request presents what it may: nothing is judged yet. */
export type Presentation =
  | { kind: 'none' }
  /** Two credentials in one request (RFC 6750 section 2). */
  | { kind: 'ambiguous' }
  | { kind: 'malformed' }
  | { kind: 'token'; scheme: 'bearer' | 'dpop'; text: string }
  /** `Basic` with a name and a token behind it. */
  | { kind: 'named_token'; username: string; text: string }
  /** `Basic` with what an earlier system has given out. */
  | { kind: 'legacy'; id: string; secret: string };

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/**
 * Reads `Authorization` (`Bearer`, `Token`, `DPoP`, `Basic`) and the header of the operator's own name, if there is one.
 * Exactly one of them counts.
 */
export function readPresentation(req: IncomingMessage, tokenHeader: string | undefined): Presentation {
  const authorizations = req.headersDistinct.authorization ?? [];
  const own = tokenHeader === undefined ? [] : (req.headersDistinct[tokenHeader.toLowerCase()] ?? []);
  const [first, second] = [...authorizations, ...own];
  if (first === undefined) return { kind: 'none' };
  if (second !== undefined) return { kind: 'ambiguous' };
  return authorizations.length === 1 ? readAuthorization(first) : readToken('bearer', first);
}

function readAuthorization(header: string): Presentation {
  const [, scheme = '', rest = ''] = /^([A-Za-z]+) +(.*)$/.exec(header) ?? [];
  switch (scheme.toLowerCase()) {
    case 'bearer':
    case 'token':
      return readToken('bearer', rest);
    case 'dpop':
      return readToken('dpop', rest);
    case 'basic':
      return readBasic(rest);
    default:
      return { kind: 'malformed' };
  }
}

/** `b64token` of RFC 6750 section 2.1. */
function readToken(scheme: 'bearer' | 'dpop', text: string): Presentation {
  return /^[\w.~+/-]{1,8000}=*$/.test(text) ? { kind: 'token', scheme, text } : { kind: 'malformed' };
}

function readBasic(encoded: string): Presentation {
  if (!/^[A-Za-z0-9+/]{1,8000}={0,2}$/.test(encoded)) return { kind: 'malformed' };
  const text = Buffer.from(encoded, 'base64').toString();
  const colon = text.indexOf(':');
  if (colon < 0) return { kind: 'malformed' };
  const [name, secret] = [text.slice(0, colon), text.slice(colon + 1)];
  return uuid.test(name)
    ? { kind: 'legacy', id: name, secret }
    : { kind: 'named_token', username: name, text: secret };
}
