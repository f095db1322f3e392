import assert from 'node:assert/strict';
import { sql } from '../../src/postgres/sql.ts';
import { poll, requestDevice } from '../support/client.ts';
import { type Employee, foundCompany } from '../support/company.ts';
import { registerClient } from '../support/registration.ts';
import type { TestServer } from '../support/server.ts';

/** A device that waits, and its program. */
export type WaitingDevice = { userCode: string; deviceCode: string; clientId: string };

/** Who there is, before somebody walks through every page. */
export type World = {
  server: TestServer;
  /** Administers two organizations, and may do all that can be done in the first; has no second factor. */
  administrator: Employee;
  organization: string;
  member: Employee;
  invite(email?: string): Promise<string>;
  /** A device asks; for the program that is given, else for one of which nothing is demanded. */
  ask(clientId?: string): Promise<WaitingDevice>;
  /** Registers a program that demands something of who lets it in. */
  registerDemanding(demands: { numberMatching?: boolean; stepUpScopes?: string[] }): Promise<string>;
  /** What the device is told. */
  poll(device: WaitingDevice): Promise<Record<string, string>>;
  /** The administrator lets a device in, elsewhere. */
  allowDevice(): Promise<void>;
};

/** A world of its own for each walk through the pages of a server. */
export async function createWorld(server: TestServer): Promise<World> {
  const organization = 'Harbour Works';
  const company = await foundCompany(server, organization);
  const { administrator } = company;
  const second = await foundCompany(server, 'Second Company');
  await second.join('member', administrator);
  await administrator.call('PUT', '/users/me/organization', { id: company.id });
  await server.db.query(sql`
    insert into member_scopes (organization_id, user_id, resource, scope, is_given)
    select ${company.id}::uuid, ${administrator.id}::uuid, resource, scope, true
    from resource_scopes where role = 'operator'`);
  const member = await company.join('member');
  return {
    server,
    administrator,
    organization,
    member,
    async invite(email = `${crypto.randomUUID()}@example.com`) {
      return (await administrator.call('POST', '/invitations', { email })).body.link;
    },
    async ask(clientId = 'demo-cli') {
      const { body } = await requestDevice(server.issuer, { client_id: clientId });
      return { userCode: body.user_code, deviceCode: body.device_code, clientId };
    },
    async registerDemanding(demands) {
      const { id } = await registerClient(server.db, {
        name: 'Reader',
        authentication: 'none',
        grantTypes: ['urn:ietf:params:oauth:grant-type:device_code', 'refresh_token'],
        ...demands,
      });
      return id;
    },
    async poll({ deviceCode, clientId }) {
      await server.db.query(sql`update device_codes set last_polled_at = null`);
      return (await poll(server.issuer, deviceCode, { client_id: clientId })).body;
    },
    async allowDevice() {
      const { body } = await requestDevice(server.issuer);
      await administrator.person.enterCode(body.user_code, administrator.account);
      const { html } = await administrator.person.decide('allow');
      assert.match(html, /Your device is connected/);
    },
  };
}
