import { connect } from 'node:net';
import { buffer } from 'node:stream/consumers';

/** An answer as it came over the wire; `connection` is closed after it. */
export type RawAnswer = { status: number; headers: Headers; body: string };

/** A request as text, as no client library would write it. `Connection: close` is added. */
export type RawRequest = {
  target: string;
  method?: string;
  headers?: Record<string, string>;
  body?: string | Buffer;
};

/** Sends a request exactly as it is described, with `Host` only if it is named among the headers. */
export async function exchange(address: string, request: RawRequest): Promise<RawAnswer> {
  const { target, method = 'GET', headers = {}, body = '' } = request;
  const { hostname, port } = new URL(address);
  const socket = connect(Number(port), hostname);
  // A server that has had enough may reset the connection while it is still being written to.
  socket.on('error', () => undefined);
  const lines = Object.entries({ ...headers, Connection: 'close' }).map(
    ([name, value]) => `${name}: ${value}\r\n`,
  );
  socket.write(`${method} ${target} HTTP/1.1\r\n${lines.join('')}\r\n`, 'latin1');
  socket.write(body);
  return parse((await buffer(socket)).toString('latin1'));
}

function parse(text: string): RawAnswer {
  const end = text.indexOf('\r\n\r\n');
  const [start = '', ...lines] = text.slice(0, end).split('\r\n');
  const headers = new Headers(lines.map((line) => line.split(/: (.*)/s, 2) as [string, string]));
  return { status: Number(start.split(' ')[1]), headers, body: text.slice(end + 4) };
}
