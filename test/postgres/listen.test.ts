import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { startListening } from '../../src/postgres/listen.ts';
import { createPool, type Pool } from '../../src/postgres/pool.ts';
import { sql } from '../../src/postgres/sql.ts';
import { openDatabase } from '../support/postgres.ts';
import { captureLog } from '../support/server.ts';
import { testLog } from '../support/temporary-postgres.ts';

let url: string;
let db: Pool;
before(async () => {
  ({ url } = await openDatabase());
  db = createPool({ url, log: testLog, max: 2 });
});
after(() => db.close());

const never = 86_400_000;

/** Counts what is read again, and waits for the next time. */
function createCount() {
  let count = 0;
  let tell = () => {};
  return {
    read: async () => {
      count += 1;
      tell();
    },
    count: () => count,
    async until(reached: number): Promise<void> {
      while (count < reached) {
        await new Promise<void>((resolve) => {
          tell = resolve;
        });
      }
    },
  };
}

const notify = (channel: string) => db.query(sql`select pg_notify(${channel}, '')`);

describe('listening', () => {
  it('reads again when it begins, and at each notification of its own channel', async () => {
    const [one, other] = [createCount(), createCount()];
    const listening = startListening({
      url,
      log: testLog,
      subscriptions: [
        { channel: 'one', everyMs: never, read: one.read },
        { channel: 'other', everyMs: never, read: other.read },
      ],
    });
    await Promise.all([one.until(1), other.until(1)]);
    await notify('one');
    await one.until(2);
    await listening.stop();
    assert.deepEqual([one.count(), other.count()], [2, 1]);
  });

  it('reads again after its connection was lost, and listens on', async () => {
    const news = createCount();
    const listening = startListening({
      url,
      log: testLog,
      subscriptions: [{ channel: 'news', everyMs: never, read: news.read }],
    });
    await news.until(1);
    await db.query(
      sql`select pg_terminate_backend(pid) from pg_stat_activity
          where datname = current_database() and query like 'listen %'`,
    );
    await news.until(2);
    await notify('news');
    await news.until(3);
    await listening.stop();
  });

  it('reads again every now and then, also where it cannot listen, and tells of an outage once', async () => {
    const { log, logged } = captureLog();
    let tries = 0;
    await new Promise<void>((resolve) => {
      const listening = startListening({
        url: 'postgres://postgres@127.0.0.1:1/nowhere',
        log,
        subscriptions: [
          {
            channel: 'news',
            everyMs: 1,
            read: async () => {
              tries += 1;
              if (tries === 3) listening.stop().then(resolve);
              else throw new Error('away');
            },
          },
        ],
      });
    });
    assert.equal(logged().match(/could not read again/g)?.length, 1);
  });

  it('never runs a reading twice at once, and loses no notification meanwhile', async () => {
    let running = 0;
    let most = 0;
    let isFirst = true;
    const news = createCount();
    const listening = startListening({
      url,
      log: testLog,
      subscriptions: [
        {
          channel: 'news',
          everyMs: never,
          read: async () => {
            running += 1;
            most = Math.max(most, running);
            if (isFirst) {
              isFirst = false;
              for (let each = 0; each < 5; each += 1) await notify('news');
            }
            running -= 1;
            await news.read();
          },
        },
      ],
    });
    await news.until(2);
    await listening.stop();
    assert.equal(most, 1);
  });
});
