import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createCookies } from '../../src/web/cookies.ts';
import { openDoor } from '../http/door.ts';

async function setCookies(t: Parameters<typeof openDoor>[0], isHttps: boolean): Promise<string[]> {
  const cookies = createCookies({ isHttps });
  const { origin } = await openDoor(t, {
    issuer: isHttps ? 'https://login.example.com' : 'http://localhost:8628',
    routes: {
      '/set': {
        answers: 'html',
        GET(ctx) {
          cookies.clear(ctx, 'device');
          cookies.set(ctx, 'device', 'step', 600);
          cookies.set(ctx, 'session', 'id');
          cookies.clear(ctx, 'visit');
          ctx.body = '';
        },
      },
    },
  });
  const lines = (await fetch(`${origin}/set`)).headers.getSetCookie();
  return lines.map((line) => line.replace(/expires=(?!Thu, 01 Jan 1970)[^;]*/, 'expires=later'));
}

test('behind an https issuer cookies belong to the host alone and travel by https only', async (t) => {
  assert.deepEqual(await setCookies(t, true), [
    '__Host-postern-device=step; path=/; expires=later; samesite=lax; secure; httponly',
    '__Host-postern-session=id; path=/; samesite=lax; secure; httponly',
    '__Host-postern-visit=; path=/; expires=Thu, 01 Jan 1970 00:00:00 GMT; samesite=lax; secure; httponly',
  ]);
});

test('on loopback http they have plain names, which a browser then takes', async (t) => {
  const [device] = await setCookies(t, false);
  assert.equal(device, 'postern-device=step; path=/; expires=later; samesite=lax; httponly');
});
