import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { sql } from '../../src/postgres/sql.ts';
import { sha256 } from '../../src/secret.ts';
import { poll, requestDevice } from '../support/client.ts';
import { createPerson } from '../support/person.ts';
import { startServer, type TestServer } from '../support/server.ts';

let server: TestServer;
before(async () => {
  server = await startServer();
});
after(() => server.stop());

/** The next two writes of a device code get the user code of this one, as if chance had drawn it again. */
async function drawAgain(deviceCode: string): Promise<void> {
  await server.db.query(sql`create sequence drawn`);
  await server.db.query(sql`create table taken as
    select user_code from device_codes where digest = ${sha256(deviceCode)}`);
  await server.db.query(
    sql`create function draw() returns trigger language plpgsql as $$ begin
          if nextval('drawn') <= 2 then new.user_code := (select user_code from taken); end if;
          return new; end $$`,
  );
  await server.db.query(
    sql`create trigger draw before insert on device_codes for each row execute function draw()`,
  );
}

describe('a user code that another device waits with', () => {
  it('is not given away twice: the second device is given another, and each person meets the right device', async () => {
    const { body: first } = await requestDevice(server.issuer, { scope: 'read' });
    await drawAgain(first.device_code);
    const { status, body: second } = await requestDevice(server.issuer, { scope: 'write' });
    assert.equal(status, 200);
    assert.notEqual(second.user_code, first.user_code);
    const [row] = await server.db.query<{ drawn: number }>(sql`select last_value::int as drawn from drawn`);
    assert.ok(row && row.drawn > 2, 'the code was drawn again');
    for (const { device_code, user_code } of [first, second]) {
      const person = createPerson(server.issuer);
      await person.enterCode(user_code);
      await person.decide('allow');
      assert.equal((await poll(server.issuer, device_code)).status, 200);
    }
  });
});
