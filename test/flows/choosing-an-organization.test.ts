import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { foundCompany, hire } from '../support/company.ts';
import { createPerson } from '../support/person.ts';
import { startServer, type TestServer } from '../support/server.ts';

let server: TestServer;
before(async () => {
  server = await startServer({});
});
after(() => server.stop());

describe('a person of several organizations', () => {
  it('is asked where to act before a page that depends on it, and comes back to that page', async () => {
    const [ours, theirs] = [await foundCompany(server, 'Ours'), await foundCompany(server, 'Theirs')];
    const { account } = await theirs.join('member', await ours.join('member'));
    const person = createPerson(server.issuer);
    await person.signIn(account);
    const first = await person.open('/account');
    assert.ok(first.url.endsWith('/account'));
    assert.match(first.html, /href="\/organization"/);
    const asked = await person.open('/account/tokens');
    assert.ok(asked.url.endsWith('/organization'));
    const page = await person.submit('/organization', { organization_id: theirs.id });
    assert.ok(page.url.endsWith('/account/tokens'));
    assert.match(page.html, /Acting in <strong><bdi>Theirs<\/bdi>/);
  });

  it('comes back to what they searched for, as who signs in does', async () => {
    const [ours, theirs] = [await foundCompany(server, 'Ours'), await foundCompany(server, 'Theirs')];
    const { account } = await theirs.join('member', await ours.join('member'));
    const person = createPerson(server.issuer);
    const searched = '/account/tokens?search=a%26b+%C3%A4';
    await person.open(searched);
    await person.submit('/sign-in', account);
    const page = await person.submit('/organization', { organization_id: theirs.id });
    assert.equal(page.url, server.issuer + searched);
    assert.match(page.html, /name="search" type="search" value="a&#38;b ä"/);
    await person.submit('/sign-out', {});
    await person.open(`/account/tokens?search=${'a'.repeat(5000)}`);
    assert.ok((await person.submit('/sign-in', account)).url.endsWith('/organization'));
    const whole = await person.submit('/organization', { organization_id: ours.id });
    assert.equal(whole.url, `${server.issuer}/account/tokens`);
  });

  it('acts in no other one by themselves when they are disabled in the one that they chose', async () => {
    const [ours, theirs] = [await foundCompany(server, 'Ours'), await foundCompany(server, 'Theirs')];
    const member = await theirs.join('member', await ours.join('member'));
    const person = createPerson(server.issuer);
    await person.signIn(member.account);
    await person.open('/organization');
    await person.submit('/organization', { organization_id: theirs.id });
    await theirs.administrator.call('PATCH', `/members/${member.id}`, { disabled: true });
    const asked = await person.open('/account/tokens');
    assert.ok(asked.url.endsWith('/organization'), asked.url);
    assert.doesNotMatch(asked.html, /Theirs/);
    const page = await person.submit('/organization', { organization_id: ours.id });
    assert.ok(page.url.endsWith('/account/tokens'));
  });

  it('of one alone, or of none, is asked nothing', async () => {
    const { administrator } = await foundCompany(server);
    const loner = await hire(server);
    for (const { account } of [administrator, loner]) {
      const person = createPerson(server.issuer);
      await person.signIn(account);
      assert.ok((await person.open('/organization')).url.endsWith('/account'));
      assert.notEqual((await person.open('/account/tokens')).url, `${server.issuer}/organization`);
    }
  });
});

describe('a page that somebody lacks the permission for', () => {
  it('says so, and not that a form has expired', async () => {
    const company = await foundCompany(server);
    const [member, loner] = [await company.join('member'), await hire(server)];
    for (const [{ person }, path] of [
      [member, '/admin/members/invite'],
      [member, '/admin/audit'],
      [loner, '/account/tokens'],
    ] as const) {
      const { status, html } = await person.open(path);
      assert.equal(status, 403, path);
      assert.match(html, /<h1>This is not open to you/, path);
    }
    assert.doesNotMatch((await loner.person.open('/account')).html, /Get token/);
    assert.match((await member.person.open('/account')).html, /Get token/);
    const forged = await member.person.send('/account/devices', { csrf: 'forged', decision: 'undo' });
    assert.equal(forged.status, 403);
    assert.match(forged.html, /<h1>This form has expired/);
  });
});
