import { z } from 'zod';
import type { Target } from '../audit/event.ts';
import { type Client, disableClient, enableClient, listClients, removeClient } from '../clients/client.ts';
import {
  addOrganizationClient,
  changeOrganizationClient,
  findOrganizationClient,
  lockOrganizationClient,
  type OrganizationClientRefusal,
} from '../clients/organization-client.ts';
import { parseRegistration, type Registration, registrationWords } from '../clients/registration.ts';
import type { Clock } from '../clock.ts';
import { AppError } from '../errors.ts';
import { countGrants } from '../oauth/grant.ts';
import type { Database } from '../postgres/pool.ts';
import { randomText, type TokenFormat } from '../secret.ts';
import type { Caller } from '../verify/caller.ts';
import { chosenFields, clientSchema, clientWithSecretSchema, showClient } from './client-view.ts';
import type { Cursors } from './cursor.ts';
import { type CallersAct, defineOperation, type Operation } from './operation.ts';
import { organizationOf } from './organization.ts';
import { pageOf, pageQuery, readNewest, search } from './page.ts';
import { refuseExcess } from './permissions.ts';
import { wrongField } from './problem.ts';

/** What the operations on clients stand on. */
export type ClientOptions = { cursors: Cursors; format: TokenFormat; clock: Clock };

const tag = 'Programs';

/** Which client. */
export const clientParams = z.strictObject({ client_id: z.string().max(100) });

const change = z
  .strictObject({
    ...chosenFields,
    default_resource: chosenFields.default_resource.nullable(),
    jwks: chosenFields.jwks.nullable(),
    jwks_uri: chosenFields.jwks_uri.nullable(),
    access_token_lifetime: chosenFields.access_token_lifetime.nullable(),
    refresh_token_lifetime: chosenFields.refresh_token_lifetime.nullable(),
    disabled: z.boolean('write true or false'),
  })
  .partial();

/** The programs of the organization: OAuth clients of its own. */
export function clientOperations({ cursors, ...issuing }: ClientOptions): Operation[] {
  return [
    defineOperation({
      id: 'listClients',
      method: 'GET',
      path: '/clients',
      tag,
      summary: 'List the programs of your organization, the newest first',
      scope: 'clients:read',
      query: pageQuery.extend({ search }),
      result: pageOf(clientSchema),
      async handle({ db, caller, query }) {
        const organizationId = organizationOf(caller);
        const body = await readNewest(cursors, `clients ${organizationId} ${query.search ?? ''}`, query, {
          read: (page) => listClients(db, { organizationId, search: query.search }, page),
          show: showClient,
        });
        return { status: 200, body };
      },
    }),
    defineOperation({
      id: 'createClient',
      method: 'POST',
      path: '/clients',
      tag,
      summary: 'Register a program',
      description:
        'Its id is made here. Its secret, if it has one, is in this answer and nowhere else. It can ask for no scope that you do not have. People outside of your organization cannot let it in.',
      scope: 'clients:write',
      body: z.strictObject(chosenFields).partial().required({ client_name: true }),
      example: {
        client_name: 'Nightly import',
        grant_types: ['client_credentials'],
        resources: { 'https://api.example.com': ['read'] },
      },
      result: clientWithSecretSchema,
      status: 201,
      async handle({ db, caller, body, record }) {
        const registration = read({ ...body, client_id: `client-${randomText(22)}` });
        refuseExcess(registration.allowed, caller.permissions, 'you do not have this yourself', 'resources');
        const added = await addOrganizationClient(db, organizationOf(caller), registration, issuing);
        if ('refusal' in added) throw refused(added);
        const { client, secret } = added;
        await record({
          action: 'client.added',
          target: clientTarget(client),
          details: { permissions: client.allowed },
        });
        return {
          status: 201,
          body: { ...showClient(client), ...(secret !== undefined && { client_secret: secret }) },
        };
      },
    }),
    defineOperation({
      id: 'showClient',
      method: 'GET',
      path: '/clients/{client_id}',
      tag,
      summary: 'Show a program',
      scope: 'clients:read',
      params: clientParams,
      result: clientSchema,
      async handle({ db, caller, params }) {
        const client = await findOrganizationClient(db, organizationOf(caller), params.client_id);
        if (!client) throw noSuchClient();
        const holdings = { grants: await countGrants(db, { clientId: client.id }) };
        return { status: 200, body: { ...showClient(client), holdings } };
      },
    }),
    defineOperation({
      id: 'updateClient',
      method: 'PATCH',
      path: '/clients/{client_id}',
      tag,
      summary: 'Change a program, disable it, or enable it again',
      description:
        'What is absent stays as it is; `null` takes a default resource, keys or a lifetime away. You must have every scope that the program then has, unless you only disable it.',
      scope: 'clients:write',
      params: clientParams,
      body: change,
      example: { disabled: true },
      result: clientSchema,
      async handle({ db, caller, params, body, matches, record }) {
        const { disabled, ...chosen } = body;
        const before = await getLocked(db, caller, params.client_id);
        if (!matches(showClient(before))) throw new AppError('precondition_failed');
        const registration = read(merge(before, chosen));
        if (disabled !== true || Object.keys(chosen).length > 0) refuseStronger(registration, caller);
        if (Object.keys(chosen).length > 0) {
          const changed = await changeOrganizationClient(db, before, registration);
          if ('refusal' in changed) throw refused(changed);
        }
        if (disabled === true) await disableClient(db, before.id);
        if (disabled === false) await enableClient(db, before.id);
        const after = await getLocked(db, caller, before.id);
        await record(clientChanged(before, after, Object.keys(body)));
        return { status: 200, body: showClient(after) };
      },
    }),
    defineOperation({
      id: 'removeClient',
      method: 'DELETE',
      path: '/clients/{client_id}',
      tag,
      summary: 'Remove a program for good',
      description: 'All that it was let in for ends with it.',
      scope: 'clients:write',
      params: clientParams,
      status: 204,
      async handle({ db, caller, params, record }) {
        const client = await getLocked(db, caller, params.client_id);
        await removeClient(db, client.id);
        await record({ action: 'client.removed', target: clientTarget(client) });
        return { status: 204 };
      },
    }),
  ];
}

/** The client of the caller's organization, which nobody else changes until the transaction ends; AppError `not_found`. */
export async function getLocked(db: Database, caller: Caller, id: string): Promise<Client> {
  const client = await lockOrganizationClient(db, organizationOf(caller), id);
  if (!client) throw noSuchClient();
  return client;
}

/** Whoever says how a program authenticates can be it: AppError `unprocessable` where it may do what the caller may not. */
export function refuseStronger({ allowed }: Pick<Registration, 'allowed'>, caller: Caller): void {
  refuseExcess(allowed, caller.permissions, 'the program has this, and you do not', 'resources');
}

/** A client as what something was done to. */
export function clientTarget({ id, name }: Pick<Client, 'id' | 'name'>): Target {
  return { kind: 'client', id, name };
}

/** Disabling and enabling have names of their own; what else was changed with them is in the details. */
function clientChanged(before: Client, after: Client, fields: string[]): CallersAct {
  const isSwitched = (before.disabledAt === undefined) !== (after.disabledAt === undefined);
  const switched = after.disabledAt ? ('client.disabled' as const) : ('client.enabled' as const);
  return {
    action: isSwitched ? switched : 'client.updated',
    target: clientTarget(after),
    details: { fields, ...(fields.includes('resources') && { permissions: after.allowed }) },
  };
}

function noSuchClient(): AppError {
  return new AppError('not_found', 'There is no such program of your organization');
}

/** AppError `unprocessable` with what does not go together. */
function read(words: Record<string, unknown>): Registration {
  const parsed = parseRegistration(words);
  if ('registration' in parsed) return parsed.registration;
  const problems = parsed.problems.map((line) => {
    const [, field = '', detail = line] = /^(\w+)[^:]*: (.*)$/s.exec(line) ?? [];
    return { pointer: `#/${field}`, detail };
  });
  throw new AppError('unprocessable', undefined, { problems });
}

/** What was chosen in the place of what was there before. A default resource and what is demanded of scopes go with them. */
function merge(before: Client, chosen: z.infer<typeof change>): Record<string, unknown> {
  const { resources, default_resource } = chosen;
  const scopes = resources && ['offline_access', ...Object.values(resources).flat()];
  const isDefaultGone = resources !== undefined && !Object.hasOwn(resources, before.defaultResource ?? '');
  const words: Record<string, unknown> = {
    ...registrationWords(before),
    ...(isDefaultGone && default_resource === undefined && { default_resource: undefined }),
    ...(scopes && { step_up_scopes: before.stepUpScopes?.filter((scope) => scopes.includes(scope)) }),
    ...chosen,
  };
  return Object.fromEntries(Object.entries(words).map(([name, value]) => [name, value ?? undefined]));
}

function refused(refusal: OrganizationClientRefusal): AppError {
  switch (refusal.refusal) {
    case 'exists':
      return new AppError('conflict');
    case 'name_taken':
      return wrongField('client_name', 'people would take it for another program');
    case 'unknown_resource':
      return wrongField('resources', `there is no resource ${refusal.resources.join(', ')}`);
    case 'unknown_scope':
      return wrongField(
        'resources',
        `there is no ${refusal.scopes.map(({ resource, scope }) => `${scope} of ${resource}`).join(', ')}`,
      );
  }
}
