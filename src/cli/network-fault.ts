import { harmless } from './terminal-text.ts';

const neverSent: Record<string, string> = {
  ECONNREFUSED: 'nothing listens there',
  ENOTFOUND: 'no such host',
  EAI_AGAIN: 'its name cannot be looked up now',
  ENETUNREACH: 'the network is away',
  EHOSTUNREACH: 'the network is away',
  UND_ERR_CONNECT_TIMEOUT: 'it does not answer',
  ERR_SSL_WRONG_VERSION_NUMBER: 'it does not speak https',
};
const maybeSent: Record<string, string> = {
  ECONNRESET: 'the connection was cut',
  UND_ERR_SOCKET: 'the connection was cut',
  ETIMEDOUT: 'it does not answer',
  OAUTH_TIMEOUT: 'it does not answer',
  OAUTH_RESPONSE_IS_NOT_JSON: 'what it answers is not OAuth',
};

/**
 * Why a request was not answered, as the end of a sentence, and whether it may have arrived nevertheless. The innermost
 * cause knows best: fetch itself only says that it failed.
 */
export function networkFault(error: unknown): { reason: string; mayHaveArrived: boolean } {
  let reason = 'it cannot be reached';
  let mayHaveArrived = true;
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    const { code: given = '', name, message } = cause as NodeJS.ErrnoException;
    const code = name === 'TimeoutError' ? 'ETIMEDOUT' : given;
    mayHaveArrived &&= !(code in neverSent);
    reason = neverSent[code] ?? maybeSent[code] ?? (harmless(message) || reason);
  }
  return { reason, mayHaveArrived };
}
