import { randomUUID } from 'node:crypto';
import { createWriter } from '../../../views/mail/templates.ts';
import { configurationError } from '../../config.ts';
import { AppError } from '../../errors.ts';
import { listMails, type MailState } from '../../mail/queue.ts';
import { createSmtpTransport } from '../../mail/smtp.ts';
import { isEmail } from '../../users/user.ts';
import type { Io } from '../io.ts';
import { withDatabase } from './database.ts';
import { table } from './table.ts';

/** `postern mail test`. */
export async function test(io: Io, { to }: { to: string }): Promise<void> {
  if (!isEmail(to)) throw new AppError('usage', '--to: write an email address');
  const { mail, issuer, brand } = await withDatabase(io, async (_db, config) => config);
  if (!mail) {
    throw configurationError(['POSTERN_SMTP_URL: set a URL such as smtps://user:password@mail.example.com']);
  }
  const send = createSmtpTransport(mail, issuer);
  const letter = createWriter(issuer, brand.name)('test', {}, undefined);
  const sending = await send({ ...letter, id: randomUUID(), recipient: to }, io.interruption());
  if (sending.outcome !== 'sent') throw new AppError('failure', `It was not sent: ${sending.reason}`);
  io.say(`The mail server has taken a mail to ${to}.`);
}

const states = ['waiting', 'sent', 'failed'] as const;

/** `postern mail list`. */
export async function list(
  io: Io,
  options: { state?: string; limit?: string; json?: boolean },
): Promise<void> {
  const state = states.find((each) => each === options.state);
  if (options.state !== undefined && !state)
    throw new AppError('usage', `--state: write ${states.join(', ')}`);
  const limit = Number(options.limit ?? 100);
  if (!Number.isInteger(limit) || limit < 1 || limit > 10_000)
    throw new AppError('usage', '--limit: write a number from 1 to 10000');
  const mails = await withDatabase(io, (db) => listMails(db, { state }, { limit }));
  if (options.json) io.json(mails.map(mailJson));
  else if (mails.length > 0) io.data(mailTable(mails));
  else io.say('There is no such mail.');
}

function mailTable(mails: readonly MailState[]): string {
  const rows = mails.map(({ createdAt, kind, recipient, state, at, attempts, failure }) => [
    createdAt.toISOString(),
    kind,
    recipient,
    state,
    at.toISOString(),
    String(attempts),
    failure ?? '',
  ]);
  return table([['WRITTEN', 'KIND', 'TO', 'STATE', 'AT', 'TRIES', 'FAILURE'], ...rows]);
}

function mailJson(mail: MailState): Record<string, unknown> {
  return {
    id: mail.id,
    kind: mail.kind,
    recipient: mail.recipient,
    state: mail.state,
    attempts: mail.attempts,
    organization_id: mail.organizationId,
    created_at: mail.createdAt.toISOString(),
    at: mail.at.toISOString(),
    failure: mail.failure,
  };
}
