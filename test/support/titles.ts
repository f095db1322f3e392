import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../../src/root.ts';

/** A test file as far as it can be told what its tests are called. */
export type Titles = {
  /**
   * Whether a test has this title: the sentences of its `describe`s and its own, with spaces between. Where a title is a
   * template, any text stands for a `${…}` that stands in the file too, as what a loop is over does.
   */
  has(sentence: string): boolean;
  /** As they are written in the source. */
  all: string[];
};

/** The tests of a file, by its path from the project's root. Relies on the indentation that the formatter makes. */
export function readTitles(path: string): Titles {
  const source = readFileSync(join(root, path), 'utf8');
  const all = listTitles(source);
  return {
    all,
    has: (sentence) =>
      all.some((title) => {
        const values = toPattern(title).exec(sentence)?.slice(1);
        return values?.every((value) => source.includes(value)) ?? false;
      }),
  };
}

function listTitles(source: string): string[] {
  const titles: string[] = [];
  const open: { indent: string; sentence: string }[] = [];
  const line = /^( *)(?:(describe|it|test)\(\s*(['"`])((?:\\.|(?!\3)[^\\])*)\3|\}\);?$)/gm;
  for (const [, indent = '', call, , text = ''] of source.matchAll(line)) {
    if (call === undefined) {
      if (open.at(-1)?.indent === indent) open.pop();
      continue;
    }
    const sentence = text.replace(/\\(.)/g, '$1');
    if (call === 'describe') open.push({ indent, sentence });
    else titles.push([...open.map((suite) => suite.sentence), sentence].join(' '));
  }
  return titles;
}

function toPattern(title: string): RegExp {
  const pieces = title.split(/\$\{[^}]*\}/).map((piece) => piece.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${pieces.join('(.+?)')}$`);
}
