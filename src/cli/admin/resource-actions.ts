import { AppError } from '../../errors.ts';
import { announceKeys } from '../../keys/signing-key.ts';
import { parseResource } from '../../resources/registration.ts';
import { addResource, findResource, listResources, type Resource } from '../../resources/resource.ts';
import type { Io } from '../io.ts';
import { withDatabase } from './database.ts';
import { parseLifetime } from './lifetime.ts';
import { change } from './operator.ts';
import { listAll } from './pages.ts';
import { readRegistration, registrationError } from './registration-file.ts';
import { table } from './table.ts';

/** What `postern resource add` was given. */
export type AddResourceOptions = {
  uri?: string;
  name?: string;
  scope?: string[];
  accessTokenLifetime?: string;
  format?: string;
  alg?: string;
  listed?: boolean;
  file?: string;
  json?: boolean;
};

const flags = {
  resource: '--uri',
  resource_name: '--name',
  scopes: '--scope',
  access_token_lifetime: '--access-token-lifetime',
  access_token_format: '--format',
  access_token_signing_alg: '--alg',
  listed: '--listed',
};

/** `postern resource add`. */
export async function add(io: Io, options: AddResourceOptions): Promise<void> {
  const parsed = parseResource(await readRegistration(io, options.file, fromFlags(options)));
  if ('problems' in parsed) {
    throw registrationError('resource', parsed.problems, options.file === undefined ? flags : undefined);
  }
  const { registration } = parsed;
  const added = await change(io, async (db, tell) => {
    const result = await addResource(db, registration);
    // It may be the first one whose tokens are signed with its algorithm: the servers make a key for it.
    await announceKeys(db);
    const target = { kind: 'resource' as const, id: registration.uri, name: registration.name };
    if ('resource' in result) {
      tell({ action: 'resource.added', target, details: { scopes: Object.keys(registration.scopes) } });
    }
    return result;
  });
  if ('refusal' in added) throw new AppError('conflict', `There is a resource ${registration.uri} already`);
  if (options.json) io.json(resourceJson(added.resource));
  io.say(`Added ${registration.uri}.`);
}

/** `postern resource list`. */
export async function list(io: Io, options: { json?: boolean }): Promise<void> {
  const resources = await withDatabase(io, (db) =>
    listAll(
      (page) => listResources(db, page),
      ({ uri }) => uri,
    ),
  );
  if (options.json) io.json(resources.map(resourceJson));
  else if (resources.length === 0) io.say('There are no resources yet; postern resource add makes one.');
  else {
    const rows = resources.map(({ uri, name, accessTokenFormat, scopes }) => [
      uri,
      name,
      accessTokenFormat,
      Object.keys(scopes).join(' ') || '-',
    ]);
    io.data(table([['RESOURCE', 'NAME', 'TOKENS', 'SCOPES'], ...rows]));
  }
}

/** `postern resource metadata`. */
export async function metadata(io: Io, uri: string): Promise<void> {
  const { resourceMetadata } = await import('../../oauth/resource-metadata.ts');
  const document = await withDatabase(io, async (db, { issuer, mutualTls }) => {
    const resource = await findResource(db, uri);
    if (!resource) throw new AppError('not_found', `There is no resource ${uri}`);
    return resourceMetadata(resource, { issuer, mutualTls: { isOffered: mutualTls !== undefined } });
  });
  io.json(document);
}

function fromFlags(options: AddResourceOptions): Record<string, unknown> {
  const seconds = options.accessTokenLifetime;
  return {
    resource: options.uri,
    resource_name: options.name,
    scopes: options.scope && Object.fromEntries(options.scope.map(splitScope)),
    access_token_lifetime: seconds === undefined ? undefined : (parseLifetime(seconds) ?? seconds),
    access_token_format: options.format,
    access_token_signing_alg: options.alg,
    listed: options.listed,
  };
}

function splitScope(pair: string): [scope: string, words: string] {
  const end = pair.includes('=') ? pair.indexOf('=') : pair.length;
  return [pair.slice(0, end), pair.slice(end + 1)];
}

function resourceJson(resource: Resource): Record<string, unknown> {
  return {
    resource: resource.uri,
    resource_name: resource.name,
    scopes: resource.scopes,
    access_token_lifetime: resource.accessTokenSeconds,
    access_token_format: resource.accessTokenFormat,
    access_token_signing_alg: resource.accessTokenAlgorithm,
    listed: resource.listed,
    created_at: resource.createdAt.toISOString(),
  };
}
