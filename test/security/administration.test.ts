import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { demoResource } from '../../src/development.ts';
import { sql } from '../../src/postgres/sql.ts';
import { createAdminRoutes } from '../../src/web/admin/routes.ts';
import { type Employee, foundCompany } from '../support/company.ts';
import { createPerson, hiddenField } from '../support/person.ts';
import { startServer, type TestServer } from '../support/server.ts';

const nobody = () => undefined;
const desk = { page: () => nobody, form: () => nobody };
const routes = Object.entries(createAdminRoutes({ base: '', resource: '', desk } as never));
const pages = routes.filter(([, { GET }]) => GET).map(([path]) => path);
const forms = routes.filter(([, { POST }]) => POST).map(([path]) => path);

/** The pages that every member may look at: what they show, the management API shows them too. */
const open = [
  '/admin/clients',
  '/admin/clients/{client_id}',
  '/admin/keys',
  '/admin/members',
  '/admin/members/{user_id}',
  '/admin/policies',
  '/admin/resources',
  '/admin/resources/{resource}',
];

/** What is everybody's, whatever their organization. */
const isCommon = (path: string) => /\{(resource|kid)\}|^\/admin\/(keys|resources)/.test(path);

let server: TestServer;
let administrator: Employee;
let member: Employee;
let powerless: Employee;
let stranger: Employee;
let things: Record<string, string>;
let secrets: string[];
before(async () => {
  server = await startServer({ settings: { POSTERN_API_RATE_LIMIT: '100000' } });
  const company = await foundCompany(server, 'Quiet Herons');
  administrator = company.administrator;
  member = await company.join('member');
  powerless = await company.join('member');
  stranger = (await foundCompany(server, 'Elsewhere')).administrator;
  await server.db.query(sql`
    insert into member_scopes (organization_id, user_id, resource, scope, is_given)
    select ${company.id}::uuid, ${powerless.id}::uuid, resource, scope, false
    from resource_scopes where resource = ${`${server.issuer}/api`}`);
  const { body: program } = await administrator.call('POST', '/clients', {
    client_name: 'Heron counter',
    grant_types: ['client_credentials'],
    resources: { [demoResource.uri]: ['read'] },
  });
  const { body: invitation } = await administrator.call('POST', '/invitations', {
    email: 'invited-heron@example.com',
  });
  const { body: keys } = await administrator.call('GET', '/keys');
  things = {
    user_id: member.id,
    invitation_id: invitation.id,
    client_id: program.client_id,
    secret_id: program.secrets[0].id,
    kid: keys.items[0].kid,
    resource: encodeURIComponent(demoResource.uri),
  };
  const people = [administrator, member, powerless].flatMap(({ id, account }) => [id, account.email]);
  secrets = [...people, 'Heron', program.client_id, program.secrets[0].id, invitation.id];
});
after(() => server.stop());

const placeOf = (path: string) => path.replace(/\{(\w+)\}/g, (_, name: string) => things[name] ?? '');

/** Sends each form, as one of our own pages would, and tells how it was answered. */
async function sendAll({ person }: Employee, paths: readonly string[]): Promise<[string, number][]> {
  const csrf = hiddenField(await person.open('/account'), 'csrf');
  const answers: [string, number][] = [];
  for (const path of paths) answers.push([path, (await person.send(placeOf(path), { csrf })).status]);
  return answers;
}

const all = (paths: readonly string[], status: number) => paths.map((path) => [path, status]);

async function openAll({ person }: Employee, paths: readonly string[]): Promise<[string, number][]> {
  const answers: [string, number][] = [];
  for (const path of paths) answers.push([path, (await person.open(placeOf(path))).status]);
  return answers;
}

/** Everything that the forms could change. */
async function readState(): Promise<unknown> {
  const paths = ['/members', '/invitations', '/clients', '/policies/tokens', '/resources', '/keys'];
  return await Promise.all(paths.map(async (path) => (await administrator.call('GET', path)).body));
}

describe('the pages of an administrator', () => {
  it('answer 403 to a member without the permission, each page and each form', async () => {
    const before = await readState();
    assert.ok(pages.length > 15 && forms.length > 15);
    assert.deepEqual(await openAll(powerless, pages), all(pages, 403));
    assert.deepEqual(await sendAll(powerless, forms), all(forms, 403));
    assert.deepEqual(await readState(), before);
  });

  it('let a member look at what every member may see, and change nothing', async () => {
    const before = await readState();
    const closed = pages.filter((path) => !open.includes(path));
    assert.deepEqual(await openAll(member, open), all(open, 200));
    assert.deepEqual(await openAll(member, closed), all(closed, 403));
    assert.deepEqual(await sendAll(member, forms), all(forms, 403));
    assert.deepEqual(await readState(), before);
    for (const path of open)
      assert.doesNotMatch(
        (await member.person.open(placeOf(path))).html,
        /<form method="post" action="[^"]*\/(?:role|permissions|disable|enable|remove|secrets)"/,
        path,
      );
  });

  it('show nothing of an organization to the administrator of another one, and change nothing there', async () => {
    const before = await readState();
    const own = pages.filter((path) => !isCommon(path));
    for (const path of own) {
      const { status, html } = await stranger.person.open(placeOf(path));
      assert.equal(status, path.includes('{') ? 404 : 200, path);
      for (const secret of secrets) {
        // Who asks for an address is told that nothing is there, and never what was.
        if (!path.includes('{')) assert.ok(!html.includes(secret), `${path} names ${secret}`);
        else assert.ok(!html.includes('Heron') && !html.includes('@example.com<'), path);
      }
    }
    const named = forms.filter((path) => path.includes('{') && !isCommon(path));
    assert.deepEqual(await sendAll(stranger, named), all(named, 404));
    assert.deepEqual(await readState(), before);
  });

  it('find nothing of another organization, whatever is searched for', async () => {
    const searches = [
      `/admin/members?search=${encodeURIComponent(member.account.email)}`,
      '/admin/clients?search=heron',
      `/admin/audit?actor=${administrator.id}`,
      `/admin/audit/export?actor=${administrator.id}`,
    ];
    for (const path of searches) {
      const { status, html } = await stranger.person.open(path);
      assert.equal(status, 200, path);
      if (path.includes('export')) assert.equal(html, '');
      else assert.doesNotMatch(html, /class="list"/, path);
    }
  });

  it('take no form without the token of the page, and sign nobody in', async () => {
    const { person } = administrator;
    for (const path of forms) assert.equal((await person.send(placeOf(path), {})).status, 403, path);
    for (const path of pages)
      assert.match((await createPerson(server.issuer).open(placeOf(path))).url, /\/sign-in$/, path);
  });
});
