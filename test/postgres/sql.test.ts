import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { sql } from '../../src/postgres/sql.ts';

describe('the sql tag', () => {
  it('never turns a value into text', () => {
    fc.assert(
      fc.property(fc.array(fc.anything(), { minLength: 1, maxLength: 3 }), ([first, second, third]) => {
        const inner = sql`b = ${second}`;
        const { text, values } = sql`select 1 where a = ${first} and ${inner} and c = ${third}`;
        assert.equal(text, 'select 1 where a = $1 and b = $2 and c = $3');
        assert.equal(values.length, 3);
        assert.ok(Object.is(values[0], first) && Object.is(values[1], second) && Object.is(values[2], third));
      }),
    );
  });

  it('counts parameters on through more than nine of them', () => {
    const inner = sql`(${1}, ${2}, ${3}, ${4}, ${5}, ${6}, ${7}, ${8}, ${9}, ${10}, ${11})`;
    const { text, values } = sql`${'a'} ${inner} ${'b'}`;
    assert.equal(text, '$1 ($2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) $13');
    assert.deepEqual(values, ['a', 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 'b']);
  });

  it('takes for a name only what code would choose', () => {
    assert.equal(
      sql`select * from ${sql.identifier('access_tokens_20300101')}`.text,
      'select * from "access_tokens_20300101"',
    );
    for (const name of ['', 'a"b', 'A', 'a b', 'a;b', '1a', 'x'.repeat(64)]) {
      assert.throws(() => sql.identifier(name), TypeError);
    }
  });
});
