import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { AppError } from '../../src/errors.ts';
import { inRoot } from '../../src/root.ts';
import { problemInWords, problemsOf } from '../../src/web/account/problems.ts';
import { localeOf } from '../../views/locale.ts';

const german = localeOf('de');
const general = german.words.problems['this cannot be taken as it is'];

/** What no form of a page can lead to, or what a page says in words of its own. */
const elsewhere = [
  'Browsers offer passkeys over https and to host names only',
  'The time for this is over; begin again',
  'This was set up before; begin again',
  'You have no second factor that they could stand in for',
  'Your password was changed meanwhile',
  'this is no passkey for here',
  'this is no cursor of this list',
  'write the code that the app shows now',
  'this is not your password',
  'write a number from 1 to 100',
  'give it once',
];

/** What the operations refuse with in so many words; what is made of names is not among them. */
function listRefusals(): string[] {
  const folder = inRoot('src/api');
  const source = readdirSync(folder).map((name) => readFileSync(join(folder, name), 'utf8'));
  const said = [
    /AppError\(\s*'(?:conflict|unprocessable)',\s*'([^']+)'/g,
    /wrongField\(\s*'\w+',\s*'([^']+)'/g,
    /detail: '([^']+)'/g,
  ];
  const found = source.flatMap((text) => said.flatMap((each) => [...text.matchAll(each)]));
  return [...new Set(found.map(([, sentence]) => sentence ?? ''))];
}

describe('what a form is refused with', () => {
  it('has its own words in German, whatever the management API says', () => {
    const refusals = listRefusals().filter((sentence) => !elsewhere.includes(sentence));
    assert.ok(refusals.length > 10);
    for (const sentence of refusals) {
      const said = problemInWords(sentence, german);
      assert.ok(said !== sentence && said !== general, sentence);
    }
  });

  it('is in German with its numbers, and with what it is about', () => {
    const say = (text: string) => problemInWords(text, german);
    assert.equal(
      say('your organization allows at most 30 days'),
      'Ihre Organisation erlaubt höchstens 30 Tage',
    );
    assert.match(say('write a number of seconds from 60 to 86400'), / 60 bis 86400 /);
    assert.equal(say('write at most 100 characters'), 'geben Sie höchstens 100 Zeichen ein');
    assert.equal(say('read: you do not have this yourself'), 'read: das dürfen Sie selbst nicht');
  });

  it('is never in English on a German page, and always in full on an English one', () => {
    for (const text of ['there is no x of https://a.example', 'x: of another version', 'constructor', '']) {
      const problems = [{ pointer: '#/name', detail: text }];
      const { name = '' } = problemsOf(new AppError('unprocessable', undefined, { problems }), german);
      assert.ok(name.endsWith(general), name);
      assert.equal(problemInWords(text, localeOf('en')), text);
    }
  });
});
