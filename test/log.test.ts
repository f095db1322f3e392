import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { redactTokens } from '../src/log.ts';

const jwt = 'eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJhZGEifQ.c2lnbmF0dXJl';
const token = `pst_at_${'a'.repeat(55)}`;

describe('a token in what people have written', () => {
  it('is blotted out, whatever stands around it', () => {
    for (const secret of [jwt, token])
      for (const [before, after] of [
        ['', ''],
        ['my agent/1.0 (', ')'],
        ['Bearer-', '.'],
        ['a.long-enough-one.', '\n'],
        [`${jwt}, `, ` ${token}`],
      ]) {
        const text = redactTokens(`${before}${secret}${after}`);
        assert.ok(!text.includes('eyJ') && !text.includes('aaaa'), text);
        assert.ok(text.includes('[redacted]'), text);
      }
  });

  it('is looked for once, however often a long text seems to begin one', () => {
    for (const piece of ['eyJ', '-eyJ', '.eyJ-', 'eyJaaaaaaaa-', '-eyJaaaaaaaa..'])
      assert.equal(redactTokens(piece.repeat(300_000)).length, piece.length * 300_000, piece);
  });
});
