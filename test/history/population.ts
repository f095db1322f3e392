import { addClientWithSecret } from '../../src/clients/client.ts';
import type { Registration } from '../../src/clients/registration.ts';
import type { Database } from '../../src/postgres/pool.ts';
import { addResource } from '../../src/resources/resource.ts';
import { randomText } from '../../src/secret.ts';
import { hashPassword } from '../../src/users/password.ts';
import { addUser } from '../../src/users/user.ts';

/** A client with what it authenticates by: `id:secret`, or nothing where it is public. */
export type Member = { id: string; basic: string | undefined };

/** A person; `cookies` are those of a browser in which they have signed in, if they have. */
export type Somebody = { id: string; email: string; password: string; cookies: Map<string, string> };

/** Who takes part now. Whoever is disabled is replaced by somebody new first. */
export type Population = {
  /** Introspects everything, and is never disabled. */
  api: Member;
  machines: Member[];
  gateways: Member[];
  devices: Member[];
  people: Somebody[];
  /** Adds somebody of a kind in place of the first, who is returned. */
  replace(kind: 'machines' | 'gateways' | 'devices'): Promise<Member>;
  replacePerson(): Promise<Somebody>;
};

/** The APIs that tokens are for. What a gateway exchanges is for `inner`. */
export const resources = {
  opaque: 'https://opaque.example.com',
  jwt: 'https://jwt.example.com',
  inner: 'https://inner.example.com',
};

/** The grant types that are spelled as URNs. */
export const deviceGrant = 'urn:ietf:params:oauth:grant-type:device_code';
export const exchangeGrant = 'urn:ietf:params:oauth:grant-type:token-exchange';

const password = 'purple otters climb 7 ladders';

/** Fills an empty database. */
export async function populate(db: Database): Promise<Population> {
  for (const uri of Object.values(resources)) {
    const scopes = { read: 'See your data', write: 'Change your data' };
    const accessTokenFormat = uri === resources.opaque ? 'opaque' : 'jwt';
    await addResource(db, { uri, name: uri, scopes, accessTokenFormat });
  }
  const passwordHash = await hashPassword(password);
  const both = { [resources.opaque]: ['read', 'write'], [resources.jwt]: ['read', 'write'] };

  async function add(kind: string, registration: Partial<Registration>): Promise<Member> {
    const id = `${kind}-${randomText(8)}`;
    const secret = registration.authentication === 'none' ? undefined : randomText();
    const added = await addClientWithSecret(
      db,
      {
        id,
        name: kind,
        authentication: 'client_secret_basic',
        grantTypes: [],
        allowed: {},
        audiences: [],
        ...registration,
      },
      secret,
    );
    if ('refusal' in added) throw new Error(JSON.stringify(added));
    return { id, basic: secret && `${id}:${secret}` };
  }
  const adding = {
    machines: () =>
      add('machine', {
        grantTypes: ['client_credentials'],
        allowed: both,
        defaultResource: resources.opaque,
      }),
    /** A machine whose tokens end while we watch. */
    mayflies: () =>
      add('mayfly', {
        grantTypes: ['client_credentials'],
        allowed: both,
        defaultResource: resources.opaque,
        accessTokenSeconds: 8,
      }),
    gateways: () =>
      add('gateway', {
        grantTypes: [exchangeGrant],
        allowed: { [resources.inner]: ['read', 'write'] },
        defaultResource: resources.inner,
        exchanges: { [resources.opaque]: [resources.inner], [resources.jwt]: [resources.inner] },
      }),
    devices: () =>
      add('device', {
        authentication: 'none',
        grantTypes: [deviceGrant, 'refresh_token'],
        allowed: both,
        defaultResource: resources.opaque,
      }),
  };
  async function addPerson(): Promise<Somebody> {
    const email = `${randomText(8).toLowerCase()}@example.com`;
    const added = await addUser(db, { email, passwordHash });
    if ('refusal' in added) throw new Error(JSON.stringify(added));
    return { id: added.user.id, email, password, cookies: new Map() };
  }

  const population: Population = {
    api: await add('api', { audiences: Object.values(resources) }),
    machines: [await adding.machines(), await adding.machines(), await adding.mayflies()],
    gateways: [await adding.gateways(), await adding.gateways()],
    devices: [await adding.devices(), await adding.devices(), await adding.devices()],
    people: [await addPerson(), await addPerson(), await addPerson(), await addPerson()],
    async replace(kind) {
      population[kind].push(await adding[kind]());
      return population[kind].shift() as Member;
    },
    async replacePerson() {
      population.people.push(await addPerson());
      return population.people.shift() as Somebody;
    },
  };
  return population;
}
