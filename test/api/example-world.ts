import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { demoResource } from '../../src/development.ts';
import { addMember } from '../../src/organizations/member.ts';
import { sql } from '../../src/postgres/sql.ts';
import { type ApiCaller, createBrowserCaller, makeToken } from '../support/api.ts';
import { createAuthenticator } from '../support/authenticator.ts';
import { basic, credentials, requestDevice, requestMachineToken } from '../support/client.ts';
import { letDeviceIn } from '../support/device-login.ts';
import { issueInitialAccessToken, registerMachine } from '../support/dynamic-client.ts';
import { registerGateway } from '../support/exchange.ts';
import type { PlacedOperation } from '../support/openapi.ts';
import { addAccount, createPerson } from '../support/person.ts';
import { addPasskeyOf, codeOf, setUpApp } from '../support/second-factor.ts';
import type { TestServer } from '../support/server.ts';

/** What a request needs to be about something that there is. */
export type Circumstances = {
  /** What stands for the names in the path. */
  params?: Record<string, string>;
  /** What of the example is to be replaced by something that there is. */
  body?: Record<string, unknown>;
  headers?: Record<string, string>;
  call?: ApiCaller;
};

/** Makes the circumstances in which an example of an operation works. */
export type ExampleWorld = (placed: PlacedOperation, example: unknown) => Promise<Circumstances>;

/** A world around a server: people of the demo company, their tokens and devices, and programs. */
export async function createExampleWorld(
  { issuer, db }: Pick<TestServer, 'issuer' | 'db'>,
  call: ApiCaller,
): Promise<ExampleWorld> {
  const organizationId: string = (await call('GET', '/users/me')).body.organization.id;

  await db.query(sql`
    insert into member_scopes (organization_id, user_id, resource, scope, is_given)
    select members.organization_id, members.user_id, resource_scopes.resource, scope, true
    from members, resource_scopes
    where organization_id = ${organizationId}::uuid and resource_scopes.role = 'operator'`);

  async function addColleague(): Promise<{ id: string; caller: ApiCaller }> {
    const account = { email: `${randomUUID()}@example.com`, password: 'purple otters climb 7 ladders' };
    const id = await addAccount(db, account);
    await addMember(db, { organizationId, userId: id, role: 'member' });
    return { id, caller: await createBrowserCaller(issuer, account) };
  }

  async function inviteSomebody(): Promise<{ id: string; link: string; caller: ApiCaller }> {
    const account = { email: `${randomUUID()}@example.com`, password: 'purple otters climb 7 ladders' };
    await addAccount(db, account);
    const { body } = await call('POST', '/invitations', { body: { email: account.email } });
    return { ...body, caller: await createBrowserCaller(issuer, account) };
  }

  async function newestOf(path: string, make: () => Promise<unknown>): Promise<string> {
    const ids = async () => (await call('GET', path)).body.items.map(({ id }: { id: string }) => id);
    const before: string[] = await ids();
    await make();
    const made = (await ids()).find((id: string) => !before.includes(id));
    assert.ok(made);
    return made;
  }

  async function makeWaitingToken(): Promise<string> {
    const { caller } = await addColleague();
    await db.query(
      sql`insert into token_policies values (${organizationId}::uuid, null, false, true, false)`,
    );
    return (await makeToken(caller, { reason: 'Example' })).id;
  }

  async function registerProgram(): Promise<{ client_id: string; secret_id: string }> {
    const { body } = await call('POST', '/clients', {
      body: {
        client_name: 'Example program',
        grant_types: ['client_credentials'],
        resources: { [demoResource.uri]: ['read'] },
      },
    });
    return { client_id: body.client_id, secret_id: body.secrets[0].id };
  }

  async function rotateKeys(): Promise<string> {
    const { body } = await call('POST', '/keys/rotate', { body: { immediate: true } });
    return body.items.find(({ state }: { state: string }) => state === 'retiring').kid;
  }

  async function addResource(): Promise<string> {
    const resource = `https://${randomUUID()}.example.com`;
    await call('POST', '/resources', { body: { resource, resource_name: 'Example' } });
    return encodeURIComponent(resource);
  }

  const params: Record<string, () => Promise<string>> = {
    token_id: async () => (await makeToken(call)).id,
    user_id: async () => (await addColleague()).id,
    invitation_id: async () => (await inviteSomebody()).id,
    session_id: () => newestOf('/sessions', () => createPerson(issuer).signIn()),
    client_id: async () => (await registerProgram()).client_id,
    kid: rotateKeys,
    resource: addResource,
    grant_id: () => newestOf('/grants', () => letDeviceIn(issuer)),
  };

  async function makeSharedToken(): Promise<string> {
    const body = { name: 'Shared', permissions: { [demoResource.uri]: ['read'] } };
    return (await call('POST', '/shared-tokens', { body })).body.id;
  }

  async function requestToken(example: Record<string, string>): Promise<Circumstances> {
    switch (example.grant_type) {
      case 'client_credentials':
        return { headers: { authorization: basic(credentials.machine) } };
      case 'refresh_token':
        return { body: { refresh_token: (await letDeviceIn(issuer)).refresh_token } };
      case 'urn:ietf:params:oauth:grant-type:device_code':
        return { body: { device_code: await approveDevice() } };
      default: {
        const { gateway } = await registerGateway(db, demoResource.uri);
        const { body } = await requestMachineToken(issuer);
        return {
          headers: { authorization: basic(gateway.basic) },
          body: { subject_token: body.access_token },
        };
      }
    }
  }

  async function approveDevice(): Promise<string> {
    const { body } = await requestDevice(issuer);
    const person = createPerson(issuer);
    await person.enterCode(body.user_code);
    await person.decide('allow');
    return body.device_code;
  }

  async function askAsApi(): Promise<Circumstances> {
    const token = (await requestMachineToken(issuer)).body.access_token;
    return { headers: { authorization: basic(credentials.api) }, body: { token } };
  }

  async function manageRegistration(): Promise<Circumstances> {
    const client = await registerMachine(issuer, await issueInitialAccessToken(db));
    const authorization = `Bearer ${client.registration_access_token}`;
    const { client_id } = client;
    return { params: { client_id }, body: { client_id }, headers: { authorization } };
  }

  async function callerWithApp(): Promise<ApiCaller> {
    const { id, caller } = await addColleague();
    await setUpApp({ db }, { id, call: (method, path, body) => caller(method, path, { body }) });
    return caller;
  }

  async function withPasskey(): Promise<Circumstances> {
    const { caller } = await addColleague();
    const { id } = await addPasskeyOf(
      { issuer },
      {
        call: (method, path, body) => caller(method, path, { body }),
      },
    );
    return { params: { passkey_id: id }, call: caller };
  }

  const special: Record<string, (example: never) => Promise<Circumstances>> = {
    approveToken: async () => ({ params: { token_id: await makeWaitingToken() } }),
    refuseToken: async () => ({ params: { token_id: await makeWaitingToken() } }),
    takeSharedTokenValue: async () => ({ params: { token_id: await makeSharedToken() } }),
    removeSharedTokenValue: async () => ({ params: { token_id: await makeSharedToken() } }),
    endClientSecret: async () => ({ params: await registerProgram() }),
    setTotp: async () => {
      const { caller } = await addColleague();
      const { enrolment, secret } = (await caller('POST', '/users/me/totp/enrolments')).body;
      return { body: { enrolment, code: codeOf(secret) }, call: caller };
    },
    removeTotp: async () => ({ call: await callerWithApp() }),
    makeRecoveryCodes: async () => ({ call: await callerWithApp() }),
    addPasskey: async () => {
      const { caller } = await addColleague();
      const { options, registration } = (await caller('POST', '/users/me/passkeys/registrations')).body;
      const credential = createAuthenticator(issuer).create(options);
      return { body: { registration, credential }, call: caller };
    },
    renamePasskey: withPasskey,
    removePasskey: withPasskey,
    changePassword: async () => {
      const { caller } = await addColleague();
      return { body: { present_password: 'purple otters climb 7 ladders' }, call: caller };
    },
    chooseOrganization: async () => ({ body: { id: organizationId } }),
    acceptInvitation: async () => {
      const { link, caller } = await inviteSomebody();
      return { body: { invitation: link.split('#')[1] }, call: caller };
    },
    requestToken,
    introspectToken: askAsApi,
    revokeToken: async () => ({
      headers: { authorization: basic(credentials.machine) },
      body: { token: (await requestMachineToken(issuer)).body.access_token },
    }),
    registerClient: async () => ({
      headers: { authorization: `Bearer ${await issueInitialAccessToken(db)}` },
    }),
    showRegisteredClient: manageRegistration,
    updateRegisteredClient: manageRegistration,
    removeRegisteredClient: manageRegistration,
  };

  return async ({ operation: { operationId }, path }, example) => {
    await db.query(sql`delete from token_policies`);
    const arrange = special[operationId];
    if (arrange) return await arrange(example as never);
    const things: Record<string, string> = {};
    for (const [, name = ''] of path.matchAll(/\{(\w+)\}/g)) {
      const make = params[name];
      assert.ok(make, `something that {${name}} of ${operationId} stands for can be made`);
      things[name] = await make();
    }
    return { params: things };
  };
}
