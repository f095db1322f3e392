import type { Target } from '../../audit/event.ts';
import {
  addInitialAccessToken,
  type InitialAccessToken,
  listInitialAccessTokens,
  removeInitialAccessToken,
} from '../../clients/initial-access-token.ts';
import { parseInitialAccessToken } from '../../clients/registration-policy.ts';
import { AppError } from '../../errors.ts';
import { createTokenFormat } from '../../secret.ts';
import type { Io } from '../io.ts';
import { listByResource, longGrant } from './client-flags.ts';
import { shortGrant } from './client-view.ts';
import { withDatabase } from './database.ts';
import { parseLifetime } from './lifetime.ts';
import { change } from './operator.ts';
import { listAll } from './pages.ts';
import { registrationError } from './registration-file.ts';
import { card, table } from './table.ts';

/** What `postern initial-access-token add` was given. */
export type AddTokenOptions = {
  name?: string;
  auth?: string[];
  grant?: string[];
  allow?: string[];
  defaultResource?: string;
  uses?: string;
  lifetime?: string;
  json?: boolean;
};

const flags = {
  name: '--name',
  token_endpoint_auth_methods: '--auth',
  grant_types: '--grant',
  resources: '--allow',
  default_resource: '--default-resource',
  uses: '--uses',
  lifetime: '--lifetime',
};

/** `postern initial-access-token add`. */
export async function add(io: Io, options: AddTokenOptions): Promise<void> {
  const parsed = parseInitialAccessToken(fromFlags(options));
  if ('problems' in parsed) throw registrationError('token', parsed.problems, flags);
  const { request } = parsed;
  const { added, isOffered } = await change(io, async (db, tell, config) => {
    const result = await addInitialAccessToken(db, request, {
      format: createTokenFormat(config.tokenPrefix),
      clock: io.clock,
    });
    if (!('refusal' in result)) tell({ action: 'initial_access_token.added', target: target(request.name) });
    return { added: result, isOffered: config.offersRegistration };
  });
  if ('refusal' in added) {
    if (added.refusal === 'exists')
      throw new AppError('conflict', `There is a token ${request.name} already`);
    const scopes = added.scopes.map(({ resource, scope }) => `${scope} at ${resource}`);
    throw new AppError('not_found', `There is no scope ${scopes.join(', ')}`);
  }
  const { text } = added;
  if (options.json) io.json({ name: request.name, initial_access_token: text });
  else {
    io.data(
      card([
        ['name', request.name],
        ['initial_access_token', text],
      ]),
    );
  }
  io.say(
    `Added ${request.name}. Keep the token now: only its digest is stored, and it is not shown again.${
      isOffered ? '' : '\nServers take it with POSTERN_REGISTRATION=on only.'
    }`,
  );
}

/** `postern initial-access-token list`. */
export async function list(io: Io, options: { json?: boolean }): Promise<void> {
  const tokens = await withDatabase(io, (db) =>
    listAll(
      (page) => listInitialAccessTokens(db, page),
      ({ name }) => name,
    ),
  );
  if (options.json) io.json(tokens.map(tokenJson));
  else if (tokens.length === 0)
    io.say('There are no initial access tokens; postern initial-access-token add makes one.');
  else {
    const rows = tokens.map((token) => [
      token.name,
      token.isLive ? 'live' : 'over',
      token.usesLeft === undefined ? 'any' : String(token.usesLeft),
      String(token.clients),
      token.expiresAt?.toISOString() ?? '-',
      token.policy.grantTypes.map(shortGrant).join(' '),
      Object.entries(token.policy.allowed)
        .map(([uri, scopes]) => `${uri}=${scopes.join(',')}`)
        .join(' '),
    ]);
    io.data(table([['NAME', 'STATE', 'USES LEFT', 'CLIENTS', 'UNTIL', 'GRANTS', 'ALLOWS'], ...rows]));
  }
}

/** `postern initial-access-token remove`. */
export async function remove(io: Io, name: string): Promise<void> {
  await change(io, async (db, tell) => {
    if (!(await removeInitialAccessToken(db, name)))
      throw new AppError('not_found', `There is no token ${name}`);
    tell({ action: 'initial_access_token.removed', target: target(name) });
  });
  io.say(`Removed ${name}. The programs that have registered with it stay.`);
}

function target(name: string): Target {
  return { kind: 'initial_access_token', id: name };
}

/** What cannot be read stays as it was typed, for the check to name. */
function fromFlags(options: AddTokenOptions): Record<string, unknown> {
  const { uses, lifetime } = options;
  return {
    name: options.name,
    token_endpoint_auth_methods: options.auth,
    grant_types: options.grant?.map(longGrant),
    resources: options.allow && listByResource(options.allow),
    default_resource: options.defaultResource,
    uses: uses !== undefined && /^\d{1,9}$/.test(uses) ? Number(uses) : uses,
    lifetime: lifetime === undefined ? undefined : (parseLifetime(lifetime) ?? lifetime),
  };
}

function tokenJson(token: InitialAccessToken): Record<string, unknown> {
  const { policy } = token;
  return {
    name: token.name,
    live: token.isLive,
    uses_left: token.usesLeft,
    clients: token.clients,
    token_endpoint_auth_methods: policy.authenticationMethods,
    grant_types: policy.grantTypes,
    resources: policy.allowed,
    default_resource: policy.defaultResource,
    created_at: token.createdAt.toISOString(),
    expires_at: token.expiresAt?.toISOString(),
  };
}
