import assert from 'node:assert/strict';
import { addMember } from '../../src/organizations/member.ts';
import { addOrganization, type Role } from '../../src/organizations/organization.ts';
import { createApiCaller } from './api.ts';
import type { Answer } from './client.ts';
import { addAccount, cookieOf, createPerson, type Person, takeCookies } from './person.ts';
import type { TestServer } from './server.ts';

/** Somebody at the management API, with the body of the request in the third place. */
export type EmployeeCall = (
  method: string,
  path: string,
  body?: unknown,
  headers?: Record<string, string>,
) => Promise<Answer>;

/** A person with an account, signed in with a browser whose pages call the API. */
export type Employee = {
  id: string;
  account: { email: string; password: string };
  person: Person;
  call: EmployeeCall;
};

/** Calls the API with these headers. */
export function callApi(
  issuer: string,
  [method, path, body]: [method: string, path: string, body?: unknown],
  headers: Record<string, string> = {},
): Promise<Answer> {
  return createApiCaller(issuer, headers)(method, path, { body });
}

/** Calls the API as the session of a browser does. The person must be signed in. */
async function callerOf(issuer: string, person: Person): Promise<EmployeeCall> {
  const page = await person.open('/api/docs');
  let csrf = /data-csrf="([^"]+)"/.exec(page.html)?.[1];
  assert.ok(csrf, 'somebody is signed in');
  return async (method, path, body, headers = {}) => {
    const own = { cookie: cookieOf(person.cookies), 'x-csrf-token': csrf ?? '' };
    const answer = await callApi(issuer, [method, path, body], { ...own, ...headers });
    const renewed = answer.headers.get('x-csrf-token');
    if (renewed !== null) {
      takeCookies(person.cookies, answer.headers);
      csrf = renewed;
    }
    return answer;
  };
}

const password = 'seven grey herons wade upstream';

/** A new person, in no organization. */
export async function hire({ issuer, db }: TestServer): Promise<Employee> {
  const account = { email: `${crypto.randomUUID()}@example.com`, password };
  const id = await addAccount(db, account);
  const person = createPerson(issuer);
  await person.signIn(account);
  return { id, account, person, call: await callerOf(issuer, person) };
}

/** A company of its own with its first administrator. */
export async function foundCompany(
  server: TestServer,
  name = 'Company',
): Promise<{
  id: string;
  administrator: Employee;
  join(role: Role, employee?: Employee): Promise<Employee>;
}> {
  const administrator = await hire(server);
  const { id } = await addOrganization(server.db, { name, administratorId: administrator.id });
  return {
    id,
    administrator,
    async join(role, employee) {
      const joined = employee ?? (await hire(server));
      const added = await addMember(server.db, { organizationId: id, userId: joined.id, role });
      assert.ok('member' in added);
      return joined;
    },
  };
}
