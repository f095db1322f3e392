import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { contrast, derivePalette, grounds } from '../src/palette.ts';
import { inRoot } from '../src/root.ts';

const colour = fc
  .integer({ min: 0, max: 0xffffff })
  .map((value) => `#${value.toString(16).padStart(6, '0')}`);

describe('the palette of an accent', () => {
  it('can be read by day and by night, as text and under text, whatever the accent', () => {
    fc.assert(
      fc.property(colour, (accent) => {
        const palette = derivePalette(accent);
        for (const theme of ['light', 'dark'] as const) {
          const tones = palette[theme];
          for (const tone of [tones.accent, tones.strong])
            for (const other of [...grounds[theme], tones.on])
              assert.ok(contrast(tone, other) >= 4.5, `${accent}, ${theme}: ${tone} on ${other}`);
          assert.notEqual(tones.accent, tones.strong);
        }
      }),
      { numRuns: 1000, examples: [['#000000'], ['#ffffff'], ['#ffff00'], ['#0000ff'], ['#777777']] },
    );
  });

  it('keeps an accent that can be read as it is', () => {
    assert.equal(derivePalette('#16604e').light.accent, '#16604e');
    assert.equal(derivePalette('#74cfb0').dark.accent, '#74cfb0');
  });

  it('keeps the hue: yellow stays yellow, blue blue', () => {
    assert.match(derivePalette('#ffff00').light.accent, /^#([0-9a-f]{2})\1(?:00)$/);
    assert.match(derivePalette('#0000ff').dark.accent, /^#([0-9a-f]{2})\1ff$/);
  });

  it('is measured as WCAG measures, on the grounds of the stylesheet', () => {
    assert.equal(contrast('#000000', '#ffffff'), 21);
    assert.equal(contrast('#777777', '#ffffff').toFixed(2), '4.48');
    const styles = readFileSync(inRoot('views/style/page.css'), 'utf8');
    const found = ['paper', 'surface'].map((name) =>
      [...styles.matchAll(new RegExp(`--${name}: (#\\w+);`, 'g'))].map(([, value]) => value),
    );
    const [paper, surface] = found;
    assert.deepEqual(
      [paper, surface],
      [
        [grounds.light[0], grounds.dark[0]],
        [grounds.light[1], grounds.dark[1]],
      ],
    );
  });
});
