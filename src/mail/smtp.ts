import { Socket } from 'node:net';
import type { MailConfig } from '../config.ts';
import { redactText } from '../log.ts';
import { isLoopback } from '../loopback.ts';
import type { Sending, Transport } from './transport.ts';

// Together below the time for which a mail is claimed, so that no second server begins before the first has given up.
const timeouts = { connectionTimeout: 10_000, greetingTimeout: 10_000, socketTimeout: 20_000 };
const longestMilliseconds = 60_000;

/**
 * Sends by SMTP (RFC 5321), each message over a connection of its own. TLS is demanded, by `smtps:` or by STARTTLS
 * (RFC 3207), and the server's certificate is checked, except on a loopback address, where nobody listens in.
 */
export function createSmtpTransport({ smtpUrl, from }: MailConfig, issuer: string): Transport {
  const url = new URL(smtpUrl);
  const isSecure = url.protocol === 'smtps:';
  const isNear = isLoopback(smtpUrl);
  const server = {
    host: url.hostname.replace(/[[\]]/g, ''),
    port: Number(url.port) || (isSecure ? 465 : 587),
    secure: isSecure,
    requireTLS: !isSecure && !isNear,
    ignoreTLS: !isSecure && isNear,
    ...(url.username && {
      auth: { user: decodeURIComponent(url.username), pass: decodeURIComponent(url.password) },
    }),
    ...timeouts,
    disableFileAccess: true,
    disableUrlAccess: true,
  };
  const domain = new URL(issuer).hostname;

  return async ({ id, recipient, subject, text, html }, signal) => {
    if (!isDeliverable(recipient))
      return { outcome: 'refused', reason: 'no mail can be sent to this address' };
    const { createTransport } = await import('nodemailer');
    // Our own socket, so that nothing the server does, or does not do, takes longer than we wait.
    const socket = new Socket();
    const deadline = AbortSignal.any([signal, AbortSignal.timeout(longestMilliseconds)]);
    const end = () => socket.destroy();
    deadline.addEventListener('abort', end);
    try {
      await createTransport({ ...server, socket }).sendMail({
        from,
        to: { name: '', address: recipient },
        envelope: { from: addressIn(from), to: [recipient] },
        subject,
        text,
        html,
        messageId: `<${id}@${domain}>`,
        headers: { 'Auto-Submitted': 'auto-generated' },
      });
      return { outcome: 'sent' };
    } catch (error) {
      return judge(error as SmtpError);
    } finally {
      deadline.removeEventListener('abort', end);
      socket.destroy();
    }
  };
}

type SmtpError = Error & { code?: string; command?: string; response?: string; responseCode?: number };

/**
 * 5xx is for good (RFC 5321 section 4.2.1) where it is about this recipient or this message. Where it is about us (who we
 * are, whether we may send at all), an operator has something to mend, and the mail waits for it.
 */
function judge({ code, command, message, response, responseCode = 0 }: SmtpError): Sending {
  const reason = redactText(response ?? message)
    .replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ')
    .slice(0, 300)
    .toWellFormed();
  const isOurs = command !== 'RCPT TO' && command !== 'DATA';
  const isUnspeakable = code === 'EENVELOPE' && command === 'API';
  if (isUnspeakable || (!isOurs && responseCode >= 500)) return { outcome: 'refused', reason };
  return { outcome: 'deferred', reason, isServerAway: isOurs };
}

/** Quoted local parts and source routes are nobody's address here, but ways to be understood as another one. */
function isDeliverable(address: string): boolean {
  return /^[^\s@<>()[\]\\,;:"\p{Cc}\p{Cf}]{1,64}@[\p{L}\p{N}](?:[\p{L}\p{N}.-]*[\p{L}\p{N}])?$/u.test(
    address,
  );
}

function addressIn(from: string): string {
  return /<([^<>]+)>$/.exec(from)?.[1] ?? from;
}
