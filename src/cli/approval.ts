import { setTimeout as delay } from 'node:timers/promises';
import * as client from 'openid-client';
import type { Clock } from '../clock.ts';
import { deviceGrant } from '../urn.ts';
import { failureOf, wordsOf } from './authorization-server.ts';

/** How the waiting for an approval ended. */
export type Approval =
  | { kind: 'approved'; tokens: client.TokenEndpointResponse }
  | { kind: 'denied' }
  | { kind: 'expired' }
  | { kind: 'interrupted' }
  | { kind: 'unreachable'; reason: string }
  | { kind: 'refused'; words: string };

type Waiting = {
  clock: Clock;
  expiresAt: Date;
  signal: AbortSignal;
  /** Proves the key that the tokens are to be bound to. */
  proofs: client.DPoPOptions;
  /** The server could not be heard; told once per poll until it is. */
  onLoss(reason: string): void;
  onReturn(): void;
  /** A person looks at the request and needs this number to allow it; told once. */
  onNumber(number: string): void;
};

const defaultIntervalSeconds = 5; // RFC 8628 section 3.5, for the interval and for each slow_down
const longestPauseSeconds = 15;
const longestTimerSeconds = 2_147_483; // A longer one ends at once.

/**
 * Polls for the tokens of a device code (RFC 8628 section 3.4 and 3.5) at the interval that the server wants, backing off
 * while the server cannot be heard, until the code expires.
 */
export async function awaitApproval(
  server: client.Configuration,
  device: client.DeviceAuthorizationResponse,
  { clock, expiresAt, signal, proofs, onLoss, onReturn, onNumber }: Waiting,
): Promise<Approval> {
  let intervalSeconds = device.interval ?? defaultIntervalSeconds;
  let pauseSeconds = intervalSeconds;
  let losses = 0;
  let reason = '';
  let isNumberTold = false;

  for (;;) {
    const leftSeconds = (expiresAt.getTime() - clock.now().getTime()) / 1000;
    if (leftSeconds <= 0) return losses ? { kind: 'unreachable', reason } : { kind: 'expired' };
    const waitSeconds = Math.min(pauseSeconds, Math.max(intervalSeconds, leftSeconds), longestTimerSeconds);
    await delay(waitSeconds * 1000, undefined, { signal }).catch(() => {});
    if (signal.aborted) return { kind: 'interrupted' };

    try {
      const parameters = { device_code: device.device_code };
      const tokens = await client.genericGrantRequest(server, deviceGrant, parameters, proofs);
      return { kind: 'approved', tokens };
    } catch (error) {
      if (signal.aborted) return { kind: 'interrupted' };
      const failure = failureOf(error);
      if (failure.kind === 'unreachable') {
        losses += 1;
        reason = failure.reason;
        pauseSeconds = Math.max(
          Math.min(intervalSeconds * 2 ** losses, Math.max(longestPauseSeconds, intervalSeconds)),
          failure.retryAfterSeconds ?? 0,
        );
        onLoss(reason);
        continue;
      }
      if (losses) onReturn();
      losses = 0;
      if (failure.error === 'access_denied') return { kind: 'denied' };
      if (failure.error === 'expired_token') return { kind: 'expired' };
      const number = failure.body.verification_number;
      if (!isNumberTold && typeof number === 'string' && /^\d{1,6}$/.test(number)) {
        isNumberTold = true;
        onNumber(number);
      }
      if (failure.error === 'slow_down')
        intervalSeconds = slowedInterval(intervalSeconds, failure.body.interval);
      else if (failure.error !== 'authorization_pending') return { kind: 'refused', words: wordsOf(failure) };
      pauseSeconds = intervalSeconds;
    }
  }
}

/** The interval that a slow_down asks for: the one it names, if it slows us down at all. */
function slowedInterval(before: number, named: unknown): number {
  return typeof named === 'number' && named > before ? named : before + defaultIntervalSeconds;
}
