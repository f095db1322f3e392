import { frame } from './en/frame.ts';
import { list } from './en/list.ts';
import { overview } from './en/overview.ts';
import { problems } from './en/problems.ts';
import { tokens } from './en/tokens.ts';

/** The catalogue: every text that people read, by where they read it. */
export const en = { frame, list, overview, problems, tokens };

/** What each language has to say. */
export type Words = typeof en;
