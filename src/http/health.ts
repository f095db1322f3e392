import { setTimeout as wait } from 'node:timers/promises';
import type { Routes } from './router.ts';

/** One thing that must be well before requests should come; `false`, a throw or 2 s of silence say that it is not. */
export type Check = () => Promise<boolean>;

// Probes are asked again every few seconds, and give up sooner than a database's time-outs.
const patienceMs = 2_000;

/**
 * `/health/live`: the process answers; touches nothing else. `/health/ready`: every check holds, else 503; the answer
 * names each check and whether it held, never why not.
 */
export function healthRoutes(checks: Record<string, Check>): Routes {
  return {
    '/health/live': {
      answers: 'json',
      GET(ctx) {
        ctx.state.isProbe = true;
        ctx.body = { status: 'ok' };
      },
    },
    '/health/ready': {
      answers: 'json',
      async GET(ctx) {
        ctx.state.isProbe = true;
        const results = await Promise.all(
          Object.entries(checks).map(async ([name, check]) => [name, await holds(check)] as const),
        );
        const isReady = results.every(([, held]) => held);
        ctx.status = isReady ? 200 : 503;
        if (!isReady) ctx.set('Retry-After', '2');
        ctx.body = {
          status: isReady ? 'ready' : 'not ready',
          checks: Object.fromEntries(results.map(([name, held]) => [name, held ? 'ok' : 'failed'])),
        };
      },
    },
  };
}

async function holds(check: Check): Promise<boolean> {
  const patience = new AbortController();
  const silence = wait(patienceMs, false, { signal: patience.signal });
  try {
    return await Promise.race([check(), silence]);
  } catch {
    return false;
  } finally {
    patience.abort();
    silence.catch(() => undefined);
  }
}
