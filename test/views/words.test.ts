import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { actionNames, wordsOf } from '../../src/audit/action.ts';
import { inRoot } from '../../src/root.ts';
import { actionInWords } from '../../views/action.ts';
import { languageNames, localeOf } from '../../views/locale.ts';
import { createFrame, others, pages } from './every-page.ts';
import { markWords, unmarkedText } from './marked-locale.ts';

const english = localeOf('en');
const german = localeOf('de');

/** What German developers call what English ones do. */
const sameInBoth = [
  'Client',
  'Clients',
  'Code',
  'JWT',
  'Link',
  'Name',
  'Passkeys',
  'System',
  'Token',
  'Tokens',
];

const algorithms = ['ES256', 'EdDSA', 'RS256'];

/** What stands on a page in letters, and is no text of ours: what languages call themselves, and names of the protocol. */
const names = [
  ...Object.values(languageNames),
  'Postern',
  'offline_access',
  'Authorization: Bearer …',
  'postern whoami --file auth.json',
  ...algorithms,
];

describe('every page', () => {
  const every = Object.entries({ ...pages, ...others });

  it('takes all that people read and hear from the catalogue', () => {
    const frame = createFrame(markWords(german), '4711');
    for (const [name, page] of every) {
      const rest = names.reduce(
        (text, known) => text.replaceAll(known, ''),
        unmarkedText(page(frame, '4711')),
      );
      assert.doesNotMatch(rest, /\p{L}/u, name);
    }
  });

  it('says in which language it is', () => {
    for (const locale of [english, german]) {
      const frame = createFrame(locale, '4711');
      for (const [name, page] of every)
        assert.ok(String(page(frame, '4711')).includes(`<html lang="${locale.language}">`), name);
    }
  });

  it('stands in the list of pages', async () => {
    const lists = readdirSync(import.meta.dirname).filter((name) => /-pages?\.ts$/.test(name));
    const list = lists.map((name) => readFileSync(join(import.meta.dirname, name), 'utf8')).join('');
    const files = readdirSync(inRoot('views'), { recursive: true, encoding: 'utf8' });
    for (const file of files.filter((name) => name.endsWith('.ts') && !name.startsWith('words'))) {
      const module: object = await import(join(inRoot('views'), file));
      for (const name of Object.keys(module).filter((name) => name.endsWith('Page')))
        assert.ok(list.includes(`${name}(`), `${name} of ${file}`);
    }
  });
});

describe('the German catalogue', () => {
  const englishTexts = listTexts(english.words);
  const germanTexts = listTexts(german.words);

  it('has a text for every English one, and repeats none but those that are the same in both', () => {
    assert.deepEqual([...germanTexts.keys()], [...englishTexts.keys()]);
    const repeated = [...germanTexts].filter(([path, text]) => text === englishTexts.get(path));
    assert.deepEqual(
      repeated.filter(([, text]) => !sameInBoth.includes(text)),
      [],
    );
  });

  it('has no English words, addresses people with Sie, and quotes as Germans do', () => {
    for (const [path, text] of germanTexts) {
      assert.doesNotMatch(text, /\b(?:the|and|of|your?|with|this|are|not|please)\b/i, path);
      assert.doesNotMatch(text, /\b(?:du|dich|dir|dein(?:e[mnrs]?)?)\b/i, path);
      assert.doesNotMatch(text.replace(/<[^>]*>/g, ''), /["'“]\p{L}|\.\.\./u, path);
    }
  });
});

describe('the words of an action', () => {
  it('are there for each that the audit log knows, in English as on the command line', () => {
    assert.deepEqual(Object.keys(english.words.actions).sort(), [...actionNames].sort());
    for (const action of actionNames) assert.equal(actionInWords(english, action), wordsOf(action));
  });

  it('are its name where the catalogue does not know it', () => {
    for (const action of ['moon.landed', 'constructor']) assert.equal(actionInWords(german, action), action);
  });
});

/** Every text of a catalogue by its path; of those that are made, one with 7 for each thing that it is made of. */
function listTexts(words: object, path = ''): Map<string, string> {
  return new Map(
    Object.keys(words)
      .sort()
      .flatMap((key): [string, string][] => {
        const value: unknown = Reflect.get(words, key);
        const here = `${path}${key}`;
        if (typeof value === 'string') return [[here, value]];
        if (typeof value === 'function') return [[here, String(value(...Array(value.length).fill('7')))]];
        if (typeof value !== 'object' || value === null) return [];
        return Object.keys(value).length > 0 ? [...listTexts(value, `${here}.`)] : [[here, String(value)]];
      }),
  );
}
