import { once } from 'node:events';
import { createServer } from 'node:http';
import { exportJWK, generateKeyPair } from 'jose';
import Provider from 'oidc-provider';
import { sealClientSecret } from '../../src/identity-providers/client-secret.ts';
import {
  addIdentityProvider,
  type ProviderRegistration,
} from '../../src/identity-providers/identity-provider.ts';
import { randomText } from '../../src/secret.ts';
import type { Page, Person } from './person.ts';
import { findFreePort } from './port.ts';
import { type TestServer, testSecret } from './server.ts';

/** Who sits in front of the provider: its claims about them, and how they sign in there. */
export type ProviderPerson = {
  sub: string;
  email?: string;
  email_verified?: boolean;
  amr?: string[];
  acr?: string;
};

/** A real OpenID provider on the loopback, where nobody has to type anything. */
export type TestProvider = {
  issuer: string;
  client: { id: string; secret: string };
  /** Whoever comes next without being signed in there is this person; without one, they press cancel. */
  person: ProviderPerson | undefined;
  stop(): Promise<void>;
};

/** Starts a provider that knows one client with these redirect URIs. It wants PKCE, and puts addresses at userinfo only. */
export async function startIdentityProvider(redirectUris: string[]): Promise<TestProvider> {
  const port = await findFreePort();
  const issuer = `http://localhost:${port}`;
  const client = { id: 'postern', secret: randomText() };
  const { privateKey } = await generateKeyPair('RS256', { extractable: true });
  const people = new Map<string, ProviderPerson>();
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: client.id,
        client_secret: client.secret,
        redirect_uris: redirectUris,
        grant_types: ['authorization_code'],
        response_types: ['code'],
      },
    ],
    pkce: { required: () => true },
    acrValues: ['gold'],
    claims: { openid: ['sub', 'amr', 'acr', 'auth_time'], email: ['email', 'email_verified'], profile: [] },
    jwks: { keys: [{ ...(await exportJWK(privateKey)), kid: 'one', alg: 'RS256', use: 'sig' }] },
    ttl: { AccessToken: 60, AuthorizationCode: 60, Grant: 60, IdToken: 60, Interaction: 60, Session: 600 },
    cookies: { keys: [randomText()] },
    features: { devInteractions: { enabled: false } },
    interactions: { url: (_ctx, { uid }) => `/interaction/${uid}` },
    findAccount: (_ctx, id) => ({
      accountId: id,
      claims: async () => ({ ...people.get(id), sub: id }),
    }),
    async loadExistingGrant(ctx) {
      const { oidc } = ctx;
      const grant = new oidc.provider.Grant({
        accountId: oidc.session?.accountId ?? '',
        clientId: oidc.client?.clientId ?? '',
      });
      grant.addOIDCScope('openid email profile');
      await grant.save();
      return grant;
    },
  });
  const running: TestProvider = {
    issuer,
    client,
    person: undefined,
    async stop() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
  const engine = provider.callback();
  const server = createServer(async (request, response) => {
    if (!request.url?.startsWith('/interaction/')) return engine(request, response);
    const { person } = running;
    if (person) people.set(person.sub, person);
    const { sub: accountId = '', amr = ['pwd'], acr = 'gold' } = person ?? {};
    await provider.interactionFinished(
      request,
      response,
      person ? { login: { accountId, amr, acr } } : { error: 'access_denied' },
    );
  });
  server.listen(port, 'localhost');
  await once(server, 'listening');
  return running;
}

/** Lets a server know a provider, as an operator does. */
export async function registerProvider(
  { db }: TestServer,
  { issuer, client }: Pick<TestProvider, 'issuer' | 'client'>,
  changes: Partial<ProviderRegistration> = {},
): Promise<string> {
  const id = changes.id ?? 'acme';
  const added = await addIdentityProvider(db, {
    id,
    name: 'Acme Accounts',
    issuer,
    clientId: client.id,
    sealedSecret: sealClientSecret([testSecret], { id, issuer }, client.secret),
    scopes: ['openid', 'email', 'profile'],
    linksVerifiedEmail: false,
    organizationId: undefined,
    role: 'member',
    domains: [],
    ...changes,
  });
  if ('refusal' in added) throw new Error(`the provider was refused: ${added.refusal}`);
  return id;
}

/** Presses the provider's button and goes away to it; returns its address with all that it is asked. */
export async function leaveFor(person: Person, id: string): Promise<URL> {
  await person.open('/sign-in');
  await person.submit('/sign-in/provider', { provider: id });
  const [, url = ''] = /^0;url=(.*)$/.exec(person.hops.at(-1)?.headers.get('refresh') ?? '') ?? [];
  if (!URL.canParse(url)) throw new Error(`nobody was sent away: ${person.hops.at(-1)?.status}`);
  return new URL(url);
}

/** Presses the button, signs in there, and comes back. */
export async function signInAt(person: Person, id: string): Promise<Page> {
  return await person.goTo((await leaveFor(person, id)).href);
}
