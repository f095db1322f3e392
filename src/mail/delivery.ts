import type { Log } from '../log.ts';
import type { Database } from '../postgres/pool.ts';
import type { MasterSecrets } from '../secret.ts';
import { createMailOpener } from './outbox.ts';
import {
  type ClaimedMail,
  claimMail,
  postponeMails,
  releaseMail,
  settleDeferred,
  settleFailed,
  settleSent,
} from './queue.ts';
import type { Letter, Sending, Transport } from './transport.ts';

/** Gives a mail its words, in the language that its recipient has chosen; throws where there is no such kind. */
export type Render = (kind: string, data: unknown, language: string | undefined) => Letter;

/** What sends all that waits in the outbox. */
export type Delivery = {
  /** Sends what is due, one mail after another, up to a hundred. Any number of servers may at once. */
  run(): Promise<void>;
  /** Gives up what is just being sent, for another server or a later start. */
  stop(): void;
};

const mostAtOnce = 100;
const awaySeconds = 30;

/** A delivery by a transport. */
export function createDelivery(options: {
  db: Database;
  secrets: MasterSecrets;
  transport: Transport;
  render: Render;
  log: Log;
}): Delivery {
  const { db, transport, render, log } = options;
  const openMail = createMailOpener(options.secrets);
  const stopping = new AbortController();

  async function send({ id, kind, recipient, sealed, language }: ClaimedMail): Promise<Sending> {
    const data = openMail(id, sealed);
    if (data === undefined)
      return { outcome: 'deferred', reason: 'no master secret opens it', isServerAway: false };
    try {
      return await transport({ ...render(kind, data, language), id, recipient }, stopping.signal);
    } catch (error) {
      log.error({ err: error, mail: id, kind }, 'could not write a mail');
      return { outcome: 'deferred', reason: 'it could not be written', isServerAway: false };
    }
  }

  /** Whether it is worth going on with the next one. */
  async function settle(mail: ClaimedMail, sending: Sending): Promise<boolean> {
    const { id, kind } = mail;
    switch (sending.outcome) {
      case 'sent':
        await settleSent(db, id);
        return true;
      case 'refused':
        log.warn({ mail: id, kind, reason: sending.reason }, 'a mail was refused for good');
        await settleFailed(db, mail, sending.reason);
        return true;
      case 'deferred': {
        if (stopping.signal.aborted) {
          await releaseMail(db, mail);
          return false;
        }
        const { reason, isServerAway } = sending;
        const isGivenUp = await settleDeferred(db, mail, reason);
        log.warn({ mail: id, kind, reason }, isGivenUp ? 'a mail was given up' : 'a mail has to wait');
        if (isServerAway) await postponeMails(db, awaySeconds);
        return !isServerAway;
      }
    }
  }

  return {
    async run() {
      for (let count = 0; count < mostAtOnce && !stopping.signal.aborted; count += 1) {
        const mail = await claimMail(db);
        if (!mail || !(await settle(mail, await send(mail)))) return;
      }
    },
    stop: () => stopping.abort(),
  };
}
