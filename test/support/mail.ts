import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';

/** A mail as a mail server has taken it, with its headers by their names in small letters. */
export type TakenMail = {
  from: string;
  to: string[];
  headers: Map<string, string>;
  text: string;
  html: string;
  /** Every byte of it. */
  raw: string;
  /** Whether it came over TLS, and who had signed in. */
  isSecure: boolean;
  user: string | undefined;
};

/** A mail server on a loopback address. */
export type MailServer = {
  port: number;
  /** Everything taken so far. */
  taken: TakenMail[];
  /** What it was taken, as soon as there is one that fits and was not given out before. */
  next(fits?: (mail: TakenMail) => boolean): Promise<TakenMail>;
  /** What it says to a message instead of taking it; `undefined`: it takes it. `stall`: it says nothing at all. */
  answer: ((to: string) => { code: number; text: string } | 'stall' | undefined) | undefined;
  stop(): Promise<void>;
};

/** Starts one; `port` to come back at the same place. */
export async function startMailServer(
  options: SMTPServerOptions & { host?: string; port?: number } = {},
): Promise<MailServer> {
  const { host = '127.0.0.1', port: wanted = 0, ...rest } = options;
  const taken: TakenMail[] = [];
  const given = new Set<TakenMail>();
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: rest.secure || rest.key ? [] : ['STARTTLS'],
    logger: false,
    onRcptTo({ address }, _session, done) {
      const said = mailServer.answer?.(address);
      if (said === 'stall') return;
      if (said) return done(Object.assign(new Error(said.text), { responseCode: said.code }));
      done();
    },
    onData(stream, session, done) {
      // A sender that goes away in the middle has sent nothing.
      text(stream).then((raw) => {
        taken.push({
          ...parse(raw),
          from: session.envelope.mailFrom ? session.envelope.mailFrom.address : '',
          to: session.envelope.rcptTo.map(({ address }) => address),
          raw,
          isSecure: session.secure,
          user: session.user,
        });
        done();
        server.emit('taken');
      }, done);
    },
    ...rest,
  });
  server.on('error', () => undefined);
  server.listen(wanted, host);
  await once(server.server, 'listening');
  const mailServer: MailServer = {
    port: (server.server.address() as AddressInfo).port,
    taken,
    answer: undefined,
    async next(fits = () => true) {
      for (;;) {
        const found = taken.find((mail) => !given.has(mail) && fits(mail));
        if (found) {
          given.add(found);
          return found;
        }
        await once(server, 'taken', { signal: AbortSignal.timeout(60_000) });
      }
    },
    stop: () => new Promise((resolve) => server.close(() => resolve())),
  };
  return mailServer;
}

function parse(raw: string): Pick<TakenMail, 'headers' | 'text' | 'html'> {
  const [head = '', body = ''] = split(raw);
  const headers = readHeaders(head);
  const boundary = /boundary="([^"]+)"/.exec(headers.get('content-type') ?? '')?.[1];
  const parts = boundary ? body.split(`--${boundary}`).slice(1, -1) : [raw];
  const content = (type: string) => {
    for (const part of parts) {
      const [partHead = '', partBody = ''] = split(part.replace(/^\r\n/, ''));
      const own = readHeaders(partHead);
      if (own.get('content-type')?.startsWith(type))
        return decode(partBody, own.get('content-transfer-encoding') ?? '');
    }
    return '';
  };
  return { headers, text: content('text/plain'), html: content('text/html') };
}

function split(text: string): [string, string] {
  const at = text.indexOf('\r\n\r\n');
  return [text.slice(0, at), text.slice(at + 4)];
}

function readHeaders(head: string): Map<string, string> {
  const lines = head.replace(/\r\n[ \t]+/g, ' ').split('\r\n');
  return new Map(
    lines.map((line) => {
      const at = line.indexOf(':');
      return [line.slice(0, at).toLowerCase(), decodeWords(line.slice(at + 1).trim())];
    }),
  );
}

/** Encoded words (RFC 2047). */
function decodeWords(value: string): string {
  return value
    .replace(/\?= (?==\?)/g, '?=')
    .replace(/=\?utf-8\?([bq])\?([^?]*)\?=/gi, (_, kind: string, word: string) =>
      kind.toLowerCase() === 'b'
        ? Buffer.from(word, 'base64').toString()
        : decode(word.replaceAll('_', ' '), 'quoted-printable'),
    );
}

function decode(body: string, encoding: string): string {
  if (encoding === 'base64') return Buffer.from(body, 'base64').toString();
  if (encoding !== 'quoted-printable') return body.replaceAll('\r\n', '\n');
  const bytes = body
    .replace(/=\r\n/g, '')
    .replaceAll('\r\n', '\n')
    .replace(/=([0-9A-F]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(bytes, 'latin1').toString();
}
