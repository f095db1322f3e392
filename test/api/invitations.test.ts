import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { sql } from '../../src/postgres/sql.ts';
import { type Employee, foundCompany, hire } from '../support/company.ts';
import { startServer, type TestServer } from '../support/server.ts';

let server: TestServer;
let api: string;
before(async () => {
  server = await startServer({ settings: { POSTERN_API_RATE_LIMIT: '10000' } });
  api = `${server.issuer}/api`;
});
after(() => server.stop());

const textOf = (link: string) => link.slice(link.indexOf('#') + 1);

async function invite(by: Employee, email: string, role = 'member') {
  const answer = await by.call('POST', '/invitations', { email, role });
  assert.equal(answer.status, 201, JSON.stringify(answer.body));
  return { id: answer.body.id as string, text: textOf(answer.body.link) };
}

const accept = (by: Employee, invitation: string) => by.call('POST', '/invitations/accept', { invitation });

describe('an invitation', () => {
  it('is a link whose secret stands behind the hash, shown once', async () => {
    const { administrator } = await foundCompany(server);
    const { status, body } = await administrator.call('POST', '/invitations', { email: 'New@Example.com ' });
    assert.equal(status, 201);
    assert.match(body.link, new RegExp(`^${server.issuer}/join#pst_in_`));
    assert.deepEqual([body.email, body.role], ['new@example.com', 'member']);
    const { body: list } = await administrator.call('GET', '/invitations');
    assert.equal(list.items[0].id, body.id);
    assert.equal(list.items[0].link, undefined);
    const [row] = await server.db.query(
      sql`select to_jsonb(invitations)::text as text from invitations where id = ${body.id}::uuid`,
    );
    assert.ok(!String(row?.text).includes(textOf(body.link)));
  });

  it('lets the person of its address in, once, with its role', async () => {
    const { administrator, id } = await foundCompany(server);
    const person = await hire(server);
    const { text } = await invite(administrator, person.account.email, 'administrator');
    assert.equal((await accept(person, text)).status, 200);
    const { body } = await person.call('GET', '/users/me');
    assert.deepEqual(body.organization, { id, role: 'administrator' });
    assert.equal((await accept(person, text)).status, 404);
    assert.deepEqual((await administrator.call('GET', '/invitations')).body.items, []);
  });

  it('is accepted once when it comes many times at once', async () => {
    const { administrator } = await foundCompany(server);
    const person = await hire(server);
    const { text } = await invite(administrator, person.account.email);
    const answers = await Promise.all(Array.from({ length: 10 }, () => accept(person, text)));
    assert.deepEqual(answers.map(({ status }) => status).sort(), [200, ...Array(9).fill(404)]);
  });

  it('that was used, has run out, was taken back, is another’s or never was, is the same to who tries it', async () => {
    const { administrator } = await foundCompany(server);
    const person = await hire(server);
    const { email } = person.account;
    const foreign = await invite(administrator, 'somebody-else@example.com');
    const takenBack = await invite(administrator, email);
    assert.equal((await administrator.call('DELETE', `/invitations/${takenBack.id}`)).status, 204);
    const old = await invite(administrator, email);
    await server.db.query(sql`update invitations set expires_at = now() where id = ${old.id}::uuid`);
    const replaced = await invite(administrator, email);
    const used = await invite(administrator, email);
    assert.equal((await accept(person, used.text)).status, 200);
    const answers = [];
    for (const text of [
      foreign.text,
      takenBack.text,
      old.text,
      replaced.text,
      used.text,
      'pst_in_nonsense',
    ]) {
      const { status, body } = await accept(person, text);
      answers.push(`${status} ${body.detail}`);
    }
    assert.equal(new Set(answers).size, 1, answers.join('\n'));
    assert.match(answers[0] ?? '', /^404 /);
  });

  it('of who is a member already is refused', async () => {
    const { administrator, join } = await foundCompany(server);
    const member = await join('member');
    const { status } = await administrator.call('POST', '/invitations', { email: member.account.email });
    assert.equal(status, 409);
  });

  it('cannot be sent, seen or taken back without the permission, or from another organization', async () => {
    const ours = await foundCompany(server);
    const theirs = await foundCompany(server);
    const member = await ours.join('member');
    const { id } = await invite(ours.administrator, 'new@example.com');
    assert.equal((await member.call('POST', '/invitations', { email: 'x@example.com' })).status, 403);
    assert.equal((await member.call('DELETE', `/invitations/${id}`)).status, 403);
    assert.deepEqual((await theirs.administrator.call('GET', '/invitations')).body.items, []);
    assert.equal((await theirs.administrator.call('DELETE', `/invitations/${id}`)).status, 404);
  });

  for (const [what, change] of [
    ['is disabled', { disabled: true }],
    ['is an administrator no longer', { role: 'member' }],
    ['lacks something that the role has', { taken: 'policies:write' }],
  ] as const) {
    it(`for an administrator is worth nothing while who sent it ${what}`, async () => {
      const { administrator, join } = await foundCompany(server);
      const sender = await join('administrator');
      const person = await hire(server);
      const { text } = await invite(sender, person.account.email, 'administrator');
      const path = `/members/${sender.id}`;
      const body = 'taken' in change ? { taken: { [api]: [change.taken] } } : change;
      assert.equal((await administrator.call('PATCH', path, body)).status, 200);
      assert.equal((await accept(person, text)).status, 404);
      await administrator.call('PATCH', path, { disabled: false, role: 'administrator', taken: {} });
      assert.equal((await accept(person, text)).status, 200);
    });
  }

  it('ends with the membership of who sent it', async () => {
    const { administrator, join } = await foundCompany(server);
    const sender = await join('administrator');
    const person = await hire(server);
    const { text } = await invite(sender, person.account.email);
    await administrator.call('DELETE', `/members/${sender.id}`);
    assert.equal((await accept(person, text)).status, 404);
    await join('administrator', sender);
    assert.equal((await accept(person, text)).status, 404, 'also when they come back');
  });
});
