import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { demoResource } from '../../src/development.ts';
import { sql } from '../../src/postgres/sql.ts';
import { type ApiCaller, createBrowserCaller, makeToken, problemsOf } from '../support/api.ts';
import { createPerson } from '../support/person.ts';
import { startServer, type TestServer } from '../support/server.ts';

const advice = 'write letters or digits, and no character that cannot be seen';
/** Spaces of no width, fillers, and what turns the reading around. */
const unseen = ['\u200b', '\u3164', '\u2800', 'Back\u200bup', '\u202eBackup', 'Backup\u{e0041}'];

let server: TestServer;
let call: ApiCaller;
before(async () => {
  server = await startServer({ settings: { POSTERN_API_RATE_LIMIT: '10000' } });
  call = await createBrowserCaller(server.issuer);
});
after(() => server.stop());

describe('a name with what nobody sees', () => {
  it('is refused to tokens and organizations', async () => {
    const { id } = await makeToken(call);
    const permissions = { [demoResource.uri]: ['read'] };
    for (const name of unseen) {
      const answers = [
        await call('POST', '/tokens', { body: { name, permissions } }),
        await call('POST', '/shared-tokens', { body: { name, permissions } }),
        await call('PATCH', `/tokens/${id}`, { body: { name } }),
        await call('PATCH', '/organization', { body: { name } }),
      ];
      for (const answer of answers) {
        assert.equal(answer.status, 422, JSON.stringify(name));
        assert.deepEqual(problemsOf(answer), [`#/name: ${advice}`]);
      }
    }
    assert.equal((await call('GET', `/tokens/${id}`)).body.name, 'Test token');
  });

  it('is refused on the page, in its words', async () => {
    const person = createPerson(server.issuer);
    await person.signIn();
    await person.open('/account/tokens/new');
    const { status, html } = await person.submit('/account/tokens', { name: '\u3164' });
    assert.equal(status, 400);
    assert.ok(html.includes(advice), html);
  });

  it('may stay where it is, while everything else is changed', async () => {
    const { id } = await makeToken(call);
    await server.db.query(sql`update api_tokens set name = ${unseen[0]} where id = ${id}`);
    await server.db.query(sql`update organizations set name = ${unseen[0]}`);
    const token = await call('PATCH', `/tokens/${id}`, { body: { name: unseen[0], note: 'Kept' } });
    assert.deepEqual([token.status, token.body.name, token.body.note], [200, unseen[0], 'Kept']);
    assert.equal((await call('GET', '/organization')).body.name, unseen[0]);
    assert.equal((await call('PATCH', `/tokens/${id}`, { body: { name: unseen[1] } })).status, 422);
    assert.equal((await call('PATCH', '/organization', { body: { name: unseen[1] } })).status, 422);
    assert.equal((await call('PATCH', `/tokens/${id}`, { body: { name: 'Seen' } })).status, 200);
    assert.equal((await call('PATCH', '/organization', { body: { name: 'Seen' } })).status, 200);
  });
});
