import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import fc from 'fast-check';
import { addResource } from '../../src/resources/resource.ts';
import { type Answer, poll, post, refresh, requestDevice } from '../support/client.ts';
import { createPerson, type Person } from '../support/person.ts';
import { registerClient, type TestClient } from '../support/registration.ts';
import { startServer, type TestServer } from '../support/server.ts';

const exchangeGrant = 'urn:ietf:params:oauth:grant-type:token-exchange';
const hub = 'https://hub.example.com';
const vault = 'https://vault.example.com';
const known = ['list', 'read', 'write', 'admin'];

let server: TestServer;
let person: Person;
before(async () => {
  server = await startServer();
  const scopes = Object.fromEntries(known.map((scope) => [scope, scope]));
  await addResource(server.db, { uri: hub, name: 'Hub', scopes });
  await addResource(server.db, { uri: vault, name: 'Vault', scopes, accessTokenFormat: 'jwt' });
  person = createPerson(server.issuer);
  await person.signIn();
});
after(() => server.stop());

/** The scopes that a request names; `undefined` where it names none. */
const asks = fc.option(
  fc.uniqueArray(fc.constantFrom(...known, ...known, 'unknown'), { minLength: 1, maxLength: 3 }),
  { nil: undefined },
);
const some = fc.uniqueArray(fc.constantFrom(...known), { minLength: 1 });

/** One exchange: what its client may have, and asks for. */
type Link = { asks: string[] | undefined; allowed: string[]; target: string };

const links = fc.array(fc.record<Link>({ asks, allowed: some, target: fc.constantFrom(hub, vault) }), {
  maxLength: 4,
});

/** The tokens of a device that a person has let in with these scopes. */
async function signIn(device: TestClient, scopes: string[]): Promise<Answer['body']> {
  const form = { client_id: device.id, scope: [...scopes, 'offline_access'].join(' ') };
  const { body: asked } = await requestDevice(server.issuer, form);
  await person.enterCode(asked.user_code);
  await person.decide('allow');
  const { status, body } = await poll(server.issuer, asked.device_code, { client_id: device.id });
  assert.equal(status, 200, JSON.stringify(body));
  return body;
}

const scopeForm = (asked: string[] | undefined): Record<string, string> =>
  asked ? { scope: asked.join(' ') } : {};
const split = (scope: string): string[] => scope.split(' ').filter((name) => name !== 'offline_access');
const isWithin = (some: readonly string[], all: readonly string[]) =>
  some.every((scope) => all.includes(scope));

/** The scopes of what was answered, `undefined` for `invalid_scope`, told alike by the answer and at introspection. */
async function grantedBy({ status, body }: Answer, api: TestClient): Promise<string[] | undefined> {
  if (status !== 200) {
    assert.deepEqual([status, body.error], [400, 'invalid_scope']);
    return undefined;
  }
  const form = { token: body.access_token };
  const { body: seen } = await post(`${server.issuer}/oauth/introspect`, form, { basic: api.basic });
  assert.deepEqual(split(body.scope).sort(), split(seen.scope).sort());
  return split(seen.scope).sort();
}

/** A client that is registered for this one exchange makes it. */
async function exchange(subject: string, { asks, allowed, target }: Link): Promise<Answer> {
  const { basic } = await registerClient(server.db, {
    grantTypes: [exchangeGrant],
    allowed: { [hub]: allowed, [vault]: allowed },
    defaultResource: hub,
    exchanges: { [hub]: [hub, vault], [vault]: [hub, vault] },
  });
  const form = {
    grant_type: exchangeGrant,
    subject_token: subject,
    subject_token_type: 'urn:ietf:params:oauth:token-type:access_token',
    resource: target,
    ...scopeForm(asks),
  };
  return await post(`${server.issuer}/oauth/token`, form, { basic });
}

describe('the scope of tokens that are got for others', () => {
  it('never grows over refreshes and exchanges, and what may not be asked for is invalid_scope', async () => {
    const api = await registerClient(server.db, { grantTypes: [], allowed: {}, audiences: [hub, vault] });
    const device = await registerClient(server.db, {
      authentication: 'none',
      grantTypes: ['urn:ietf:params:oauth:grant-type:device_code', 'refresh_token'],
      allowed: { [hub]: known },
      defaultResource: hub,
    });
    const journey = fc.asyncProperty(some, fc.array(asks, { maxLength: 3 }), links, async (...way) => {
      const [approved, renewals, exchanges] = way;
      let tokens = await signIn(device, approved);
      let held: string[] = approved;
      for (const asked of renewals) {
        const form = { client_id: device.id, ...scopeForm(asked) };
        const answer = await refresh(server.issuer, tokens.refresh_token, form);
        const granted = await grantedBy(answer, api);
        // A refresh token keeps the scope that was approved (RFC 6749 section 6): only access tokens shrink.
        const isAllowed = isWithin(asked ?? [], approved);
        assert.deepEqual(granted, isAllowed ? [...(asked ?? approved)].sort() : undefined);
        if (!granted) continue;
        tokens = answer.body;
        held = granted;
      }
      let subject: string = tokens.access_token;
      for (const link of exchanges) {
        const answer = await exchange(subject, link);
        const granted = await grantedBy(answer, api);
        const possible = held.filter((scope) => link.allowed.includes(scope));
        const expected = link.asks ?? possible;
        const isAllowed = expected.length > 0 && isWithin(expected, possible);
        assert.deepEqual(granted, isAllowed ? [...expected].sort() : undefined);
        if (!granted) continue;
        held = granted;
        subject = answer.body.access_token;
      }
    });
    await fc.assert(journey, { numRuns: 40 });
  });
});
