import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { localeOf } from '../../views/locale.ts';

const english = localeOf('en');
const german = localeOf('de');
const at = new Date('2026-01-02T03:04:05Z');

describe('the locale', () => {
  it('tells a duration in its two largest units', () => {
    const seconds = [0, 1, 60, 5400, 3600, 1_209_600, 31_536_000, 31_622_400];
    assert.deepEqual(seconds.map(english.duration), [
      '0 seconds',
      '1 second',
      '1 minute',
      '1 hour, 30 minutes',
      '1 hour',
      '14 days',
      '1 year',
      '1 year, 1 day',
    ]);
    assert.deepEqual(seconds.map(german.duration), [
      '0 Sekunden',
      '1 Sekunde',
      '1 Minute',
      '1 Stunde, 30 Minuten',
      '1 Stunde',
      '14 Tage',
      '1 Jahr',
      '1 Jahr, 1 Tag',
    ]);
  });

  it('gives a moment to people in their language, and to machines in ISO 8601', () => {
    const machine = '<time datetime="2026-01-02T03:04:05.000Z">';
    assert.equal(String(english.moment(at)), `${machine}03:04\u00a0UTC, 2\u00a0Jan\u00a02026</time>`);
    assert.equal(String(german.moment(at)), `${machine}03:04\u00a0UTC, 02.01.2026</time>`);
  });

  it('says how long ago something was, with the moment itself on hover', () => {
    const ago = (seconds: number) => [english, german].map(({ ago }) => textOf(ago(at, later(seconds))));
    assert.deepEqual(ago(0), ['now', 'jetzt']);
    assert.deepEqual(ago(3 * 3600), ['3 hours ago', 'vor 3 Stunden']);
    assert.deepEqual(ago(86_400), ['yesterday', 'gestern']);
    assert.deepEqual(ago(-90), ['in 1 minute', 'in 1 Minute']);
    assert.match(String(german.ago(at, later(90))), /title="03:04\u00a0UTC, 02\.01\.2026"/);
  });

  it('writes large numbers as the language does', () => {
    assert.deepEqual(
      [english, german].map(({ number }) => number(12_345.5)),
      ['12,345.5', '12.345,5'],
    );
  });
});

function later(seconds: number): Date {
  return new Date(at.getTime() + seconds * 1000);
}

function textOf(markup: unknown): string {
  return String(markup).replace(/<[^>]*>/g, '');
}
