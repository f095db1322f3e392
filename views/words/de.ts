import { frame } from './de/frame.ts';
import { overview } from './de/overview.ts';
import type { Words } from './en.ts';

/** The catalogue in German. */
export const de: Words = { frame, overview };
