import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import {
  carriesToken,
  createTokenFormat,
  deriveKey,
  isEqual,
  open,
  randomText,
  seal,
  sha256,
  type TokenKind,
} from '../src/secret.ts';

const kinds = fc.constantFrom<TokenKind>('at', 'rt', 'dc', 'cs');
const prefixes = fc.stringMatching(/^[a-z][a-z0-9]{1,15}$/);
const times = fc.integer({ min: 0, max: 4_102_444_800 }).map((seconds) => new Date(seconds * 1000));
const bytes = fc.uint8Array({ maxLength: 300 });
const digits = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const { issue, parse } = createTokenFormat('pst');

describe('the text of a token', () => {
  it('tells its kind and the second of its issue, under any prefix', () => {
    fc.assert(
      fc.property(prefixes, kinds, times, (prefix, kind, at) => {
        const format = createTokenFormat(prefix);
        const text = format.issue(kind, at);
        assert.match(text, new RegExp(`^${prefix}_${kind}_[0-9A-Za-z]{55}$`));
        assert.deepEqual(format.parse(text), { kind, issuedAt: at });
      }),
    );
  });

  it('is found in another text, wherever it stands, and nothing else is', () => {
    const around = fc.string({ maxLength: 40 });
    fc.assert(
      fc.property(prefixes, kinds, times, around, around, (prefix, kind, at, before, after) => {
        const text = createTokenFormat(prefix).issue(kind, at);
        assert.ok(carriesToken(before + text + after));
        assert.ok(!carriesToken(before + text.slice(0, -1) + (text.endsWith('a') ? 'b' : 'a')));
        assert.ok(!carriesToken(before + after));
      }),
    );
  });

  it('is found in another text where it is a JWT, and not where it is unsigned or cut off', () => {
    const parts = [
      { alg: 'ES256', typ: 'at+jwt' },
      { iss: 'https://login.example.com' },
      'a signature of it',
    ];
    const [header, claims, signature] = parts.map((part) =>
      Buffer.from(typeof part === 'string' ? part : JSON.stringify(part)).toString('base64url'),
    );
    for (const [before, after] of [
      ['', ''],
      ['my token is ', ', keep it'],
      ['Bearer', '\n'],
    ])
      assert.ok(carriesToken(`${before}${header}.${claims}.${signature}${after}`));
    for (const text of [`${header}.${claims}.`, `${header}.${claims}`, `${claims}`, 'eyJ.eyJ.eyJ'])
      assert.ok(!carriesToken(text), text);
  });

  it('is looked for once, however often a long text seems to begin one', () => {
    for (const piece of ['eyJ', '-eyJ', 'eyJ.', 'eyJaaaaaaaa.', 'eyJaaaaaaaa.bb.'])
      assert.ok(!carriesToken(piece.repeat(300_000)), piece);
  });

  it('drops the fraction of the second', () => {
    const text = issue('at', new Date(1_800_000_000_999));
    assert.deepEqual(parse(text)?.issuedAt, new Date(1_800_000_000_000));
  });

  it('ends in the CRC-32 of all before it, as a scanner for leaked tokens checks it', () => {
    const text = issue('at', new Date());
    const checksum = [...text.slice(-6)].reduce((value, digit) => value * 62 + digits.indexOf(digit), 0);
    assert.equal(checksum, crc32(text.slice(0, -6)));
  });

  it('is another each time, also within one second', () => {
    const at = new Date();
    assert.equal(new Set(Array.from({ length: 1000 }, () => issue('at', at))).size, 1000);
  });

  it('is refused with one letter changed, missing or added', () => {
    const place = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
    fc.assert(
      fc.property(
        kinds,
        times,
        place,
        fc.string({ minLength: 1, maxLength: 1 }),
        (kind, at, where, letter) => {
          const text = issue(kind, at);
          const index = Math.floor(where * text.length);
          fc.pre(letter !== text[index]);
          assert.equal(parse(text.slice(0, index) + letter + text.slice(index + 1)), undefined);
          assert.equal(parse(text.slice(0, index) + text.slice(index + 1)), undefined);
          assert.equal(parse(text.slice(0, index) + letter + text.slice(index)), undefined);
        },
      ),
    );
  });

  it('is refused under another prefix', () => {
    fc.assert(
      fc.property(prefixes, prefixes, kinds, (one, other, kind) => {
        fc.pre(one !== other);
        assert.equal(
          createTokenFormat(other).parse(createTokenFormat(one).issue(kind, new Date())),
          undefined,
        );
      }),
    );
  });

  it('is nothing else at all', () => {
    fc.assert(fc.property(fc.string(), (text) => assert.equal(parse(text), undefined)));
    const shaped = fc.stringMatching(/^pst_(at|rt|dc|cs|it|ra)_[0-9A-Za-z]{55}$/);
    fc.assert(fc.property(shaped, (text) => assert.equal(parse(text), undefined)));
    for (const text of ['', 'pst_at_', `${issue('at', new Date())}\n`, 'pst_xx_'.padEnd(62, '0')]) {
      assert.equal(parse(text), undefined);
    }
  });

  it('is refused in no time, however long it is', () => {
    const long = 'pst_at_'.repeat(2_000_000);
    const before = process.cpuUsage();
    assert.equal(parse(long), undefined);
    assert.ok(process.cpuUsage(before).user < 1_000_000);
  });
});

describe('random text', () => {
  it('has the length that is asked for, and every digit equally often', () => {
    const text = randomText(62_000);
    assert.equal(text.length, 62_000);
    for (const digit of digits) {
      const times = text.split(digit).length - 1;
      // Six standard deviations.
      assert.ok(Math.abs(times - 1000) < 190, `${digit} ${times} times`);
    }
  });
});

describe('what is sealed', () => {
  const keyOf = (material: string) => deriveKey(material, 'a purpose');

  it('opens with the same key and context, to the same bytes', () => {
    fc.assert(
      fc.property(bytes, fc.string(), (plain, context) => {
        const sealed = seal(keyOf('master'), plain, context);
        assert.deepEqual(open(keyOf('master'), sealed, context), Buffer.from(plain));
      }),
    );
  });

  it('opens with no other key, context or purpose', () => {
    fc.assert(
      fc.property(bytes, fc.string(), fc.string(), (plain, context, other) => {
        fc.pre(Buffer.from(context).compare(Buffer.from(other)) !== 0);
        const sealed = seal(keyOf('master'), plain, context);
        assert.equal(open(keyOf('master'), sealed, other), undefined);
        assert.equal(open(keyOf('another'), sealed, context), undefined);
        assert.equal(open(deriveKey('master', 'another purpose'), sealed, context), undefined);
      }),
    );
  });

  it('opens with no bit of it changed, and not when it is cut', () => {
    fc.assert(
      fc.property(bytes, fc.nat(), fc.integer({ min: 0, max: 7 }), (plain, at, bit) => {
        const sealed = seal(keyOf('master'), plain);
        const changed = Buffer.from(sealed);
        const index = at % changed.length;
        changed[index] = (changed[index] ?? 0) ^ (1 << bit);
        assert.equal(open(keyOf('master'), changed), undefined);
        assert.equal(open(keyOf('master'), sealed.subarray(0, index)), undefined);
      }),
    );
  });

  it('is other bytes each time', () => {
    const sealed = Array.from({ length: 100 }, () => seal(keyOf('master'), 'plain').toString('hex'));
    assert.equal(new Set(sealed).size, 100);
  });
});

describe('a comparison', () => {
  it('tells equal bytes from others, of any length', () => {
    fc.assert(
      fc.property(bytes, bytes, (left, right) => {
        assert.equal(isEqual(left, Uint8Array.from(left)), true);
        assert.equal(isEqual(left, right), Buffer.compare(left, right) === 0);
      }),
    );
  });

  it('is made of digests as SHA-256 defines them (FIPS 180-4)', () => {
    const known = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad';
    assert.equal(sha256('abc').toString('hex'), known);
  });
});
