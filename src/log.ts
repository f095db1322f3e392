import { type DestinationStream, type Logger, pino, stdSerializers } from 'pino';

/** A structured logger: one JSON object a line. */
export type Log = Logger;

const secretNames = [
  'authorization',
  'cookie',
  'set-cookie',
  'dpop',
  'password',
  'client_secret',
  'client_assertion',
  'access_token',
  'refresh_token',
  'device_code',
  'user_code',
  'token',
  'secret',
  'csrf',
  'ticket',
  'assertion',
  'subject_token',
  'actor_token',
  'registration_access_token',
];

/** One of our tokens. */
const tokenText = /\b[a-z0-9]{2,16}_(?:at|rt|dc|cs|api|in|it|ra)_[0-9A-Za-z]{20,}/g;

/** A JWT behind anything. Tried only where its dots are there: from every `eyJ` it would take seconds for a long text. */
const jwtText = /(?<![\w-])(?=[\w-]+\.[\w-]+\.)([\w-]*?)\beyJ[\w-]{8,}\.[\w-]+\.[\w-]*/g;

/** A user code as it is shown; in small letters that would be part of many an id. */
const userCodeText = /\b[B-DF-HJ-NP-TV-XZ]{4}-?[B-DF-HJ-NP-TV-XZ]{4}\b/g;

/** What follows a scheme in an Authorization header. */
const credentialsText = /\b(?:Basic|Bearer|DPoP|Token) +[\w+/=.~-]{6,}/gi;

/** User and password in a URL. */
const userInfoText = /:\/\/[^:/\s]{1,64}:[^@/\s"]+@/g;

/** Text with tokens blotted out; for names that people choose, which may look like less certain things. */
export function redactTokens(text: string): string {
  return text.replace(jwtText, '$1[redacted]').replace(tokenText, '[redacted]');
}

/** Text with everything that looks like a credential blotted out; for messages that come from elsewhere. */
export function redactText(text: string): string {
  return redactTokens(text)
    .replace(userCodeText, '[redacted]')
    .replace(credentialsText, '[redacted]')
    .replace(userInfoText, '://[redacted]@');
}

/** A logger on `destination` (standard output unless given). Named secrets are removed at two levels, and each line is combed for what looks like one. */
export function createLog(options: { level: string; destination?: DestinationStream }): Log {
  return pino(
    {
      level: options.level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: {
        paths: secretNames.flatMap((name) => [`["${name}"]`, `*["${name}"]`, `*.*["${name}"]`]),
        censor: '[redacted]',
      },
      serializers: { err: describeError, error: describeError },
      hooks: { streamWrite: redactText },
    },
    options.destination ?? pino.destination({ dest: 1, sync: false }),
  );
}

/** Message, stack and causes without the fields that drivers hang on their errors (a query's text and values among them). */
function describeError(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const { type, message, stack } = stdSerializers.err(error) as {
    type: string;
    message: string;
    stack: string;
  };
  const code = 'code' in error ? { code: error.code } : {};
  return { type, ...code, message, stack };
}
