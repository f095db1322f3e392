import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { actionNames, wordsOf } from '../../src/audit/action.ts';
import { actionInWords } from '../../views/action.ts';
import { localeOf } from '../../views/locale.ts';

const english = localeOf('en');
const german = localeOf('de');

describe('the words of an action', () => {
  it('are there for each that the audit log knows, in English as on the command line', () => {
    assert.deepEqual(Object.keys(english.words.actions).sort(), [...actionNames].sort());
    for (const action of actionNames) {
      assert.equal(actionInWords(english, action), wordsOf(action));
      assert.notEqual(actionInWords(german, action), wordsOf(action));
    }
  });

  it('are its name where the catalogue does not know it', () => {
    for (const action of ['moon.landed', 'constructor']) assert.equal(actionInWords(german, action), action);
  });
});
