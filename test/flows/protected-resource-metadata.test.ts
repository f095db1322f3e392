import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import * as oauth from 'oauth4webapi';
import { demoResource } from '../../src/development.ts';
import { addResource } from '../../src/resources/resource.ts';
import { runCommand } from '../cli/terminal.ts';
import { openDatabaseLine } from '../support/database-line.ts';
import { startServer, type TestServer, testSecret } from '../support/server.ts';

let server: TestServer;
let origin: string;
before(async () => {
  server = await startServer({ path: '/auth/eu' });
  ({ origin } = new URL(server.issuer));
});
after(() => server.stop());

/** The address that a proxy in front of the API maps to. */
const addressOf = (uri: string) => `${server.issuer}/oauth/resource-metadata?resource=${uri}`;

/** What the demo API's document says. */
function demoDocument(): Record<string, unknown> {
  return {
    resource: demoResource.uri,
    authorization_servers: [server.issuer],
    scopes_supported: ['read', 'write'],
    bearer_methods_supported: ['header'],
    resource_name: demoResource.name,
    dpop_signing_alg_values_supported: ['ES256', 'Ed25519', 'EdDSA'],
  };
}

async function read(url: string): Promise<Record<string, unknown>> {
  const response = await fetch(url);
  assert.equal(response.status, 200, url);
  assert.match(response.headers.get('content-type') ?? '', /^application\/json/);
  return (await response.json()) as Record<string, unknown>;
}

describe('the metadata of a protected resource (RFC 9728)', () => {
  it('is at one address for each registered resource, whatever its origin is', async () => {
    assert.deepEqual(await read(addressOf(demoResource.uri)), demoDocument());
    assert.deepEqual(await read(addressOf(encodeURIComponent(demoResource.uri))), demoDocument());
  });

  it('leaves out what the resource has none of', async () => {
    await addResource(server.db, { uri: 'https://bare.example.com', name: 'Bare', scopes: {} });
    const document = await read(addressOf('https://bare.example.com'));
    assert.ok(!Object.hasOwn(document, 'scopes_supported'));
  });

  it('tells of tokens that are bound to certificates where the server has them', async () => {
    const settings = { POSTERN_TRUSTED_PROXIES: '127.0.0.1', POSTERN_TLS_CLIENT_CERT_HEADER: 'Client-Cert' };
    const other = await startServer({ settings, databaseUrl: server.databaseUrl });
    try {
      const { tls_client_certificate_bound_access_tokens: bound } = await read(
        `${other.issuer}/oauth/resource-metadata?resource=${demoResource.uri}`,
      );
      assert.equal(bound, true);
    } finally {
      await other.stop();
    }
  });

  it('may be kept, and be read by any page', async () => {
    const { headers } = await fetch(addressOf(demoResource.uri));
    assert.equal(headers.get('cache-control'), 'public, max-age=300');
    assert.equal(headers.get('access-control-allow-origin'), '*');
    const again = await fetch(addressOf(demoResource.uri), {
      headers: { 'if-none-match': headers.get('etag') ?? '' },
    });
    assert.equal(again.status, 304);
  });

  it('is 404 for every other spelling, and 400 for none or two', async () => {
    for (const uri of [`${demoResource.uri}/`, 'https://API.example.com', 'x', '', '%00', '%ff', '%']) {
      assert.equal((await fetch(addressOf(uri))).status, 404, uri);
    }
    const address = `${server.issuer}/oauth/resource-metadata`;
    for (const query of ['', '?', '?resource', `?resource=${demoResource.uri}&resource=x`, '?Resource=x']) {
      const { status } = await fetch(address + query);
      assert.equal(status, query === '?resource' ? 404 : 400, query);
    }
  });

  it('names this issuer, whatever Host says', async () => {
    const { url } = server;
    const response = await fetch(`${url}/auth/eu/oauth/resource-metadata?resource=${demoResource.uri}`, {
      headers: { 'x-forwarded-host': 'evil.example', forwarded: 'host=evil.example' },
    });
    assert.deepEqual(await response.json(), demoDocument());
  });

  it('is printed for the API to serve', async () => {
    const env = {
      DATABASE_URL: server.databaseUrl,
      POSTERN_ISSUER: server.issuer,
      POSTERN_SECRET: testSecret,
    };
    const { stdout } = await runCommand(['resource', 'metadata', demoResource.uri], { env });
    assert.deepEqual(JSON.parse(stdout), demoDocument());
    const unknown = await runCommand(['resource', 'metadata', 'https://nobody.example'], { env });
    assert.deepEqual([unknown.exitCode, unknown.stdout], [1, '']);
  });
});

describe('the metadata of a resource at the issuer’s own origin', () => {
  it('is where a client looks for it: between host and path, with the query behind', async () => {
    for (const path of ['', '/api', '/api/v1/', '/api?version=2', '/?all', '/a%2Fb/@~']) {
      const uri = origin + path;
      await addResource(server.db, { uri, name: `The API at ${path}`, scopes: { read: 'See it' } });
      const exact = `${origin}/.well-known/oauth-protected-resource${path.replace(/^\/(?=\?|$)/, '')}`;
      assert.equal((await read(exact)).resource, uri);
    }
  });

  it('is found by oauth4webapi', async () => {
    for (const uri of [origin, `${origin}/api`]) {
      const identifier = new URL(uri);
      const options = { [oauth.allowInsecureRequests]: true };
      const response = await oauth.resourceDiscoveryRequest(identifier, options);
      const document = await oauth.processResourceDiscoveryResponse(identifier, response);
      assert.deepEqual([document.resource, document.authorization_servers], [uri, [server.issuer]]);
    }
  });

  it('is at the place without a path too for one that ends in the slash behind the host', async () => {
    const other = await startServer();
    try {
      const uri = `${other.issuer}/`;
      await addResource(other.db, { uri, name: 'The whole host', scopes: {} });
      assert.equal((await read(`${other.issuer}/.well-known/oauth-protected-resource`)).resource, uri);
    } finally {
      await other.stop();
    }
  });

  it('is 404 for a resource that is not there, and for one at another origin', async () => {
    for (const path of ['/nobody', '/', '//', `/${demoResource.uri}`, '/%00', '/api/v1', '/api?version=3']) {
      const { status } = await fetch(`${origin}/.well-known/oauth-protected-resource${path}`);
      assert.equal(status, 404, path);
    }
  });
});

describe('the server’s own metadata (RFC 9728 section 4)', () => {
  const place = '/.well-known/oauth-authorization-server';

  it('names the resources that are listed, and no other', async () => {
    assert.ok(!Object.hasOwn(await read(server.issuer + place), 'protected_resources'));
    const env = { DATABASE_URL: server.databaseUrl, POSTERN_SECRET: testSecret };
    const uri = 'https://open.example.com';
    const args = ['resource', 'add', '--uri', uri, '--name', 'Open', '--scope', 'read=See it', '--listed'];
    assert.equal((await runCommand(args, { env })).exitCode, 0);
    for (const address of [server.issuer + place, `${origin}${place}/auth/eu`]) {
      assert.deepEqual((await read(address)).protected_resources, [uri]);
    }
  });

  it('goes on naming them while the database is away', async () => {
    const line = await openDatabaseLine(server.databaseUrl);
    const cut = await startServer({ databaseUrl: line.url });
    try {
      const { protected_resources: known } = await read(cut.issuer + place);
      await line.cut();
      assert.deepEqual((await read(cut.issuer + place)).protected_resources, known);
    } finally {
      await line.mend();
      await cut.stop();
      await line.close();
    }
  });
});
