import { frame } from './de/frame.ts';
import { list } from './de/list.ts';
import { overview } from './de/overview.ts';
import { problems } from './de/problems.ts';
import { tokens } from './de/tokens.ts';
import type { Words } from './en.ts';

/** The catalogue in German. */
export const de: Words = { frame, list, overview, problems, tokens };
