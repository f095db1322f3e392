import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AppError, databaseUnavailable } from '../../src/errors.ts';
import type { Route } from '../../src/http/router.ts';
import { openDoor } from './door.ts';

const failing = (error: unknown, answers: Route['answers'] = 'json'): Route => ({
  answers,
  GET: (ctx) => {
    ctx.set('ETag', '"half"');
    throw error;
  },
});

test('a bug is 500 with nothing but a request id, and its cause is in the log', async (t) => {
  const { origin, lines } = await openDoor(t, {
    routes: { '/bug': failing(new Error('select secret_thing')) },
  });
  const answer = await fetch(`${origin}/bug`, { headers: { accept: 'text/html' } });
  assert.equal(answer.status, 500);
  assert.equal(answer.headers.get('etag'), null);
  const body = (await answer.json()) as Record<string, string>;
  assert.deepEqual(body, {
    error: 'server_error',
    error_description: 'Something went wrong on our side',
    request_id: answer.headers.get('x-request-id'),
  });
  const logged = lines.find(({ level }) => level === 'error') as {
    request_id: string;
    err: { message: string };
  };
  assert.equal(logged.request_id, body.request_id);
  assert.equal(logged.err.message, 'select secret_thing');
});

test('an outage is 503 with Retry-After', async (t) => {
  const { origin } = await openDoor(t, {
    routes: { '/away': failing(databaseUnavailable(new Error('gone'))) },
  });
  const answer = await fetch(`${origin}/away`);
  assert.equal(answer.status, 503);
  assert.equal(answer.headers.get('retry-after'), '2');
  assert.equal(((await answer.json()) as { error: string }).error, 'temporarily_unavailable');
});

test('a page fails as a page, whatever Accept says', async (t) => {
  const routes = { '/form-page': failing(new AppError('forbidden'), 'html') };
  const { origin } = await openDoor(t, { routes });
  const answer = await fetch(`${origin}/form-page`, { headers: { accept: 'application/json' } });
  assert.equal(answer.status, 403);
  assert.match(await answer.text(), new RegExp(`<code>${answer.headers.get('x-request-id')}</code>`));
});

test('a description holds only what RFC 6749 allows', async (t) => {
  const { origin } = await openDoor(t, {
    routes: { '/odd': failing(new AppError('conflict', 'a "b"\n\\ é')) },
  });
  const { error_description } = (await (await fetch(`${origin}/odd`)).json()) as Record<string, string>;
  assert.match(error_description ?? '', /^[\x20\x21\x23-\x5b\x5d-\x7e]+$/);
});
