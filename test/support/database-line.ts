import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A line between a server and its PostgreSQL that accidents can happen to. */
export type DatabaseLine = {
  /** The database, reached over this line. */
  readonly url: string;
  /** As when PostgreSQL has stopped: connections are reset, new ones refused. */
  cut(): Promise<void>;
  /** As when it is paused, or its machine has vanished: connections stay open, and nothing comes back. */
  stall(): void;
  /** The next statement that holds this text is carried out, and the connection is reset before its answer. */
  loseAnswerTo(text: string): void;
  /** All is well again; connections that stalled go on where they were. */
  mend(): Promise<void>;
  close(): Promise<void>;
};

/** Opens a line to the PostgreSQL of a URL. */
export async function openDatabaseLine(databaseUrl: string): Promise<DatabaseLine> {
  const target = new URL(databaseUrl);
  const pairs = new Map<Socket, Socket>();
  let fateful: string | undefined;
  let isStalled = false;

  const server = createServer((near) => {
    const far = connect(Number(target.port || 5432), target.hostname);
    pairs.set(near, far);
    if (isStalled) {
      near.pause();
      far.pause();
    }
    let isAnswerLost = false;
    near.on('data', (chunk) => {
      if (fateful !== undefined && chunk.includes(fateful)) {
        isAnswerLost = true;
        fateful = undefined;
      }
      far.write(chunk);
    });
    far.on('data', (chunk) => {
      if (isAnswerLost) near.resetAndDestroy();
      else near.write(chunk);
    });
    const end = () => {
      pairs.delete(near);
      near.destroy();
      far.end();
    };
    for (const socket of [near, far]) socket.on('error', end).on('close', end);
  });
  const listen = async (port: number) => {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    return (server.address() as AddressInfo).port;
  };
  const port = await listen(0);
  const url = new URL(databaseUrl);
  url.hostname = '127.0.0.1';
  url.port = String(port);

  async function cut(): Promise<void> {
    if (!server.listening) return;
    const closed = new Promise((resolve) => server.close(resolve));
    for (const near of pairs.keys()) near.resetAndDestroy();
    await closed;
  }

  return {
    url: url.href,
    cut,
    stall() {
      isStalled = true;
      for (const pair of pairs) for (const socket of pair) socket.pause();
    },
    loseAnswerTo(text) {
      fateful = text;
    },
    async mend() {
      isStalled = false;
      for (const pair of pairs) for (const socket of pair) socket.resume();
      if (!server.listening) await listen(port);
    },
    close: cut,
  };
}
