import assert from 'node:assert/strict';
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { AppError } from '../../src/errors.ts';
import { loadNetworks, type Networks } from '../../src/networks/networks.ts';
import { post } from '../support/client.ts';
import { writeMmdb } from '../support/mmdb.ts';
import { createPerson } from '../support/person.ts';
import { captureLog, startServer, type TestServer } from '../support/server.ts';

let folder: string;
let owners: string;
let countries: string;
let server: TestServer;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'postern-networks-'));
  owners = join(folder, 'owners.mmdb');
  countries = join(folder, 'countries.mmdb');
  await writeFile(
    owners,
    writeMmdb({
      '192.0.2.0/24': { autonomous_system_organization: 'Example Net' },
      '198.51.100.0/25': { autonomous_system_organization: '<b>Hosting</b>' },
    }),
  );
  await writeFile(
    countries,
    writeMmdb({
      '192.0.2.0/24': { country: { iso_code: 'DE' } },
      '198.51.100.0/25': { country: { iso_code: 'BR' } },
      '2001:db8::/32': { country: { iso_code: 'NZ' } },
      '203.0.113.0/24': { country: { iso_code: '<x>' } },
    }),
  );
  server = await startServer({
    settings: {
      POSTERN_TRUSTED_PROXIES: '127.0.0.1, ::1',
      POSTERN_NETWORK_DATABASE: `${owners}, ${countries}`,
    },
  });
});
after(async () => {
  await server?.stop();
  await rm(folder, { recursive: true });
});

/** What the approval page says to somebody at one address about a device at another. */
async function see(device: string, you: string, language = 'en'): Promise<string> {
  const { body } = await post(
    `${server.issuer}/oauth/device_authorization`,
    { client_id: 'demo-cli', scope: 'read' },
    { headers: { 'x-forwarded-for': device } },
  );
  const person = createPerson(server.issuer, { 'x-forwarded-for': you, 'accept-language': language });
  const { html } = await person.enterCode(body.user_code);
  return html.replace(/<[^>]*>/g, ' ').replace(/\s+/g, ' ');
}

describe('the owner and the country of a network', () => {
  it('stand beside the approver’s own, differences called out in words', async () => {
    const page = await see('198.51.100.9', '192.0.2.1');
    assert.match(page, /Network &#60;b&#62;Hosting&#60;\/b&#62; Example Net Country Brazil Germany/);
    assert.match(page, /a network of &#60;b&#62;Hosting&#60;\/b&#62; , and you are in one of Example Net/);
    assert.match(page, /The device seems to be in Brazil , and you in Germany/);
  });

  it('raise no alarm where they agree, and say so where one is not known', async () => {
    const same = await see('192.0.2.77', '192.0.2.1');
    assert.match(same, /Network Example Net Example Net Country Germany Germany/);
    assert.doesNotMatch(same, /seems to be in|a network of/);
    const mixed = await see('2001:db8::1', '192.0.2.1');
    assert.match(mixed, /Network Not known Example Net Country New Zealand Germany/);
    assert.doesNotMatch(await see('203.0.113.9', '203.0.113.9'), /Network|Country/);
  });

  it('are told in the language of the page', async () => {
    assert.match(await see('198.51.100.9', '192.0.2.1', 'de'), /Land Brasilien Deutschland/);
  });
});

describe('a database of networks', () => {
  const owner = (networks: Networks) => networks.find('192.0.2.1')?.owner;

  it('that cannot be read keeps the server from starting, and is named', async () => {
    const broken = join(folder, 'broken.mmdb');
    await writeFile(broken, 'no database');
    for (const path of [broken, join(folder, 'absent.mmdb'), folder]) {
      const start = startServer({
        databaseUrl: server.databaseUrl,
        settings: { POSTERN_NETWORK_DATABASE: path },
      });
      await assert.rejects(start, (error) => {
        assert.ok(error instanceof AppError && error.code === 'configuration');
        assert.ok(error.message.includes(`POSTERN_NETWORK_DATABASE: ${path} is no database`));
        return true;
      });
    }
  });

  it('is read anew when its file has changed, and kept while a new one is broken', async () => {
    const path = join(folder, 'renewed.mmdb');
    const put = async (content: Buffer | string) => {
      await writeFile(`${path}.new`, content);
      await rename(`${path}.new`, path);
    };
    const { log, logged } = captureLog();
    await put(writeMmdb({ '192.0.2.0/24': { autonomous_system_organization: 'First' } }));
    const networks = await loadNetworks([path], log);
    assert.equal(owner(networks), 'First');
    await put(writeMmdb({ '192.0.2.0/24': { autonomous_system_organization: 'Second' } }));
    await networks.refresh();
    assert.equal(owner(networks), 'Second');
    await put('cut off');
    await networks.refresh();
    assert.equal(owner(networks), 'Second');
    await rm(path);
    await networks.refresh();
    assert.equal(owner(networks), 'Second');
    assert.match(logged(), /kept the former database of networks/);
    await put(writeMmdb({ '192.0.2.0/24': { autonomous_system_organization: 'Third' } }));
    await networks.refresh();
    assert.equal(owner(networks), 'Third');
  });

  it('tells nothing of what is no address, and does not mind', async () => {
    const networks = await loadNetworks([owners], captureLog().log);
    for (const address of ['', 'localhost', '999.1.1.1', '2001:db8::1']) {
      assert.equal(networks.find(address), undefined);
    }
  });
});
