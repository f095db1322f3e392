import { createWriter, type LetterData } from '../../views/mail/templates.ts';
import type { Clock } from '../clock.ts';
import type { Config } from '../config.ts';
import type { Limits } from '../limits/limits.ts';
import type { Log } from '../log.ts';
import { createDelivery } from '../mail/delivery.ts';
import { createOutbox } from '../mail/outbox.ts';
import { createSmtpTransport } from '../mail/smtp.ts';
import { createShowingTransport, type Transport } from '../mail/transport.ts';
import type { Database } from '../postgres/pool.ts';
import type { MasterSecrets } from '../secret.ts';
import { createMootness } from './moot.ts';
import { createNotices, type Notices } from './notices.ts';
import { tellExpiringTokens } from './token-expiry.ts';

/** Everything that has to do with mail, in one server. */
export type Post = {
  notices: Notices;
  /** Begins to send what is due; does nothing where no mail can be sent. */
  deliver(): Promise<void>;
  /** Tells of tokens that end soon. */
  tellExpiring(): Promise<unknown>;
  /** Gives up what is just being sent. */
  stop(): Promise<void>;
};

/**
 * By the mail server of the settings; without one, in development, to whoever watches the server, by `showMail`. In
 * production without one nothing is kept or sent.
 */
export function createPost(options: {
  db: Database;
  config: Config;
  secrets: MasterSecrets;
  limits: Limits;
  log: Log;
  clock: Clock;
  showMail: ((text: string) => void) | undefined;
  /** The URI of the management API, whose permissions say who is told. */
  resource: string;
}): Post {
  const { db, config, secrets, limits, log, clock, resource } = options;
  const { issuer } = config;
  const transport = chooseTransport(config, options.showMail);
  const outbox = createOutbox<LetterData>({ secrets, isOpen: transport !== undefined });
  const delivery =
    transport &&
    createDelivery({
      db,
      secrets,
      transport,
      render: createWriter(issuer, config.brand.name),
      isMoot: createMootness(db, resource),
      log,
    });
  return {
    notices: createNotices({ outbox, limits, issuer, resource, clock }),
    deliver: async () => delivery?.begin(),
    tellExpiring: () => tellExpiringTokens(db, { outbox, issuer }),
    stop: async () => delivery?.stop(),
  };
}

function chooseTransport(
  { mail, mode, issuer }: Config,
  showMail: ((text: string) => void) | undefined,
): Transport | undefined {
  if (mail) return createSmtpTransport(mail, issuer);
  return mode === 'development' && showMail ? createShowingTransport(showMail) : undefined;
}
