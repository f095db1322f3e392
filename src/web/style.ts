import { readFileSync } from 'node:fs';
import { inRoot } from '../root.ts';

/** The parts of the style in `views/style`, in the order in which they overrule one another. */
const parts = [
  'page',
  'form',
  'decision',
  'fields',
  'list',
  'comparison',
  'navigation',
  'device',
  'window',
  'factor',
  'choice',
  'administration',
  'chart',
  'card',
];

/** The text of the style that every page has, `colours` last: without comments and indentation, which are for who reads the files. */
export function readStyle(colours: string): string {
  const all = parts.map((name) => readFileSync(inRoot('views', 'style', `${name}.css`), 'utf8'));
  return [...all, colours]
    .join('')
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .replace(/\s+/g, ' ');
}
