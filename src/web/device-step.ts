import type { Outcome } from '../../views/outcome.ts';
import type { SealedCookie } from './sealed-cookie.ts';

/** A code that was not taken: it is wrong, or came in a link and must be typed; with `retryAfterSeconds` it was not even looked at. */
export type RefusedCode = {
  step: 'refused';
  userCode: string;
  mustBeTyped?: boolean;
  retryAfterSeconds?: number;
};

/**
 * How far a device login has come in this browser: a code waits for a sign-in, was refused after it, was opened by
 * somebody (who has then perhaps left out its number), or was decided; `grantId` is the public id of what was allowed.
 */
export type DeviceStep =
  | { step: 'waiting'; userCode: string; isLinked: boolean }
  | RefusedCode
  | { step: 'opened'; userCode: string; userId: string; missesNumber?: boolean }
  | { step: 'done'; userId: string; outcome: Outcome; clientName?: string; grantId?: string };

/** Seconds for which a step is remembered: as long as a code lives unless a client's live longer. */
export const deviceStepSeconds = 600;

/** Where the browser keeps its step. */
export type DeviceSteps = SealedCookie<DeviceStep>;
