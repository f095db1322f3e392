import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { alternative, type RelativeName } from '../support/certificate-authority.ts';
import { assertRefused, type ProxiedServer, startProxiedServer } from '../support/mutual-tls.ts';
import { registerClient } from '../support/registration.ts';

let server: ProxiedServer;
before(async () => {
  server = await startProxiedServer();
});
after(() => server.stop());

async function registerName(value: string): Promise<string> {
  const { id } = await registerClient(server.db, {
    authentication: 'tls_client_auth',
    certificateSubject: { field: 'tls_client_auth_subject_dn', value },
  });
  return id;
}

describe('a distinguished name', () => {
  const wrong: [registered: string, subject: RelativeName[]][] = [
    ['CN=admin,O=Example', [['CN=admin,O=Example']]],
    ['CN=admin,O=Example', [['O=Example,CN=admin']]],
    ['CN=admin,O=Example', [['CN=admin\nO=Example']]],
    ['CN=admin,O=Example', [['O=Example\nCN=admin']]],
    ['CN=admin,O=Example', [['O=Example', 'CN=admin']]],
    ['CN=admin,O=Example', [['CN=admin'], ['O=Example']]],
    ['CN=admin,O=Example', [['C=GB'], ['O=Example'], ['CN=admin']]],
    ['CN=admin,O=Example', [['O=Example'], ['CN=admin'], ['CN=admin']]],
    ['CN=a+UID=b', [['CN=a+UID=b']]],
    ['CN=a+UID=b', [['CN=a + UID=b']]],
    ['CN=a+UID=b', [['CN=a'], ['UID=b']]],
    ['CN=a+UID=b', [['CN=b', 'UID=a']]],
    ['CN=admin', [['CN=admin ']]],
    ['CN=admin', [['CN=Admin']]],
    ['CN=admin', [['CN=admin\0']]],
    ['CN=admin', [['CN=\\61dmin']]],
    ['CN=admin', [['OU=admin']]],
    ['CN=admin', [['1.2.3.4=admin']]],
    ['CN=admin', []],
  ];
  for (const [registered, subject] of wrong) {
    it(`${registered} is not ${JSON.stringify(subject)}`, async () => {
      await assertRefused(server.requestToken(await registerName(registered), server.issue({ subject })));
    });
  }

  const same: [registered: string, subject: RelativeName[]][] = [
    ['CN=admin\\,O\\=Example', [['CN=admin,O=Example']]],
    ['CN=admin\\2cO=Example', [['CN=admin,O=Example']]],
    ['uid=b + cn=a', [['CN=a', 'UID=b']]],
    ['2.5.4.3=J\\C3\\BCrgen,C=DE', [['C=DE'], ['CN=Jürgen']]],
    ['CN=\\ \\#1 \\"x\\" \\ ,1.2.3.4=y', [['1.2.3.4=y'], ['CN= #1 "x"  ']]],
    ['E=a@example.com', [['emailAddress=a@example.com']]],
  ];
  for (const [registered, subject] of same) {
    it(`${registered} is ${JSON.stringify(subject)}`, async () => {
      assert.equal(
        (await server.requestToken(await registerName(registered), server.issue({ subject }))).status,
        200,
      );
    });
  }
});

describe('an alternative name', () => {
  const cases: ['san_dns' | 'san_uri', string, Buffer][] = [
    ['san_dns', 'a.example.com', alternative.dns('*.example.com')],
    ['san_dns', 'example.com', alternative.dns('a.example.com')],
    ['san_dns', 'a.example.com', alternative.dns('b.example.com, DNS:a.example.com')],
    ['san_uri', 'https://a.example.com/x', alternative.uri('https://a.example.com/x/y')],
    ['san_uri', 'https://a.example.com/x', alternative.dns('b, URI:https://a.example.com/x')],
    ['san_uri', 'https://a.example.com/x', alternative.uri('b", URI:https://a.example.com/x')],
  ];
  for (const [field, value, name] of cases) {
    it(`${value} is not ${name.subarray(2)}`, async () => {
      const { id } = await registerClient(server.db, {
        authentication: 'tls_client_auth',
        certificateSubject: { field: `tls_client_auth_${field}`, value },
      });
      await assertRefused(server.requestToken(id, server.issue({ subject: value, alternatives: [name] })));
    });
  }
});
