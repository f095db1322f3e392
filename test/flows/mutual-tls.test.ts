import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { demoResource } from '../../src/development.ts';
import {
  alternative,
  certificateJwk,
  makeCertificate,
  type RelativeName,
} from '../support/certificate-authority.ts';
import { introspect, post } from '../support/client.ts';
import {
  assertRefused,
  certificateHeader,
  type ProxiedServer,
  startProxiedServer,
} from '../support/mutual-tls.ts';
import { registerClient } from '../support/registration.ts';

let server: ProxiedServer;
before(async () => {
  server = await startProxiedServer();
});
after(() => server.stop());

function registerSubject(
  value: string,
  field: 'subject_dn' | 'san_dns' | 'san_uri' | 'san_ip' | 'san_email',
) {
  return registerClient(server.db, {
    authentication: 'tls_client_auth',
    certificateSubject: { field: `tls_client_auth_${field}`, value },
  });
}

describe('tls_client_auth', () => {
  it('authenticates a client by the distinguished name in a certificate of the authority', async () => {
    const subject: RelativeName[] = [['C=GB'], ['O=Example Ltd'], ['CN=billing']];
    const { id } = await registerSubject('CN=billing, O=Example Ltd, C=GB', 'subject_dn');
    const { status, body } = await server.requestToken(id, server.issue({ subject }));
    assert.deepEqual([status, body.token_type], [200, 'Bearer']);
    assert.equal((await introspect(server.issuer, body.access_token)).body.cnf, undefined);
    await assertRefused(server.requestToken(id));
    await assertRefused(server.requestToken(id, server.issue({ subject: [...subject].reverse() })));
    await assertRefused(server.requestToken(id, server.issue({ subject: subject.slice(1) })));
  });

  it('authenticates it by an alternative name of each kind, and by that alone', async () => {
    const names = {
      san_dns: ['billing.example.com', alternative.dns('billing.example.com')],
      san_uri: ['spiffe://example.com/billing', alternative.uri('spiffe://example.com/billing')],
      san_ip: ['192.0.2.7', alternative.ip(192, 0, 2, 7)],
      san_email: ['billing@example.com', alternative.email('billing@example.com')],
    } as const;
    for (const [field, [value, name]] of Object.entries(names)) {
      const { id } = await registerSubject(value, field as keyof typeof names);
      assert.equal(
        (await server.requestToken(id, server.issue({ alternatives: [name] }))).status,
        200,
        field,
      );
      const others = Object.values(names).flatMap(([, other]) => (other === name ? [] : [other]));
      await assertRefused(server.requestToken(id, server.issue({ subject: value, alternatives: others })));
    }
  });

  it('takes the certificate as percent-encoded PEM too, as nginx hands it on', async () => {
    const { id } = await registerSubject('CN=nginx', 'subject_dn');
    const { status } = await post(
      `${server.issuer}/oauth/token`,
      { grant_type: 'client_credentials', client_id: id },
      { headers: { [certificateHeader]: encodeURIComponent(server.issue({ subject: 'nginx' }).cert) } },
    );
    assert.equal(status, 200);
  });

  it('authenticates at introspection and revocation too', async () => {
    const { id } = await registerClient(server.db, {
      authentication: 'tls_client_auth',
      certificateSubject: { field: 'tls_client_auth_subject_dn', value: 'CN=api' },
      audiences: [demoResource.uri],
    });
    const shown = server.issue({ subject: 'api' });
    const { body } = await server.requestToken(id, shown);
    const form = { client_id: id, token: body.access_token };
    assert.equal((await server.ask('/oauth/introspect', form, shown)).body.active, true);
    await assertRefused(server.ask('/oauth/introspect', form));
    await assertRefused(server.ask('/oauth/revoke', form));
    assert.equal((await server.ask('/oauth/revoke', form, shown)).status, 200);
    assert.equal((await server.ask('/oauth/introspect', form, shown)).body.active, false);
  });
});

describe('a server without authorities', () => {
  it('offers self_signed_tls_client_auth alone, and refuses whom an authority would vouch for', async (t) => {
    const { databaseUrl } = server;
    const bare = await startProxiedServer({ databaseUrl, settings: { POSTERN_TLS_CLIENT_CA: '' } });
    t.after(() => bare.stop());
    const metadata = await (await fetch(`${bare.issuer}/.well-known/oauth-authorization-server`)).json();
    const { token_endpoint_auth_methods_supported: methods } = metadata as Record<string, string[]>;
    assert.deepEqual(
      methods?.filter((method) => method.includes('tls')),
      ['self_signed_tls_client_auth'],
    );
    const { id } = await registerSubject('CN=vouched', 'subject_dn');
    const form = { grant_type: 'client_credentials', client_id: id };
    await assertRefused(bare.ask('/oauth/token', form, server.issue({ subject: 'vouched' })));
  });
});

describe('self_signed_tls_client_auth', () => {
  it('authenticates a client by a registered certificate, whoever issued it', async () => {
    const own = makeCertificate({ subject: 'own' });
    const next = makeCertificate({ subject: 'own' });
    const { id } = await registerClient(server.db, {
      authentication: 'self_signed_tls_client_auth',
      jwks: { keys: [own, next].map(certificateJwk) },
    });
    assert.equal((await server.requestToken(id, own)).status, 200);
    assert.equal((await server.requestToken(id, next)).status, 200);
    await assertRefused(server.requestToken(id, makeCertificate({ subject: 'own' })));
    await assertRefused(server.requestToken(id));
  });
});

describe('a client that publishes its certificates', () => {
  it('is authenticated by any of those that it publishes', async (t) => {
    const [own, other] = [makeCertificate(), makeCertificate()];
    const body = JSON.stringify({ keys: [certificateJwk(own)] });
    const keys = createServer((_, answer) => answer.end(body)).listen({ host: '127.0.0.1', port: 0 });
    t.after(() => keys.close());
    await once(keys, 'listening');
    const open = await startProxiedServer({ settings: { POSTERN_ALLOW_PRIVATE_NETWORKS: 'true' } });
    t.after(() => open.stop());
    const { id } = await registerClient(open.db, {
      authentication: 'self_signed_tls_client_auth',
      jwksUri: `http://127.0.0.1:${(keys.address() as AddressInfo).port}/jwks.json`,
    });
    const form = { grant_type: 'client_credentials', client_id: id };
    assert.equal((await open.ask('/oauth/token', form, own)).status, 200);
    await assertRefused(open.ask('/oauth/token', form, other));
  });
});
