import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { sql } from '../../src/postgres/sql.ts';
import { type DatabaseLine, openDatabaseLine } from '../support/database-line.ts';
import { findFreePort } from '../support/port.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { type SignedIn, signInByCommand } from './signed-in.ts';
import { createOwner } from './terminal.ts';

const api = 'https://api.example.com';
const quota = 20;

const owner = createOwner();
let server: TestServer;
let line: DatabaseLine;
let person: SignedIn;

describe('the way of the command line to the management API', () => {
  before(async () => {
    const port = await findFreePort();
    // TCP is all that such a line knows of what it carries.
    line = await openDatabaseLine(`http://localhost:${port}`);
    const issuer = line.url.replace(/\/$/, '');
    const settings = {
      POSTERN_ISSUER: issuer,
      POSTERN_PORT: String(port),
      POSTERN_API_RATE_LIMIT: String(quota),
    };
    server = await startServer({ settings });
    person = await signInByCommand(owner, issuer, { flags: ['--manage'] });
  });
  after(async () => {
    await owner.end();
    await line.close();
    await server.stop();
  });

  it('makes one token where the answer to the first request is lost', async () => {
    line.loseAnswerTo('POST /api/v1/tokens');
    const value = await person.read('tokens', 'create', 'Once', '--permission', `${api}=read`);
    assert.match(value, /^pst_api_/);
    const tokens: { name: string }[] = await person.json('tokens', 'list');
    assert.deepEqual(
      tokens.map(({ name }) => name),
      ['Once'],
    );
  });

  it('does not repeat what would not be the same again, and says so', async () => {
    const { id } = await person.json('tokens', 'show', 'Once');
    line.loseAnswerTo('DELETE /api/v1/tokens');
    const { exitCode, stderr } = await person.run('tokens', 'remove', id, '--yes');
    assert.equal(exitCode, 1);
    assert.match(
      stderr,
      /^postern: http.* cannot be reached: the connection was cut; look whether it was done\n$/,
    );
    assert.deepEqual(await person.json('tokens', 'list'), []);
  });

  it('waits as long as the server asks it to, and says so', async () => {
    await person.run('me');
    let said = '';
    // All of the quota is spent, and its window is over soon; on a busy machine before the command has asked at all.
    for (let windowMs = 1_500; said === '' && windowMs < 20_000; windowMs *= 2) {
      const end = sql`(extract(epoch from now()) * 1000)::bigint + ${windowMs}::integer`;
      await server.db.query(
        sql`update rate_limits set points = ${quota}, expire = ${end} where key like 'requests:%'`,
      );
      const { exitCode, stdout, stderr } = await person.run('me');
      assert.equal(exitCode, 0, stderr);
      assert.match(stdout, /demo@example\.com/);
      said = stderr;
    }
    assert.match(said, /^postern: http.* has had too many requests; trying again in \d+ seconds?\n$/);
  });

  it('tells in one line that nobody is there', async () => {
    await line.cut();
    const { exitCode, stderr } = await person.run('me');
    await line.mend();
    assert.equal(exitCode, 1);
    assert.match(stderr, /^postern: http.* cannot be reached: nothing listens there\n$/);
  });
});
