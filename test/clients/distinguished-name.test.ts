import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { normalizeName } from '../../src/clients/distinguished-name.ts';
import { hasSubject } from '../../src/oauth/certificate-subject.ts';
import { makeCertificate } from '../support/certificate-authority.ts';

const keys = makeCertificate().keys;
// What stands for a broken character is refused on purpose.
const value = fc
  .string({ unit: 'grapheme', minLength: 1, maxLength: 12 })
  .filter((text) => text.isWellFormed() && !text.includes('\ufffd'));
const hostile = fc.string({ unit: fc.constantFrom(...' ,+="\\<>;#\n\0aO'), minLength: 1, maxLength: 8 });
const values = fc.array(fc.oneof(value, hostile), { minLength: 1, maxLength: 3 });

/** RFC 4514 section 2.4, with every character that is not a letter escaped. */
const escaped = (text: string) =>
  text.replace(/[^a-z]/giu, (character) =>
    [...Buffer.from(character)].map((byte) => `\\${byte.toString(16).padStart(2, '0')}`).join(''),
  );

const register = (commonNames: string[]) => commonNames.map((name) => `CN=${escaped(name)}`).join(',');

test('a certificate has the name that is registered for it, whatever is in it, and no other', () => {
  fc.assert(
    fc.property(values, values, (own, other) => {
      const subject = own.map((name) => [`CN=${name}`]).reverse();
      const { certificate } = makeCertificate({ subject, keys });
      assert.ok(hasSubject(certificate, 'tls_client_auth_subject_dn', register(own)));
      const isSame = JSON.stringify(own) === JSON.stringify(other);
      assert.equal(hasSubject(certificate, 'tls_client_auth_subject_dn', register(other)), isSame);
    }),
    { numRuns: 500 },
  );
});

test('any text is read in no time, and never fails', () => {
  fc.assert(fc.property(fc.string(), (text) => normalizeName(text) !== null));
  for (const text of [`CN=${' '.repeat(100_000)}"`, `CN=${'\\ '.repeat(50_000)}"`, 'CN=a,'.repeat(20_000)])
    assert.equal(normalizeName(text), undefined);
});
