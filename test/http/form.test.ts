import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { until } from '../support/until.ts';
import { openDoor } from './door.ts';

const urlencoded = { 'content-type': 'application/x-www-form-urlencoded' };

test('a form comes as its bytes and its pairs, in order and with repetitions', async (t) => {
  const { origin } = await openDoor(t);
  const body = 'b=1&a=x+y%20z&a=%C3%A9&&empty&also=';
  const answer = await fetch(`${origin}/form`, { method: 'POST', headers: urlencoded, body });
  assert.equal(answer.status, 200);
  assert.deepEqual(await answer.json(), {
    bytes: body.length,
    pairs: [
      ['b', '1'],
      ['a', 'x y z'],
      ['a', 'é'],
      ['empty', ''],
      ['also', ''],
    ],
  });
});

test('names of object properties are parameters like any other', async (t) => {
  const { origin } = await openDoor(t);
  const body = '__proto__=1&constructor=2&a%5Bb%5D=3';
  const answer = await fetch(`${origin}/form`, { method: 'POST', headers: urlencoded, body });
  const { pairs } = (await answer.json()) as { pairs: unknown };
  assert.deepEqual(pairs, [
    ['__proto__', '1'],
    ['constructor', '2'],
    ['a[b]', '3'],
  ]);
});

test('a request without a body is an empty form', async (t) => {
  const { origin } = await openDoor(t);
  const answer = await fetch(`${origin}/form`, { method: 'POST' });
  assert.deepEqual(await answer.json(), { bytes: 0, pairs: [] });
});

test('a body of 56 kB is taken, one byte more is 413 and closes the connection', async (t) => {
  const { origin } = await openDoor(t);
  const send = (bytes: number) =>
    fetch(`${origin}/form`, { method: 'POST', headers: urlencoded, body: `a=${'x'.repeat(bytes - 2)}` });
  assert.equal((await send(57_344)).status, 200);
  const refused = await send(57_345);
  assert.equal(refused.status, 413);
  assert.equal(refused.headers.get('connection'), 'close');
  const { error } = (await refused.json()) as { error: string };
  assert.equal(error, 'invalid_request');
});

test('a chunked body without a length is cut off at the same size', async (t) => {
  const { origin, port } = await openDoor(t);
  const chunks = (count: number) =>
    new ReadableStream({
      pull(controller) {
        count -= 1;
        if (count < 0) controller.close();
        else controller.enqueue(Buffer.alloc(8192, 'a'));
      },
    });
  const send = (count: number) =>
    fetch(`${origin}/form`, {
      method: 'POST',
      headers: urlencoded,
      body: chunks(count),
      duplex: 'half',
    } as RequestInit);
  assert.equal((await send(7)).status, 200);
  assert.equal((await send(8)).status, 413);

  const endless = connect(port, '127.0.0.1');
  endless.on('error', () => undefined).resume();
  endless.write('POST /form HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n');
  endless.write('Content-Type: application/x-www-form-urlencoded\r\n\r\n');
  const chunk = `2000\r\n${'a'.repeat(8192)}\r\n`;
  const pump = () => {
    while (endless.writable && endless.write(chunk));
  };
  endless.on('drain', pump);
  pump();
  await new Promise((resolve) => endless.once('close', resolve));
  assert.ok(endless.bytesWritten < 20_000_000);
});

test('a body that does not arrive is 408, whether it stalls or trickles', async (t) => {
  const { exchange, port } = await openDoor(t, { bodyTimeoutMs: 100 });
  const head = 'POST /form HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n';
  const type = 'Content-Type: application/x-www-form-urlencoded\r\n\r\n';
  const stalled = await exchange(`${head}${type}a=`);
  assert.match(stalled, /^HTTP\/1\.1 408 /);
  assert.match(stalled, /\r\nConnection: close\r\n/i);

  const trickle = () => {
    const trickling = connect(port, '127.0.0.1');
    trickling.on('error', () => undefined);
    trickling.write(head + type);
    const drip = setInterval(() => trickling.write('a'), 20);
    trickling.on('close', () => clearInterval(drip));
    return received(trickling);
  };
  // A drop that arrives behind the answer resets the connection, and may take the answer with it.
  const answer = await until(async () => (await trickle()) || undefined);
  assert.match(answer, /^HTTP\/1\.1 408 /);
});

test('a caller of too much is heard to the end by a server that was too busy to listen', async (t) => {
  const { server, port } = await openDoor(t);
  const sending = connect(port, '127.0.0.1');
  const answer = received(sending);
  const [socket] = (await once(server, 'connection')) as [Socket];
  sending.write('POST /form HTTP/1.1\r\nHost: x\r\nContent-Length: 960000\r\n');
  sending.write('Content-Type: application/x-www-form-urlencoded\r\n\r\n');
  sending.write(Buffer.alloc(60_000, 'a'));
  await until(() => socket.bytesRead > 60_000);
  sending.write(Buffer.alloc(900_000, 'a'));
  setImmediate(blockForASecond);
  assert.match(await answer, /^HTTP\/1\.1 413 /);
  // What a connection leaves unread when it closes resets it, and the answer may be lost with that.
  assert.ok(socket.bytesRead > 960_000, `${socket.bytesRead} bytes`);
});

test('a body is on time that arrived while the server was too busy to read it', async (t) => {
  const { server, port } = await openDoor(t, { bodyTimeoutMs: 500 });
  const sending = connect(port, '127.0.0.1');
  server.once('request', () => {
    sending.write('a=b');
    setImmediate(blockForASecond);
  });
  sending.write('POST /form HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 3\r\n');
  sending.write('Content-Type: application/x-www-form-urlencoded\r\n\r\n');
  assert.match(await received(sending), /^HTTP\/1\.1 200 /);
});

test('a caller who leaves in the middle of a body harms nobody', async (t) => {
  const { origin, port } = await openDoor(t);
  const leaving = connect(port, '127.0.0.1');
  leaving.write(
    'POST /form HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\nContent-Type: application/x-www-form-urlencoded\r\n\r\na',
    () => leaving.destroy(),
  );
  await once(leaving, 'close');
  assert.equal((await fetch(`${origin}/where`)).status, 200);
});

test('another content type, charset or encoding is 415', async (t) => {
  const { origin } = await openDoor(t);
  const send = async (headers: Record<string, string>) =>
    (await fetch(`${origin}/form`, { method: 'POST', headers, body: Buffer.from('a=b') })).status;
  assert.equal(await send({ 'content-type': 'application/json' }), 415);
  assert.equal(await send({}), 415);
  assert.equal(await send({ 'content-type': 'application/x-www-form-urlencodedx' }), 415);
  assert.equal(await send({ 'content-type': 'application/x-www-form-urlencoded; charset=utf-16' }), 415);
  assert.equal(await send({ ...urlencoded, 'content-encoding': 'gzip' }), 415);
  assert.equal(await send({ ...urlencoded, 'content-encoding': 'identity' }), 200);
  assert.equal(await send({ 'content-type': 'Application/X-WWW-Form-Urlencoded;charset="UTF-8"' }), 200);
});

test('what is not UTF-8 or not percent-encoded well is 400', async (t) => {
  const { origin } = await openDoor(t);
  const send = async (body: string | number[]) =>
    (
      await fetch(`${origin}/form`, {
        method: 'POST',
        headers: urlencoded,
        body: Uint8Array.from(typeof body === 'string' ? Buffer.from(body) : body),
      })
    ).status;
  assert.equal(await send([0x61, 0x3d, 0xff]), 400);
  assert.equal(await send('a=%FF'), 400);
  assert.equal(await send('a=%ED%A0%80'), 400);
  assert.equal(await send('a=%zz'), 400);
  assert.equal(await send('a=100%'), 400);
  assert.equal(await send('%=1'), 400);
});

test('100 parameters are taken, 101 are 400, and 100,000 are refused as fast', async (t) => {
  const { origin } = await openDoor(t);
  const send = async (body: string) =>
    (await fetch(`${origin}/form`, { method: 'POST', headers: urlencoded, body })).status;
  const many = (count: number) => Array.from({ length: count }, (_, index) => `a=${index % 10}`).join('&');
  assert.equal(await send(many(100)), 200);
  assert.equal(await send(many(101)), 400);
  assert.equal(await send('&'.repeat(57_344)), 400);
  const before = process.cpuUsage();
  assert.equal(await send(many(100_000)), 413);
  assert.ok(process.cpuUsage(before).user < 1_000_000);
});

function blockForASecond(): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1_000);
}

function received(socket: ReturnType<typeof connect>): Promise<string> {
  return text(socket).catch(() => '');
}
