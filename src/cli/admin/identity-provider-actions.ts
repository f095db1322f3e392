import { AppError } from '../../errors.ts';
import { sealClientSecret } from '../../identity-providers/client-secret.ts';
import { countIdentities } from '../../identity-providers/identity.ts';
import {
  addIdentityProvider,
  changeIdentityProvider,
  disableIdentityProvider,
  enableIdentityProvider,
  findIdentityProvider,
  type IdentityProvider,
  listIdentityProviders,
  type ProviderRefusal,
  removeIdentityProvider,
} from '../../identity-providers/identity-provider.ts';
import { parseProvider, parseProviderChange } from '../../identity-providers/registration.ts';
import { loadMasterSecrets } from '../../master-secret.ts';
import type { Database } from '../../postgres/pool.ts';
import type { Io } from '../io.ts';
import { confirm } from './confirmation.ts';
import { withDatabase } from './database.ts';
import { providerCard, providerFlags, providerJson, providerRows } from './identity-provider-view.ts';
import { sayLockedOut, watchLockedOut } from './locked-out.ts';
import { getNamedOrganization } from './named-organization.ts';
import { change } from './operator.ts';
import { listAll } from './pages.ts';
import { hasSecretSource, readClientSecret, type SecretSource } from './provider-secret.ts';
import { registrationError } from './registration-file.ts';
import { table } from './table.ts';

/** What `postern identity-provider update` was given; `false` stands for `--no-…`. */
export type ProviderFlags = SecretSource & {
  name?: string;
  clientId?: string;
  scope?: string[];
  linkVerifiedEmail?: boolean;
  emailDomain?: string[] | false;
  role?: string;
  json?: boolean;
};

/** What `postern identity-provider add` was given. */
export type AddProviderOptions = ProviderFlags & { issuer?: string; organization?: string };

/** `postern identity-provider add`. */
export async function add(io: Io, id: string, options: AddProviderOptions): Promise<void> {
  const { issuer, organization } = options;
  const parsed = parseProvider(given({ ...fromFlags(options), id, issuer, organization }));
  if ('problems' in parsed) throw registrationError('identity provider', parsed.problems, providerFlags);
  const { fields } = parsed;
  const secret = await readClientSecret(io, options);
  const { provider, ownIssuer, lockedOut } = await change(io, async (db, tell, config) => {
    const secrets = await loadMasterSecrets(config);
    const organizationId =
      fields.organization === undefined
        ? undefined
        : (await getNamedOrganization(db, fields.organization)).id;
    const sealedSecret = secret === undefined ? undefined : sealClientSecret(secrets, fields, secret);
    const { result: provider, lockedOut } = await watchLockedOut(db, async () => {
      const added = await addIdentityProvider(db, { ...fields, organizationId, sealedSecret });
      if ('refusal' in added) throw refused(added, id);
      return added.provider;
    });
    const target = { kind: 'identity_provider' as const, id, name: fields.name };
    tell({ action: 'identity_provider.added', target, ...(organizationId && { organizationId }) });
    return { provider, ownIssuer: config.issuer, lockedOut };
  });
  if (options.json) io.json(providerJson(provider, ownIssuer));
  else io.data(providerCard(provider, ownIssuer));
  io.say(`Added ${provider.name}. Register the redirect URI there.`);
  sayLockedOut(io, lockedOut);
}

/** `postern identity-provider list`. */
export async function list(io: Io, options: { json?: boolean }): Promise<void> {
  const { providers, issuer } = await withDatabase(io, async (db, config) => ({
    issuer: config.issuer,
    providers: await listAll(
      (page) => listIdentityProviders(db, page),
      ({ id }) => id,
    ),
  }));
  if (options.json) io.json(providers.map((provider) => providerJson(provider, issuer)));
  else if (providers.length === 0) {
    io.say('There are no identity providers yet; postern identity-provider add makes one.');
  } else io.data(table(providerRows(providers)));
}

/** `postern identity-provider show`. */
export async function show(io: Io, id: string, options: { json?: boolean }): Promise<void> {
  const { provider, issuer } = await withDatabase(io, async (db, config) => ({
    provider: await getProvider(db, id),
    issuer: config.issuer,
  }));
  if (options.json) io.json(providerJson(provider, issuer));
  else io.data(providerCard(provider, issuer));
}

/** `postern identity-provider update`. */
export async function update(io: Io, id: string, options: ProviderFlags): Promise<void> {
  const parsed = parseProviderChange(given(fromFlags(options)));
  if ('problems' in parsed) throw registrationError('identity provider', parsed.problems, providerFlags);
  const secret = hasSecretSource(options) ? await readClientSecret(io, options) : undefined;
  const fields = [...Object.keys(parsed.changes), ...(secret === undefined ? [] : ['clientSecret'])];
  if (fields.length === 0) {
    throw new AppError('usage', 'Say what to change; postern identity-provider update --help lists it');
  }
  const { provider, issuer } = await change(io, async (db, tell, config) => {
    const before = await getProvider(db, id);
    const sealedSecret =
      secret === undefined ? undefined : sealClientSecret(await loadMasterSecrets(config), before, secret);
    const changed = await changeIdentityProvider(db, id, {
      ...parsed.changes,
      ...(sealedSecret && { sealedSecret }),
    });
    if ('refusal' in changed) throw refused(changed, id);
    tell({ action: 'identity_provider.changed', ...subject(before), details: { fields } });
    return { provider: changed.provider, issuer: config.issuer };
  });
  if (options.json) io.json(providerJson(provider, issuer));
  else io.data(providerCard(provider, issuer));
  io.say(`Changed ${provider.name}.`);
}

/** `postern identity-provider disable`. */
export async function disable(io: Io, id: string): Promise<void> {
  const { name } = await changeProvider(io, id, 'identity_provider.disabled', disableIdentityProvider);
  io.say(`Disabled ${name}. Who had signed in there is signed out.`);
}

/** `postern identity-provider enable`. */
export async function enable(io: Io, id: string): Promise<void> {
  const { name } = await changeProvider(io, id, 'identity_provider.enabled', enableIdentityProvider);
  io.say(`Enabled ${name}.`);
}

/** `postern identity-provider remove`. */
export async function remove(io: Io, id: string, options: { yes?: boolean }): Promise<void> {
  const people = await withDatabase(io, async (db) => {
    await getProvider(db, id);
    return await countIdentities(db, id);
  });
  const question = `This forgets who ${people} ${people === 1 ? 'person is' : 'people are'} at ${id}.`;
  await confirm(io, { question, word: id, isAgreed: options.yes });
  const { name } = await changeProvider(io, id, 'identity_provider.removed', removeIdentityProvider);
  io.say(`Removed ${name}.`);
}

async function changeProvider(
  io: Io,
  id: string,
  action: 'identity_provider.disabled' | 'identity_provider.enabled' | 'identity_provider.removed',
  work: (db: Database, id: string) => Promise<unknown>,
): Promise<IdentityProvider> {
  const { provider, lockedOut } = await change(io, async (db, tell) => {
    const provider = await getProvider(db, id);
    const { lockedOut } = await watchLockedOut(db, () => work(db, id));
    tell({ action, ...subject(provider) });
    return { provider, lockedOut };
  });
  sayLockedOut(io, lockedOut);
  return provider;
}

async function getProvider(db: Database, id: string): Promise<IdentityProvider> {
  const provider = await findIdentityProvider(db, id);
  if (provider) return provider;
  throw new AppError('not_found', `There is no identity provider ${id}`);
}

function subject({ id, name, organizationId }: IdentityProvider) {
  return {
    target: { kind: 'identity_provider' as const, id, name },
    ...(organizationId !== undefined && { organizationId }),
  };
}

/** Thrown inside the transaction, it undoes what was done before the refusal. */
function refused({ refusal }: ProviderRefusal, id: string): AppError {
  switch (refusal) {
    case 'exists':
      return new AppError('conflict', `There is an identity provider ${id} already`);
    case 'not_found':
      return new AppError('not_found', `There is no identity provider ${id}`);
    case 'domain_taken':
      return new AppError('conflict', 'One of these domains belongs to another identity provider');
  }
}

function fromFlags(flags: ProviderFlags): Record<string, unknown> {
  return {
    name: flags.name,
    client_id: flags.clientId,
    scopes: flags.scope?.flatMap((text) => text.split(/\s+/)).filter(Boolean),
    link_verified_email: flags.linkVerifiedEmail,
    email_domains: flags.emailDomain === false ? [] : flags.emailDomain,
    role: flags.role,
  };
}

function given(fields: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}
