import { frame } from './en/frame.ts';
import { overview } from './en/overview.ts';

/** The catalogue: every text that people read, by where they read it. */
export const en = { frame, overview };

/** What each language has to say. */
export type Words = typeof en;
