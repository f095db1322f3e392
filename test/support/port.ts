import { randomInt } from 'node:crypto';
import { createServer, type Server, setDefaultAutoSelectFamilyAttemptTimeout } from 'node:net';

// Where localhost has two addresses and we listen on one: this process being busy for a quarter of a second while it
// connects must not count as no answer from the right one.
setDefaultAutoSelectFamilyAttemptTimeout(10_000);

// Below all that a system gives to outgoing connections or for port 0 (RFC 6335 section 6; from 32768 on Linux), so that
// none of them takes a port between our look and our use. Above those that browsers and fetch refuse.
const [lowest, end] = [11_000, 32_768];

/** Held until this process ends: the odd neighbour of a port says to the other processes of the tests that it is taken. */
const marks: Server[] = [];

/** An even port of the loopback that nobody listens on, and that no other call in any process is given while this one lives. */
export async function findFreePort(): Promise<number> {
  for (;;) {
    const port = 2 * randomInt(lowest / 2, end / 2);
    const mark = await occupy(port + 1);
    if (!mark) continue;
    marks.push(mark);
    const probe = await occupy(port);
    if (!probe) continue;
    await new Promise((closed) => probe.close(closed));
    return port;
  }
}

/** Listens there unless somebody else does; does not keep the process alive. */
function occupy(port: number): Promise<Server | undefined> {
  const server = createServer();
  return new Promise((resolve) => {
    server.once('error', () => resolve(undefined));
    server.listen({ host: 'localhost', port }, () => resolve(server));
    server.unref();
  });
}
