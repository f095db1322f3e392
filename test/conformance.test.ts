import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { root } from '../src/root.ts';
import { listFaults, type Row, readRows } from './support/conformance.ts';

const text = readFileSync(join(root, 'docs/conformance.md'), 'utf8');
const rows = readRows(text);

const sections = [
  'The engine',
  'Storage under the engine',
  'RFC 6749: OAuth 2.0',
  'RFC 6750: bearer tokens',
  'RFC 7009: revocation',
  'RFC 7662: introspection',
  'RFC 9701: signed introspection',
  'RFC 8414: metadata',
  'RFC 8628: device authorization',
  'RFC 8707: resource indicators',
  'RFC 9068: JWT access tokens',
  'RFC 7523 and 7521: clients with keys',
  'RFC 8705: mutual TLS',
  'RFC 9449: DPoP',
  'RFC 8693: token exchange',
  'RFC 7591 and 7592: dynamic registration',
  'RFC 9470: step-up authentication',
  'RFC 9728: protected resource metadata',
  'RFC 9700: security best current practice',
  'HTTP and browsers',
];

describe('the tables of conformance', () => {
  it('have a section for every standard, with rows in it', () => {
    const headings = [...text.matchAll(/^## (.+)$/gm)].map(([, heading]) => heading);
    assert.deepEqual(headings, sections);
    assert.deepEqual([...new Set(rows.map(({ heading }) => heading))], sections);
  });

  it('name for every requirement where it is held and a test that is there, or why it does not apply', () => {
    const faults = rows.flatMap((row) =>
      listFaults(row).map((fault) => `${row.heading}, ${row.requirement}: ${fault}`),
    );
    assert.deepEqual(faults, []);
  });

  it('name each requirement of a section once', () => {
    const names = rows.map(({ heading, section, requirement }) => `${heading} ${section} ${requirement}`);
    assert.deepEqual(names, [...new Set(names)]);
  });

  it('link each numbered section to the standard of that number', () => {
    const links = [
      ...text.matchAll(
        /\[([^\]]+)\]\(https:\/\/www\.rfc-editor\.org\/rfc\/rfc(\d+)\.html#section-([\d.]+)\)/g,
      ),
    ];
    assert.ok(links.length > 100);
    for (const [link, words = '', rfc, section] of links)
      assert.ok(words === section || words === `RFC ${rfc} ${section}`, link);
  });
});

describe('a row', () => {
  const row: Row = {
    heading: 'HTTP',
    section: '1',
    requirement: 'Rows are checked',
    held: '`src/app.ts`',
    proven: '`test/conformance.test.ts`: “a row may name one test or several”',
  };
  const faultsWith = (changes: Partial<Row>) => listFaults({ ...row, ...changes }).length;

  it('may name one test or several', () => {
    assert.equal(faultsWith({}), 0);
    const two = '“a row may name one test or several”, “a row names its tests by their whole titles”';
    assert.equal(faultsWith({ proven: `\`test/conformance.test.ts\`: ${two}<br>${row.proven}` }), 0);
  });

  it('names its tests by their whole titles', () => {
    for (const title of ['may name one test or several', 'a row', 'a row may name', 'a row names nothing'])
      assert.equal(faultsWith({ proven: `\`test/conformance.test.ts\`: “${title}”` }), 1, title);
  });

  for (const turn of ['first', 'second']) {
    it(`may name the ${turn} turn of a loop`, () => {
      const name = (which: string) =>
        faultsWith({ proven: `\`test/conformance.test.ts\`: “a row may name the ${which} turn of a loop”` });
      assert.equal(name(turn), 0);
      assert.equal(name(['thi', 'rd'].join('')), 1);
    });
  }

  it('names files that are there, and tests in test files', () => {
    assert.equal(faultsWith({ held: '`src/nothing.ts`' }), 1);
    assert.equal(faultsWith({ held: '–' }), 1);
    for (const path of ['test/nothing.test.ts', 'test/support/titles.ts', 'src/app.ts'])
      assert.equal(faultsWith({ proven: `\`${path}\`: “a row may name one test or several”` }), 1, path);
  });

  it('names a test, or a reason in a sentence', () => {
    for (const proven of [
      '–',
      'by hand',
      'Does not apply.',
      'Does not apply: no.',
      '`test/conformance.test.ts`',
    ])
      assert.equal(faultsWith({ proven }), 1, proven);
    assert.equal(faultsWith({ held: '–', proven: 'Does not apply: there is no such endpoint here.' }), 0);
  });
});
