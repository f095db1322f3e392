import { Silence } from './patience.ts';
import { harmless } from './terminal-text.ts';

const neverSent: Record<string, string> = {
  ECONNREFUSED: 'nothing listens there',
  ENOTFOUND: 'no such host',
  EAI_AGAIN: 'its name cannot be looked up now',
  ENETUNREACH: 'the network is away',
  EHOSTUNREACH: 'the network is away',
  UND_ERR_CONNECT_TIMEOUT: 'no connection within 10 seconds',
  ERR_SSL_WRONG_VERSION_NUMBER: 'it does not speak https',
};
const maybeSent: Record<string, string> = {
  ECONNRESET: 'the connection was cut',
  UND_ERR_SOCKET: 'the connection was cut',
  ETIMEDOUT: 'it does not answer',
  OAUTH_RESPONSE_IS_NOT_JSON: 'what it answers is not OAuth',
};
const silences = new Set(['ETIMEDOUT', 'UND_ERR_CONNECT_TIMEOUT']);

/** Why a request was not answered, as the end of a sentence; whether it may have arrived nevertheless; whether nothing came back. */
export type NetworkFault = { reason: string; mayHaveArrived: boolean; isSilence: boolean };

/** Sorts what `fetch` threw. The innermost cause knows best: fetch itself only says that it failed. */
export function networkFault(error: unknown): NetworkFault {
  const fault = { reason: 'it cannot be reached', mayHaveArrived: true, isSilence: false };
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    const { code = '', message } = cause as NodeJS.ErrnoException;
    fault.mayHaveArrived &&= !(code in neverSent);
    fault.isSilence ||= cause instanceof Silence || silences.has(code);
    fault.reason = neverSent[code] ?? maybeSent[code] ?? (harmless(message) || fault.reason);
  }
  return fault;
}

/** The reason, and what a person can do about a silence. */
export function faultWords({ reason, isSilence }: NetworkFault): string {
  return isSilence ? `${reason}; try again, or ask whoever runs it` : reason;
}
