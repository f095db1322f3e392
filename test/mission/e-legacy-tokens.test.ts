import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { sha256 } from '../../src/secret.ts';
import { runCommand } from '../cli/terminal.ts';
import { createApiCaller } from '../support/api.ts';
import { basic } from '../support/client.ts';
import { type Employee, foundCompany } from '../support/company.ts';
import { startServer, type TestServer, testSecret } from '../support/server.ts';

let server: TestServer;
let companyId: string;
let administrator: Employee;
let owner: Employee;
let federated: Employee;
const old = { uuid: randomUUID(), secret: 'the-secret-key-of-an-earlier-system' };
before(async () => {
  server = await startServer();
  const company = await foundCompany(server);
  companyId = company.id;
  administrator = company.administrator;
  owner = await company.join('member');
  federated = await company.join('member');
  await administrator.call('PATCH', `/members/${federated.id}`, { identity_provider_required: true });
});
after(() => server.stop());

async function importLines(...lines: { uuid: string; owner: string }[]) {
  const folder = await mkdtemp(join(tmpdir(), 'postern-legacy-'));
  const file = join(folder, 'old.jsonl');
  const secret_sha256 = sha256(old.secret).toString('hex');
  await writeFile(
    file,
    lines.map((line) => JSON.stringify({ ...line, secret_sha256, name: 'Old' })).join('\n'),
  );
  const run = await runCommand(['tokens', 'import', file, '--organization', companyId], {
    env: {
      POSTERN_MODE: 'development',
      POSTERN_ISSUER: server.issuer,
      POSTERN_SECRET: testSecret,
      DATABASE_URL: server.databaseUrl,
    },
  });
  await rm(folder, { recursive: true });
  return run;
}

const present = () =>
  createApiCaller(server.issuer, { authorization: basic(`${old.uuid}:${old.secret}`) })('GET', '/users/me');

describe('a credential of an earlier system', () => {
  it('keeps working after it was imported', async () => {
    assert.equal((await present()).status, 401);
    const { exitCode, stdout, stderr } = await importLines({ uuid: old.uuid, owner: owner.account.email });
    assert.equal(exitCode, 0, stdout + stderr);
    const { status, body } = await present();
    assert.deepEqual([status, body.email], [200, owner.account.email]);
  });

  it('shows no permissions, and has none to change', async () => {
    const { body } = await owner.call('GET', '/tokens');
    const [token] = body.items;
    assert.equal(token.kind, 'legacy');
    assert.equal('permissions' in token || 'present_permissions' in token, false);
    const { status } = await owner.call('PATCH', `/tokens/${token.id}`, { permissions: {} });
    assert.equal(status, 422);
  });

  it('is dead while its owner must sign in at an identity provider, and is made for nobody who must', async () => {
    const path = `/members/${owner.id}`;
    await administrator.call('PATCH', path, { identity_provider_required: true });
    assert.equal((await present()).status, 401);
    await administrator.call('PATCH', path, { identity_provider_required: false });
    assert.equal((await present()).status, 200);

    const refused = await importLines({ uuid: randomUUID(), owner: federated.account.email });
    assert.equal(refused.exitCode, 1);
    assert.match(refused.stdout + refused.stderr, /identity provider/);
  });
});
