import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { createOutbox } from '../../src/mail/outbox.ts';
import { listMails } from '../../src/mail/queue.ts';
import { tellExpiringTokens } from '../../src/notices/token-expiry.ts';
import type { Database } from '../../src/postgres/pool.ts';
import { sql } from '../../src/postgres/sql.ts';
import { createTokenCaller } from '../support/api.ts';
import { addColleague, type Colleague, makeApiToken } from '../support/api-token.ts';
import { type MailServer, startMailServer } from '../support/mail.ts';
import { startServer, type TestServer, testSecret } from '../support/server.ts';
import { until } from '../support/until.ts';

let mailServer: MailServer;
let server: TestServer;
before(async () => {
  mailServer = await startMailServer();
  server = await startServer({
    settings: {
      POSTERN_SMTP_URL: `smtp://127.0.0.1:${mailServer.port}`,
      POSTERN_MAIL_FROM: 'postern@example.com',
    },
  });
});
after(async () => {
  await server.stop();
  await mailServer.stop();
});

/** What every server does once a minute. */
const sweep = (isOpen = true) =>
  tellExpiringTokens(server.db, {
    outbox: createOutbox({ secrets: [testSecret], isOpen }),
    issuer: server.issuer,
  });

/** A token that was made a year ago and ends in so many hours; whatever else it is, it is before a server looks. */
async function makeEnding(
  owner: Colleague,
  hours: number,
  { name = 'Nightly', alter }: { name?: string; alter?: (db: Database, id: string) => Promise<unknown> } = {},
): Promise<{ id: string; text: string }> {
  return await server.db.transaction(async (tx) => {
    const token = await makeApiToken(tx, owner, { name });
    await tx.query(
      sql`update api_tokens set created_at = now() - interval '1 year' where id = ${token.id}::uuid`,
    );
    await move(token.id, hours, tx);
    await alter?.(tx, token.id);
    return token;
  });
}

const move = (id: string, hours: number, db: Database = server.db) =>
  db.query(sql`
    update api_tokens set expires_at = now() + make_interval(hours => ${hours}) where id = ${id}::uuid`);

/** Resolves once nothing waits for somebody. */
async function settled(email: string): Promise<void> {
  const waiting = () =>
    server.db.query(sql`select 1 from mails where recipient = ${email} and sealed is not null`);
  await until(async () => (await waiting()).length === 0);
}

/** How many notices somebody was written. */
async function countNotices({ email }: Colleague): Promise<number> {
  const mails = await listMails(server.db, {}, { limit: 1000 });
  return mails.filter(({ kind, recipient }) => kind === 'tokenExpiry' && recipient === email).length;
}

const isOneOf = <Names extends object>(names: Names, name: PropertyKey): name is keyof Names => name in names;

const hoursOf = { 'forty days': 960, thirty: 719, 'eight days': 192, seven: 167, 'two days': 48, one: 23 };

describe('a token that ends', () => {
  it('is told to its owner 30, 7 and 1 days before, each once', async () => {
    const owner = await addColleague(server.db);
    const { id } = await makeEnding(owner, hoursOf['forty days']);
    const ends = { thirty: 'in 30 days', seven: 'in 7 days', one: 'within a day' };
    const counts: number[] = [];
    for (const [name, hours] of Object.entries(hoursOf)) {
      await server.db.query(sql`
        update token_expiry_notices set expires_at = now() + make_interval(hours => ${hours})
        where token_id = ${id}::uuid`);
      await server.db.transaction(async (tx) => {
        await tx.query(
          sql`update api_tokens set expires_at = now() + make_interval(hours => ${hours}) where id = ${id}::uuid`,
        );
        await tx.query(sql`
          update token_expiry_notices set expires_at = now() + make_interval(hours => ${hours})
          where token_id = ${id}::uuid`);
      });
      await sweep();
      await sweep();
      counts.push(await countNotices(owner));
      if (!isOneOf(ends, name)) continue;
      const mail = await mailServer.next(
        ({ to, headers }) =>
          to.includes(owner.email) && headers.get('subject') === `Your token Nightly ends ${ends[name]}`,
      );
      assert.ok(mail.text.includes(`${server.issuer}/account/tokens`), mail.text);
    }
    assert.deepEqual(counts, [0, 1, 1, 2, 2, 3]);
  });

  it('is told once where many servers look at once', async () => {
    const owner = await addColleague(server.db);
    for (let count = 0; count < 5; count += 1) await makeEnding(owner, hoursOf.seven);
    await Promise.all(Array.from({ length: 8 }, () => sweep()));
    await sweep();
    assert.equal(await countNotices(owner), 5);
  });

  it('is told once after an outage that lasted over two of these days', async () => {
    const owner = await addColleague(server.db);
    await makeEnding(owner, hoursOf.one);
    await sweep();
    assert.equal(await countNotices(owner), 1);
  });

  it('is not told when it was made to end so soon, is disabled, waits for approval, or its owner is disabled', async () => {
    const owner = await addColleague(server.db);
    const fresh = await makeApiToken(server.db, owner);
    await move(fresh.id, hoursOf.seven);
    await makeEnding(owner, hoursOf.seven, {
      alter: (db, id) => db.query(sql`update api_tokens set disabled_at = now() where id = ${id}::uuid`),
    });
    await makeEnding(owner, hoursOf.seven, {
      alter: (db, id) => db.query(sql`update api_tokens set approval = 'requested' where id = ${id}::uuid`),
    });
    const gone = await addColleague(server.db);
    await makeEnding(gone, hoursOf.seven, {
      alter: (db) => db.query(sql`update users set disabled_at = now() where id = ${gone.id}::uuid`),
    });
    await sweep();
    assert.deepEqual([await countNotices(owner), await countNotices(gone)], [0, 0]);
  });

  it('whose end was moved is not told of the one before, not even where that mail waits already', async () => {
    const owner = await addColleague(server.db);
    const api = `${server.issuer}/api`;
    const { text } = await makeApiToken(server.db, owner, {
      permissions: { [api]: ['tokens:write', 'tokens:read'] },
    });
    const call = createTokenCaller(server.issuer, text);
    await server.db.query(sql`alter table mails alter due_at set default 'infinity'`);
    try {
      const { id } = await makeEnding(owner, hoursOf.seven);
      await sweep();
      assert.equal(await countNotices(owner), 1);
      const soon = new Date(Date.now() + 20 * 86_400_000).toISOString();
      assert.equal((await call('PATCH', `/tokens/${id}`, { body: { expires_at: soon } })).status, 200);
      assert.equal(await countNotices(owner), 0);
      await sweep();
      assert.equal(await countNotices(owner), 0, 'who has just moved it knows where it is');
      await server.db.query(sql`
        update token_expiry_notices set expires_at = now() + interval '6 days' where token_id = ${id}::uuid`);
      await move(id, 6 * 24);
      await server.db.query(sql`
        update token_expiry_notices set expires_at = (select expires_at from api_tokens where id = token_id)
        where token_id = ${id}::uuid`);
      await sweep();
      assert.equal(await countNotices(owner), 1);
      assert.equal((await call('PATCH', `/tokens/${id}`, { body: { expires_at: null } })).status, 200);
      await sweep();
      assert.equal(await countNotices(owner), 0);
    } finally {
      await server.db.query(sql`alter table mails alter due_at set default now()`);
    }
  });

  it('is not told when it is gone, disabled, or moved by the time the mail goes out', async () => {
    const owner = await addColleague(server.db);
    const names = ['Gone', 'Disabled', 'Moved', 'Left'];
    await server.db.query(sql`alter table mails alter due_at set default 'infinity'`);
    try {
      const tokens = await Promise.all(names.map((name) => makeEnding(owner, hoursOf.seven, { name })));
      const [gone, disabled, moved] = tokens.map(({ id }) => id) as [string, string, string];
      await sweep();
      assert.equal(await countNotices(owner), 4);
      await server.db.query(sql`delete from api_tokens where id = ${gone}::uuid`);
      await server.db.query(sql`update api_tokens set disabled_at = now() where id = ${disabled}::uuid`);
      await move(moved, hoursOf['forty days']);
      await server.db.query(sql`update mails set due_at = now() where recipient = ${owner.email}`);
      await settled(owner.email);
      assert.equal(await countNotices(owner), 1);
      const mail = await mailServer.next(({ to }) => to.includes(owner.email));
      assert.equal(mail.headers.get('subject'), 'Your token Left ends in 7 days');
    } finally {
      await server.db.query(sql`alter table mails alter due_at set default now()`);
    }
  });

  it('that is being changed at that moment is left alone', async () => {
    const owner = await addColleague(server.db);
    const { id } = await makeEnding(owner, hoursOf.seven);
    await server.db.transaction(async (tx) => {
      await tx.query(sql`select from api_tokens where id = ${id}::uuid for update`);
      await sweep();
      await tx.query(
        sql`update api_tokens set expires_at = now() + interval '1 year' where id = ${id}::uuid`,
      );
    });
    await sweep();
    assert.equal(await countNotices(owner), 0);
  });

  it('is not counted as told while no mail can be sent', async () => {
    const owner = await addColleague(server.db);
    await makeEnding(owner, hoursOf.seven);
    await sweep(false);
    await sweep();
    assert.equal(await countNotices(owner), 1);
  });
});
