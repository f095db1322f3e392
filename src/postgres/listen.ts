import { setTimeout as wait } from 'node:timers/promises';
import pg from 'pg';
import type { Log } from '../log.ts';
import { sql } from './sql.ts';

/**
 * What is read again when its channel is notified, after every loss of the connection, and every `everyMs` as the net
 * below both. `read` is never run twice at once.
 */
export type Subscription = { channel: string; everyMs: number; read(): Promise<unknown> };

/** Listening that goes on until it is stopped. */
export type Listening = { stop(): Promise<void> };

const firstPauseMs = 100;
const longestPauseMs = 5_000;

/** Listens on one connection of its own, which is made again, with longer and longer pauses, whenever it is lost. */
export function startListening(options: { url: string; log: Log; subscriptions: Subscription[] }): Listening {
  const { url, log, subscriptions } = options;
  const end = new AbortController();
  const readers = new Map(subscriptions.map((each) => [each.channel, createReader(each, log, end.signal)]));
  const timers = subscriptions.map(({ channel, everyMs }) => setInterval(() => ask(channel), everyMs));
  const ask = (channel: string) => readers.get(channel)?.ask();
  let hangUp = () => {};

  async function listenOnce(onListening: () => void): Promise<void> {
    const client = new pg.Client({
      connectionString: url,
      connectionTimeoutMillis: 3_000,
      query_timeout: 5_000,
      keepAlive: true,
      keepAliveInitialDelayMillis: 10_000,
      application_name: 'postern',
    });
    const lost = new Promise<unknown>((resolve) => {
      client.on('error', resolve).once('end', resolve);
      hangUp = () => resolve(undefined);
    });
    try {
      await client.connect();
      client.on('notification', ({ channel }) => ask(channel));
      for (const channel of readers.keys()) await client.query(sql`listen ${sql.identifier(channel)}`.text);
      onListening();
      // Whatever was told while nobody listened.
      for (const channel of readers.keys()) ask(channel);
      await lost;
    } finally {
      // A database that is paused never says goodbye, and must not keep a process that wants to end.
      await Promise.race([client.end().catch(() => undefined), wait(1_000, undefined, { ref: false })]);
      (client as pg.Client & { unref(): void }).unref();
    }
  }

  async function listen(): Promise<void> {
    let pauseMs = firstPauseMs;
    while (!end.signal.aborted) {
      await listenOnce(() => {
        pauseMs = firstPauseMs;
      }).catch((error: unknown) => log.debug({ err: error }, 'could not listen to the database'));
      if (end.signal.aborted) return;
      await wait(pauseMs, undefined, { signal: end.signal }).catch(() => undefined);
      pauseMs = Math.min(pauseMs * 2, longestPauseMs);
    }
  }

  const listening = listen();
  return {
    async stop() {
      end.abort();
      hangUp();
      for (const timer of timers) clearInterval(timer);
      await listening;
      await Promise.all(Array.from(readers.values(), (reader) => reader.settled()));
    },
  };
}

function createReader({ channel, read }: Subscription, log: Log, end: AbortSignal) {
  let running: Promise<void> | undefined;
  let isAsked = false;
  let isFailing = false;

  async function run(): Promise<void> {
    while (isAsked && !end.aborted) {
      isAsked = false;
      try {
        await read();
        isFailing = false;
      } catch (error) {
        // Once for each outage.
        if (!isFailing) log.warn({ err: error, channel }, 'could not read again what has changed');
        isFailing = true;
      }
    }
    running = undefined;
  }

  return {
    ask(): void {
      isAsked = true;
      running ??= run();
    },
    settled: async () => running,
  };
}
