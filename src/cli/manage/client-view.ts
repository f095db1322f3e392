import { shortGrant } from '../admin/client-view.ts';
import { demandRows } from '../admin/demand-flags.ts';
import { card, table } from '../admin/table.ts';
import { type Permissions, permissionRows } from './permissions.ts';

/** A program of an organization as the management API shows it. */
export type Client = {
  client_id: string;
  client_name: string;
  token_endpoint_auth_method: string;
  grant_types: string[];
  resources: Permissions;
  default_resource?: string;
  jwks?: { keys: unknown[] };
  jwks_uri?: string;
  dpop_bound_access_tokens: boolean;
  verification_uri_complete: boolean;
  number_matching: boolean;
  same_network: boolean;
  step_up_scopes: string[];
  secrets: ClientSecret[];
  disabled: boolean;
  created_at: string;
  disabled_at?: string;
  last_used_at?: string;
};

/** A live secret of one, by its id: the secret itself is not shown again. */
export type ClientSecret = { id: string; created_at: string; expires_at?: string };

/** A program for people. */
export function clientCard(client: Client): string {
  return card([
    ['client_id', client.client_id],
    ['name', client.client_name],
    ['authentication', client.token_endpoint_auth_method],
    ['grants', client.grant_types.map(shortGrant).join(', ')],
    ...permissionRows('may ask for', client.resources),
    ['default resource', client.default_resource],
    ['keys', client.jwks_uri ?? (client.jwks && `${client.jwks.keys.length} registered`)],
    ['tokens', client.dpop_bound_access_tokens ? 'bound to a key (DPoP)' : undefined],
    ...demandRows(client),
    ...client.secrets.map((secret) => ['secret', secretText(secret)] as const),
    ['created', client.created_at],
    ['disabled', client.disabled_at],
    ['last used', client.last_used_at ?? 'never'],
  ]);
}

/** Programs for people, a line each. */
export function clientTable(clients: readonly Client[]): string {
  return table([
    ['CLIENT', 'STATE', 'AUTHENTICATION', 'GRANTS', 'LAST USED', 'NAME'],
    ...clients.map((client) => [
      client.client_id,
      client.disabled ? 'disabled' : 'enabled',
      client.token_endpoint_auth_method,
      client.grant_types.map(shortGrant).join(' ') || '-',
      client.last_used_at ?? 'never',
      client.client_name,
    ]),
  ]);
}

/** Secrets for people, a line each. */
export function secretTable(secrets: readonly ClientSecret[]): string {
  const rows = secrets.map(({ id, created_at, expires_at }) => [id, created_at, expires_at ?? 'never']);
  return table([['SECRET', 'MADE', 'EXPIRES'], ...rows]);
}

function secretText({ id, created_at, expires_at }: ClientSecret): string {
  return `${id}, made ${created_at}, works ${expires_at ? `until ${expires_at}` : 'without an end'}`;
}
