import { AuthorizationResponseError } from 'openid-client';
import { AppError } from '../errors.ts';

/**
 * Why a sign-in at a provider came to nothing: it was stopped there, the provider does not answer, or what it answers
 * cannot be trusted. The `cause` is for the log alone.
 */
export type Fault = { fault: 'stopped' | 'unavailable' | 'untrustworthy'; cause: unknown };

const stopped = ['access_denied', 'login_required', 'interaction_required', 'consent_required'];
const away = ['server_error', 'temporarily_unavailable'];

/** What an error of the exchange with a provider means. What is our own failure is thrown on. */
export function faultOf(cause: unknown): Fault {
  if (cause instanceof AppError) throw cause;
  if (cause instanceof AuthorizationResponseError) {
    if (stopped.includes(cause.error)) return { fault: 'stopped', cause };
    return { fault: away.includes(cause.error) ? 'unavailable' : 'untrustworthy', cause };
  }
  const { code, cause: answer } = cause as { code?: unknown; cause?: unknown };
  // What has no code of the protocol is the network's.
  const isProtocol = typeof code === 'string' && /^OAUTH_(?!TIMEOUT|ABORT)/.test(code);
  const isBroken = answer instanceof Response && answer.status >= 500;
  return { fault: isProtocol && !isBroken ? 'untrustworthy' : 'unavailable', cause };
}
