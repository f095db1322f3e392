// Other spellings, and object identifiers, by the name that OpenSSL prints, in lower case.
const spellings: Record<string, string[]> = {
  cn: ['2.5.4.3', 'commonname'],
  sn: ['2.5.4.4', 'surname'],
  serialnumber: ['2.5.4.5'],
  c: ['2.5.4.6', 'countryname'],
  l: ['2.5.4.7', 'localityname'],
  st: ['2.5.4.8', 's', 'stateorprovincename'],
  street: ['2.5.4.9', 'streetaddress'],
  o: ['2.5.4.10', 'organizationname'],
  ou: ['2.5.4.11', 'organizationalunitname'],
  title: ['2.5.4.12'],
  gn: ['2.5.4.42', 'givenname'],
  dnqualifier: ['2.5.4.46'],
  organizationidentifier: ['2.5.4.97'],
  uid: ['0.9.2342.19200300.100.1.1', 'userid'],
  dc: ['0.9.2342.19200300.100.1.25', 'domaincomponent'],
  emailaddress: ['1.2.840.113549.1.9.1', 'e', 'email'],
};
const names = new Map(
  Object.entries(spellings).flatMap(([name, others]) => others.map((other) => [other, name] as const)),
);

/**
 * One text for every spelling of a distinguished name (RFC 4514): two names are the same exactly when theirs are. Values
 * are compared to the letter; attributes that stand together (`CN=a+UID=b`) in any order. `undefined` for what is not
 * well formed, is empty, or gives a value as `#hex`.
 */
export function normalizeName(text: string): string | undefined {
  const parts = [...readAttributes(text)];
  if (parts.some((part) => part === undefined)) return undefined;
  const name: string[][] = [[]];
  for (const part of parts as Attribute[]) {
    name.at(-1)?.push(JSON.stringify([part.type, part.value]));
    if (part.end === ',') name.push([]);
  }
  return JSON.stringify(name.map((attributes) => attributes.sort()));
}

type Attribute = { type: string; value: string; end: string };

const type = / *([A-Za-z][A-Za-z0-9-]*|\d+(?:\.\d+)+) *= */y;
// Spaces before the end belong to the value only where the last of them is escaped.
const value = /((?:[^\\,+"<>;\0-\x20]|\\[ "#+,;<=>\\]|\\[0-9A-Fa-f]{2}| +(?![ ,+]|$))*) *([,+]|$)/y;

/** Attribute by attribute, with what parts each from the next; `undefined` in place of what cannot be read. */
function* readAttributes(text: string): Generator<Attribute | undefined> {
  let position = 0;
  for (let end = ','; end !== ''; ) {
    const [typed, typeText = ''] = matchAt(type, text, position) ?? [];
    position += typed?.length ?? 0;
    const [valued, valueText = '', endText = ''] = matchAt(value, text, position) ?? [];
    const plain = readEscapes(valueText);
    if (typed === undefined || valued === undefined || plain === undefined) return yield undefined;
    position += valued.length;
    end = endText;
    const given = typeText.toLowerCase();
    yield { type: names.get(given) ?? given, value: plain, end };
  }
}

function matchAt(pattern: RegExp, text: string, position: number): RegExpExecArray | null {
  pattern.lastIndex = position;
  return pattern.exec(text);
}

/** Escaped bytes are UTF-8. */
function readEscapes(text: string): string | undefined {
  // OpenSSL leaves a `#` that is all there is without its escape.
  if (/^#./.test(text) || text.includes('\ufffd')) return undefined;
  const bytes = text.replace(/\\([0-9A-Fa-f]{2}|.)|[^\\]+/g, (whole, escaped: string | undefined) => {
    if (escaped === undefined) return Buffer.from(whole).toString('latin1');
    return escaped.length === 2 ? String.fromCharCode(Number.parseInt(escaped, 16)) : escaped;
  });
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Buffer.from(bytes, 'latin1'));
  } catch {
    return undefined;
  }
}
