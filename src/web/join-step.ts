import type { SealedCookie } from './sealed-cookie.ts';

/** How far an invitation has come in this browser: its text was shown here, or it was accepted. */
export type JoinStep =
  | { step: 'invited'; text: string }
  | { step: 'joined'; userId: string; organization: string };

/** Seconds for which a step is remembered: long enough to think of a password. */
export const joinStepSeconds = 3600;

/** Where the browser keeps its step. */
export type JoinSteps = SealedCookie<JoinStep>;
