import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import request from 'supertest';
import { demoCli } from '../../src/development.ts';
import { basic, credentials } from '../support/client.ts';
import { startServer, type TestServer } from '../support/server.ts';

let server: TestServer;
before(async () => {
  server = await startServer();
});
after(() => server.stop());

const endpoints = [
  '/oauth/token',
  '/oauth/device_authorization',
  '/oauth/introspect',
  '/oauth/revoke',
  '/.well-known/jwks.json',
  '/.well-known/oauth-authorization-server',
  '/.well-known/openid-configuration',
  '/health/live',
  '/health/ready',
];

const wishes = [
  'text/html',
  'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8',
  'text/html, application/json;q=0.1',
  'image/png',
  '*/*',
  '',
];

const json = /^application\/(json|jwk-set\+json)/;

describe('a caller that would rather have HTML', () => {
  for (const path of endpoints) {
    it(`gets JSON from ${path}, whatever goes wrong`, async () => {
      for (const accept of wishes) {
        const agent = request(server.issuer);
        const answers = [
          await agent.get(path).set('accept', accept),
          await agent.post(path).set('accept', accept).type('form').send({}),
          await agent.post(path).set('accept', accept).type('json').send({}),
          await agent.post(path).set('accept', accept).type('form').send('a=%zz'),
          await agent.delete(path).set('accept', accept),
        ];
        for (const { status, type, body } of answers) {
          assert.match(type, json, `${status} for ${accept}`);
          if (status >= 400) assert.equal(typeof body.error, 'string');
        }
      }
    });
  }

  it('gets JSON for a refusal after it has authenticated', async () => {
    const refused: [path: string, credential: string, form: Record<string, string>, error: string][] = [
      ['/oauth/token', credentials.machine, { grant_type: 'password' }, 'unsupported_grant_type'],
      ['/oauth/token', credentials.machine, { grant_type: 'refresh_token' }, 'unauthorized_client'],
      ['/oauth/token', credentials.machine, {}, 'invalid_request'],
      ['/oauth/device_authorization', `${demoCli.id}:`, { scope: 'admin' }, 'invalid_scope'],
      ['/oauth/device_authorization', `${demoCli.id}:`, { resource: 'urn:x' }, 'invalid_target'],
      ['/oauth/introspect', credentials.api, {}, 'invalid_request'],
      ['/oauth/revoke', credentials.api, {}, 'invalid_request'],
    ];
    for (const accept of wishes) {
      for (const [path, credential, form, error] of refused) {
        const { status, type, body } = await request(server.issuer)
          .post(path)
          .set('accept', accept)
          .set('authorization', basic(credential))
          .type('form')
          .send(form);
        assert.deepEqual([status, type, body.error], [400, 'application/json', error]);
      }
    }
  });

  it('gets JSON for every kind of success', async () => {
    for (const accept of wishes) {
      const agent = request(server.issuer);
      const form = (path: string, credential: string) =>
        agent.post(path).set('accept', accept).set('authorization', basic(credential)).type('form');
      const token = await form('/oauth/token', credentials.machine).send({
        grant_type: 'client_credentials',
      });
      const seen = await form('/oauth/introspect', credentials.api).send({ token: token.body.access_token });
      const device = await form('/oauth/device_authorization', `${demoCli.id}:`).send({ scope: 'read' });
      for (const { status, type } of [token, seen, device]) {
        assert.equal(status, 200);
        assert.match(type, json);
      }
      assert.equal(seen.body.active, true);
    }
  });
});

describe('an API that is described as its own documentation would', () => {
  it('answers a form with client_id and client_secret in it', async () => {
    const [client_id, client_secret] = credentials.machine.split(':');
    const { body } = await request(server.issuer)
      .post('/oauth/token')
      .type('form')
      .send({ grant_type: 'client_credentials', client_id, client_secret, scope: 'read write' })
      .expect(200)
      .expect('content-type', /json/)
      .expect('cache-control', 'no-store');
    assert.deepEqual([body.expires_in, body.scope], [3600, 'read write']);
  });

  it('refuses a wrong secret with exactly these words', async () => {
    await request(server.issuer)
      .post('/oauth/token')
      .type('form')
      .send({ grant_type: 'client_credentials', client_id: 'demo-machine', client_secret: 'wrong' })
      .expect(401, { error: 'invalid_client', error_description: 'Client authentication failed' });
  });
});
