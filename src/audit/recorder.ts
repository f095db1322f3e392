import { isDatabaseUnavailable } from '../errors.ts';
import type { Log } from '../log.ts';
import { serverChain } from './chain.ts';
import { type AuditEvent, type PlainEvent, toPlain } from './event.ts';

/** Remembers events until they are written, in bounded memory. */
export type Recorder = { add(event: AuditEvent): void; flush(): Promise<void> };

type Waiting = { event: AuditEvent; times: number };

// What a minute of the database away leaves behind, where a thousand different things happen in a second of it at most.
const mostWaiting = 10_000;

// One statement of these takes some ten milliseconds.
const mostAtOnce = 500;

/**
 * A recorder for one process. What differs in nothing but the request is one event with `times` in its details: a
 * thousand tokens for one machine, or guesses from one address, are one row a second. What finds no room is counted.
 */
export function createRecorder(options: {
  log: Log;
  /** Appends to one chain; may be tried again. */
  write(chainId: string, events: readonly PlainEvent[]): Promise<void>;
}): Recorder {
  const { log, write } = options;
  let waiting = new Map<string, Waiting>();
  let lost = 0;
  let isFailing = false;
  let writing: Promise<void> = Promise.resolve();

  function keep(item: Waiting): void {
    const { origin, ...same } = item.event;
    const key = JSON.stringify([same, origin.address, origin.agent]);
    const earlier = waiting.get(key);
    if (earlier) earlier.times += item.times;
    else if (waiting.size < mostWaiting) waiting.set(key, item);
    else lost += item.times;
  }

  async function drain(): Promise<void> {
    const items = [...waiting.values()];
    if (lost > 0) items.push({ event: lostEvents, times: lost });
    waiting = new Map();
    lost = 0;
    const byChain = Map.groupBy(items, ({ event }) => event.organizationId ?? serverChain);
    let isAway = false;
    for (const [chainId, own] of byChain) {
      for (let start = 0; start < own.length; start += mostAtOnce) {
        const piece = own.slice(start, start + mostAtOnce);
        // Each further try would wait for the same time-out again, and so would a server that stops.
        isAway ||= !(await attempt(chainId, piece));
        if (isAway) for (const item of piece) keep(item);
      }
    }
  }

  /** False where the database is away. */
  async function attempt(chainId: string, items: Waiting[]): Promise<boolean> {
    try {
      await write(chainId, items.map(toRow));
      isFailing = false;
      return true;
    } catch (error) {
      // Once for each outage.
      if (!isFailing) log.warn({ err: error }, 'could not write to the audit log');
      isFailing = true;
      if (isDatabaseUnavailable(error)) return false;
      // What the database refuses it will refuse again, and must not keep the rest from being written.
      for (const { times } of items) lost += times;
      return true;
    }
  }

  return {
    add: (event) => keep({ event, times: 1 }),
    flush() {
      writing = writing.then(() => (waiting.size > 0 || lost > 0 ? drain() : undefined));
      return writing;
    },
  };
}

const lostEvents: AuditEvent = { action: 'events.lost', actor: { kind: 'server' }, origin: {} };

function toRow({ event, times }: Waiting): PlainEvent {
  return toPlain(times === 1 ? event : { ...event, details: { ...event.details, times } });
}
