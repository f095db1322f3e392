import type { Log } from '../log.ts';
import type { Database } from '../postgres/pool.ts';
import type { MasterSecrets } from '../secret.ts';
import { createMailOpener } from './outbox.ts';
import {
  type ClaimedMail,
  claimMail,
  dropMail,
  postponeMails,
  releaseMail,
  settleDeferred,
  settleFailed,
  settleSent,
} from './queue.ts';
import type { Letter, Sending, Transport } from './transport.ts';

/** Gives a mail its words, in the language that its recipient has chosen; throws where there is no such kind. */
export type Render = (kind: string, data: unknown, language: string | undefined) => Letter;

/** Whether there is no point in a mail any more, asked just before it is sent. */
export type IsMoot = (mail: {
  recipient: string;
  topic: string | undefined;
  data: unknown;
}) => Promise<boolean>;

/** What sends all that waits in the outbox. */
export type Delivery = {
  /** Begins to send what is due, and comes back at once. Any number of servers may. */
  begin(): void;
  /** Gives up what is just being sent, for another server or a later start. */
  stop(): Promise<void>;
};

// A receiver that is slow holds up nobody else, and few mail servers mind so many connections.
const mostAtOnce = 4;
const awaySeconds = 30;

/** A delivery by a transport. */
export function createDelivery(options: {
  db: Database;
  secrets: MasterSecrets;
  transport: Transport;
  render: Render;
  isMoot: IsMoot;
  log: Log;
}): Delivery {
  const { db, transport, render, isMoot, log } = options;
  const openMail = createMailOpener(options.secrets);
  const stopping = new AbortController();

  async function send(mail: ClaimedMail): Promise<Sending | { outcome: 'moot' }> {
    const { id, kind, recipient, topic, sealed, language } = mail;
    const data = openMail(id, sealed);
    if (data === undefined)
      return { outcome: 'deferred', reason: 'no master secret opens it', isServerAway: false };
    if (await isMoot({ recipient, topic, data })) return { outcome: 'moot' };
    try {
      return await transport({ ...render(kind, data, language), id, recipient }, stopping.signal);
    } catch (error) {
      log.error({ err: error, mail: id, kind }, 'could not write a mail');
      return { outcome: 'deferred', reason: 'it could not be written', isServerAway: false };
    }
  }

  /** Whether it is worth going on with the next one. */
  async function settle(mail: ClaimedMail, sending: Sending | { outcome: 'moot' }): Promise<boolean> {
    const { id, kind } = mail;
    switch (sending.outcome) {
      case 'sent':
        await settleSent(db, id);
        return true;
      case 'moot':
        await dropMail(db, mail);
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

  const lanes = new Set<Promise<void>>();

  /** One mail after another, as long as some are due; whoever finds one lets somebody else look for more. */
  async function work(): Promise<void> {
    while (!stopping.signal.aborted) {
      const mail = await claimMail(db);
      if (!mail) return;
      begin();
      if (stopping.signal.aborted) return await releaseMail(db, mail);
      if (!(await settle(mail, await send(mail)))) return;
    }
  }

  function begin(): void {
    if (lanes.size >= mostAtOnce || stopping.signal.aborted) return;
    const lane: Promise<void> = work()
      .catch((error: unknown) => log.warn({ err: error }, 'could not look after the mail'))
      .finally(() => lanes.delete(lane));
    lanes.add(lane);
  }

  return {
    begin,
    async stop() {
      stopping.abort();
      await Promise.all(lanes);
    },
  };
}
