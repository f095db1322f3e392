import { randomUUID } from 'node:crypto';
import type { Database } from '../postgres/pool.ts';
import { sql } from '../postgres/sql.ts';
import { deriveKeys, type MasterSecrets, open, openWithAny, seal } from '../secret.ts';

/** What each kind of mail is made of, by its name: plain JSON, times as ISO 8601. */
export type MailData = Record<string, object>;

/** A mail before it has words. */
export type Mail<Data extends MailData, Kind extends keyof Data> = {
  kind: Kind;
  recipient: string;
  data: Data[Kind];
  /** What it is about, for `withdraw`. */
  topic?: string;
  /** Whose administrators may see what became of it. */
  organizationId?: string | undefined;
};

/** Where mail is put that is to be sent. */
export type Outbox<Data extends MailData> = {
  /** Whether anything is sent at all. */
  readonly isOpen: boolean;
  /**
   * Puts a mail in, in the transaction of what it tells: it is sent if that is committed, soon after; twice where a server
   * dies while it sends. A closed outbox keeps nothing.
   */
  enqueue<Kind extends keyof Data & string>(db: Database, mail: Mail<Data, Kind>): Promise<void>;
  /** Takes back what is about this and was not sent yet. */
  withdraw(db: Database, topic: string): Promise<void>;
};

/** An outbox over the table `mails`, whose content is sealed under the master secret. */
export function createOutbox<Data extends MailData>(options: {
  secrets: MasterSecrets;
  isOpen: boolean;
}): Outbox<Data> {
  const { isOpen } = options;
  const [key] = deriveKeys(options.secrets, purpose);
  return {
    isOpen,
    async enqueue(db, { kind, recipient, data, topic, organizationId }) {
      if (!isOpen) return;
      const id = randomUUID();
      await db.query(sql`
        insert into mails (id, kind, recipient, organization_id, topic, sealed)
        values (${id}, ${kind}, ${recipient}, ${organizationId}::uuid, ${topic},
          ${seal(key, JSON.stringify(data), id)})`);
    },
    async withdraw(db, topic) {
      await db.query(sql`delete from mails where topic = ${topic} and sealed is not null`);
    },
  };
}

/** Opens what an outbox has sealed; `undefined` where no master secret that we have opens it. */
export function createMailOpener(secrets: MasterSecrets): (id: string, sealed: Buffer) => unknown {
  const keys = deriveKeys(secrets, purpose);
  return (id, sealed) => {
    const plain = openWithAny(keys, sealed, id);
    return plain && JSON.parse(plain.toString());
  };
}

/** Seals under the present master secret what an earlier one has sealed, and tells how many mails that were. */
export async function resealMails(db: Database, secrets: MasterSecrets): Promise<number> {
  const keys = deriveKeys(secrets, purpose);
  const rows = await db.query<{ id: string; sealed: Buffer }>(
    sql`select id, sealed from mails where sealed is not null order by id for update`,
  );
  let count = 0;
  for (const { id, sealed } of rows) {
    if (open(keys[0], sealed, id)) continue;
    const plain = openWithAny(keys, sealed, id);
    // One that nothing opens is told by who tries to send it.
    if (!plain) continue;
    await db.query(sql`update mails set sealed = ${seal(keys[0], plain, id)} where id = ${id}`);
    count += 1;
  }
  return count;
}

const purpose = 'mail';
