import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { decodeJwt } from 'jose';
import { demoCli, demoResource } from '../../src/development.ts';
import { sql } from '../../src/postgres/sql.ts';
import { addResource } from '../../src/resources/resource.ts';
import { type Identity, makeCertificate } from '../support/certificate-authority.ts';
import { introspect, post } from '../support/client.ts';
import {
  byteSequence,
  certificateHeader,
  type ProxiedServer,
  startProxiedServer,
} from '../support/mutual-tls.ts';
import { createPerson } from '../support/person.ts';
import { createProver } from '../support/proof.ts';
import { registerClient } from '../support/registration.ts';

const deviceGrant = 'urn:ietf:params:oauth:grant-type:device_code';
const exchangeGrant = 'urn:ietf:params:oauth:grant-type:token-exchange';
const jwtApi = 'https://jwt.example.com';

let server: ProxiedServer;
before(async () => {
  server = await startProxiedServer();
  await addResource(server.db, {
    uri: jwtApi,
    name: 'JWT API',
    scopes: { read: 'See your data' },
    accessTokenFormat: 'jwt',
  });
});
after(() => server.stop());

const registerSubject = (value: string) =>
  registerClient(server.db, {
    authentication: 'tls_client_auth',
    certificateSubject: { field: 'tls_client_auth_subject_dn', value },
  });

describe('a certificate-bound access token', () => {
  it('names its certificate in introspection and, as a JWT, in itself', async () => {
    const { id } = await registerClient(server.db, {
      authentication: 'tls_client_auth',
      certificateSubject: { field: 'tls_client_auth_subject_dn', value: 'CN=bound' },
      certificateBoundAccessTokens: true,
      allowed: { [demoResource.uri]: ['read'], [jwtApi]: ['read'] },
      audiences: [demoResource.uri, jwtApi],
    });
    const shown = server.issue({ subject: 'bound' });
    const cnf = { 'x5t#S256': shown.thumbprint };
    for (const resource of [demoResource.uri, jwtApi]) {
      const { body } = await server.requestToken(id, shown, { resource });
      assert.equal(body.token_type, 'Bearer');
      if (resource === jwtApi) assert.deepEqual(decodeJwt(body.access_token).cnf, cnf);
      const form = { client_id: id, token: body.access_token };
      assert.deepEqual((await server.ask('/oauth/introspect', form, shown)).body.cnf, cnf);
    }
  });

  it('is had with a secret and any certificate, and not without one', async () => {
    const { basic } = await registerClient(server.db, { certificateBoundAccessTokens: true });
    const form = { grant_type: 'client_credentials' };
    const without = await server.ask('/oauth/token', form, undefined, basic);
    assert.deepEqual([without.status, without.body.error], [400, 'invalid_grant']);
    const shown = makeCertificate();
    const { body } = await server.ask('/oauth/token', form, shown, basic);
    const seen = await introspect(server.issuer, body.access_token);
    assert.deepEqual(seen.body.cnf, { 'x5t#S256': shown.thumbprint });
  });

  it('is not bound to a key as well', async () => {
    const { id } = await registerClient(server.db, {
      certificateBoundAccessTokens: true,
      authentication: 'none',
      grantTypes: [deviceGrant],
    });
    const shown = makeCertificate();
    const device_code = await approve(id, shown, { scope: 'read' });
    const url = `${server.issuer}/oauth/token`;
    const form = { grant_type: deviceGrant, client_id: id, device_code };
    const proof = await (await createProver()).prove(url);
    const both = await post(url, form, {
      headers: { [certificateHeader]: byteSequence(shown), DPoP: proof },
    });
    assert.deepEqual([both.status, both.body.error], [400, 'invalid_request']);
  });
});

/** A device code that was asked for with the certificate and that a person has approved. */
async function approve(
  id: string,
  shown?: Identity,
  { scope = 'read offline_access', basic }: { scope?: string; basic?: string | undefined } = {},
): Promise<string> {
  const form = { client_id: id, scope };
  const { body } = await server.ask('/oauth/device_authorization', form, shown, basic);
  const person = createPerson(server.issuer);
  await person.enterCode(body.user_code);
  await person.decide('allow');
  return body.device_code;
}

describe('a public client whose tokens are bound', () => {
  const register = () =>
    registerClient(server.db, {
      authentication: 'none',
      grantTypes: [deviceGrant, 'refresh_token'],
      certificateBoundAccessTokens: true,
    });
  const redeem = (id: string, device_code: string, shown?: Identity) =>
    server.ask('/oauth/token', { grant_type: deviceGrant, client_id: id, device_code }, shown);
  const renew = (id: string, refresh_token: string, shown?: Identity) =>
    server.ask('/oauth/token', { grant_type: 'refresh_token', client_id: id, refresh_token }, shown);

  it('has its device code bound to the certificate from the first request on', async () => {
    const { id } = await register();
    const [own, other] = [makeCertificate(), makeCertificate()];
    const device_code = await approve(id, own);
    for (const shown of [undefined, other]) {
      const { status, body } = await redeem(id, device_code, shown);
      assert.deepEqual([status, body.error], [400, 'invalid_grant']);
    }
    assert.equal((await redeem(id, device_code, own)).status, 200);
  });

  it('gets no tokens for a code that it asked for without a certificate until it shows one', async () => {
    const { id } = await register();
    const device_code = await approve(id);
    assert.equal((await redeem(id, device_code)).body.error, 'invalid_grant');
    const shown = makeCertificate();
    const { body } = await redeem(id, device_code, shown);
    const seen = await introspect(server.issuer, body.access_token);
    assert.deepEqual(seen.body.cnf, { 'x5t#S256': shown.thumbprint });
  });

  it('renews with the same certificate alone, and no other one harms its refresh token', async () => {
    const { id } = await register();
    const [own, other] = [makeCertificate(), makeCertificate()];
    const { body: first } = await redeem(id, await approve(id, own), own);
    for (const shown of [undefined, other]) {
      const { status, body } = await renew(id, first.refresh_token, shown);
      assert.deepEqual([status, body.error], [400, 'invalid_grant']);
    }
    const { body: second } = await renew(id, first.refresh_token, own);
    const seen = await introspect(server.issuer, second.access_token);
    assert.deepEqual(seen.body.cnf, { 'x5t#S256': own.thumbprint });
    assert.equal((await renew(id, second.refresh_token, other)).body.error, 'invalid_grant');
    assert.equal((await renew(id, second.refresh_token, own)).status, 200);
  });

  it('has the refresh token bound that takes the place of one that was not', async () => {
    const { id } = await registerClient(server.db, {
      authentication: 'none',
      grantTypes: [deviceGrant, 'refresh_token'],
    });
    const { body: first } = await redeem(id, await approve(id));
    await server.db.query(sql`update clients set certificate_bound_access_tokens = true where id = ${id}`);
    const [own, other] = [makeCertificate(), makeCertificate()];
    const { body: second } = await renew(id, first.refresh_token, own);
    assert.equal((await renew(id, second.refresh_token, other)).body.error, 'invalid_grant');
    assert.equal((await renew(id, second.refresh_token, own)).status, 200);
  });
});

describe('an answer that is given again', () => {
  for (const authentication of ['none', 'client_secret_basic'] as const) {
    it(`is given only for the certificate of the first time, to a client with ${authentication}`, async () => {
      const [own, other] = [makeCertificate(), makeCertificate()];
      const { id, basic, secret } = await registerClient(server.db, {
        authentication,
        grantTypes: [deviceGrant, 'refresh_token'],
        certificateBoundAccessTokens: true,
      });
      const ask = (form: Record<string, string>, shown?: Identity) =>
        server.ask('/oauth/token', { client_id: id, ...form }, shown, secret ? basic : undefined);
      const device_code = await approve(id, undefined, { basic: secret ? basic : undefined });
      const code = { grant_type: deviceGrant, device_code };
      const first = await ask(code, own);
      await server.db.query(sql`update device_codes set response_lost_at = now()`);
      for (const shown of [other, undefined])
        assert.equal((await ask(code, shown)).body.error, 'invalid_grant');
      assert.deepEqual((await ask(code, own)).body, first.body);

      const renewal = { grant_type: 'refresh_token', refresh_token: first.body.refresh_token };
      const renewed = await ask(renewal, own);
      assert.equal(renewed.status, 200);
      for (const shown of [other, undefined])
        assert.equal((await ask(renewal, shown)).body.error, 'invalid_grant');
      assert.deepEqual((await ask(renewal, own)).body, renewed.body);
      const next = { grant_type: 'refresh_token', refresh_token: renewed.body.refresh_token };
      assert.equal((await ask(next, own)).status, 200);
    });
  }

  it('is one for 20 renewals at once with two certificates, and only for the one that won', async () => {
    const { id } = await registerClient(server.db, {
      authentication: 'none',
      grantTypes: [deviceGrant, 'refresh_token'],
      certificateBoundAccessTokens: true,
    });
    const [own, other] = [makeCertificate(), makeCertificate()];
    const device_code = await approve(id, own);
    const form = { client_id: id, grant_type: deviceGrant, device_code };
    const { body } = await server.ask('/oauth/token', form, own);
    const renewal = { client_id: id, grant_type: 'refresh_token', refresh_token: body.refresh_token };
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        server.ask('/oauth/token', renewal, index % 2 === 0 ? own : other),
      ),
    );
    const tokens = answers.map((answer) => answer.body.refresh_token);
    assert.equal(new Set(tokens.filter(Boolean)).size, 1);
    assert.ok(answers.every(({ status }, index) => status === (index % 2 === 0 ? 200 : 400)));
  });
});

describe('token exchange with a certificate', () => {
  it('binds the new token to the certificate of the client that exchanges', async () => {
    const api = await registerClient(server.db, {
      authentication: 'tls_client_auth',
      certificateSubject: { field: 'tls_client_auth_subject_dn', value: 'CN=exchanger' },
      certificateBoundAccessTokens: true,
      grantTypes: [exchangeGrant],
      exchanges: { [demoResource.uri]: [jwtApi] },
      allowed: { [jwtApi]: ['read'] },
      defaultResource: jwtApi,
      audiences: [jwtApi],
    });
    const { id } = await registerSubject('CN=subject');
    const subject = await server.requestToken(id, server.issue({ subject: 'subject' }), { scope: 'read' });
    const shown = server.issue({ subject: 'exchanger' });
    const form = {
      client_id: api.id,
      grant_type: exchangeGrant,
      subject_token: subject.body.access_token,
      subject_token_type: 'urn:ietf:params:oauth:token-type:access_token',
    };
    const { status, body } = await server.ask('/oauth/token', form, shown);
    assert.equal(status, 200);
    assert.deepEqual(decodeJwt(body.access_token).cnf, { 'x5t#S256': shown.thumbprint });

    const url = `${server.issuer}/oauth/token`;
    const proof = await (await createProver()).prove(url);
    const both = await post(url, form, {
      headers: { [certificateHeader]: byteSequence(shown), DPoP: proof },
    });
    assert.deepEqual([both.status, both.body.error], [400, 'invalid_request']);
  });

  it('is refused to a client whose tokens are bound and that shows no certificate', async () => {
    const api = await registerClient(server.db, {
      certificateBoundAccessTokens: true,
      grantTypes: [exchangeGrant],
      exchanges: { [demoResource.uri]: [jwtApi] },
      allowed: { [jwtApi]: ['read'] },
      defaultResource: jwtApi,
    });
    const { id } = await registerSubject('CN=subject');
    const subject = await server.requestToken(id, server.issue({ subject: 'subject' }), { scope: 'read' });
    const form = {
      grant_type: exchangeGrant,
      subject_token: subject.body.access_token,
      subject_token_type: 'urn:ietf:params:oauth:token-type:access_token',
    };
    const { status, body } = await server.ask('/oauth/token', form, undefined, api.basic);
    assert.deepEqual([status, body.error], [400, 'invalid_grant']);
  });
});

describe('a public client without any duty', () => {
  it('gets no bound token for a certificate that it happens to show', async () => {
    const device_code = await approve(demoCli.id, makeCertificate(), { scope: 'read' });
    const form = { grant_type: deviceGrant, client_id: demoCli.id, device_code };
    const { status, body } = await server.ask('/oauth/token', form, makeCertificate());
    assert.equal(status, 200);
    assert.equal((await introspect(server.issuer, body.access_token)).body.cnf, undefined);
  });
});
