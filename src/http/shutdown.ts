import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';

/** How a server stops: `clean` when every request was answered, `cut` when the deadline came first. */
export type Stopped = 'clean' | 'cut';

/** The stopping of one server. */
export type Shutdown = {
  /** True from the first call of `stop` on: readiness must say so before the door shuts. */
  isStopping(): boolean;
  /** Stops once, however often it is called. */
  stop(): Promise<Stopped>;
};

/**
 * Prepares a server to be stopped without failing a request: for `noticeMs` it still accepts connections while load
 * balancers see that it is not ready, then it accepts no more and answers what is in flight, within `deadlineMs`.
 * Meanwhile every answer closes its connection.
 */
export function createShutdown(server: Server, options: { noticeMs: number; deadlineMs: number }): Shutdown {
  const unanswered = new Set<ServerResponse>();
  let stopped: Promise<Stopped> | undefined;

  server.prependListener('request', (_: IncomingMessage, res: ServerResponse) => {
    unanswered.add(res);
    if (stopped) closeAfter(res);
    res.once('close', () => {
      unanswered.delete(res);
      // An answer whose headers went out before the stop left its connection open.
      if (stopped && !server.listening) server.closeIdleConnections();
    });
  });

  async function stop(): Promise<Stopped> {
    for (const res of unanswered) closeAfter(res);
    await wait(options.noticeMs);
    let result: Stopped = 'clean';
    const deadline = setTimeout(() => {
      result = 'cut';
      server.closeAllConnections();
    }, options.deadlineMs);
    await new Promise((resolve) => server.close(resolve));
    clearTimeout(deadline);
    return result;
  }

  return {
    isStopping: () => stopped !== undefined,
    stop: () => {
      stopped ??= stop();
      return stopped;
    },
  };
}

function closeAfter(res: ServerResponse): void {
  if (!res.headersSent) res.setHeader('Connection', 'close');
}
