import type { ClientModel } from '../../../views/client.ts';
import { type ClientDraft, type DeviceDemand, deviceDemands } from '../../../views/client-form.ts';
import type { ClientKind, ListedClient } from '../../../views/clients.ts';
import type { ShownClient } from '../../api/client-view.ts';
import { type Form, fieldOf, valuesOf } from '../../http/form.ts';
import { deviceGrant } from '../../urn.ts';
import { permissionsOf, spellPermissions } from '../account/token-draft.ts';

/** What each kind of program is registered with. */
const kinds: Record<string, { grant_types: readonly string[]; token_endpoint_auth_method: string }> = {
  machine: { grant_types: ['client_credentials'], token_endpoint_auth_method: 'client_secret_basic' },
  device: { grant_types: [deviceGrant, 'refresh_token'], token_endpoint_auth_method: 'none' },
  both: {
    grant_types: ['client_credentials', deviceGrant, 'refresh_token'],
    token_endpoint_auth_method: 'client_secret_basic',
  },
};

/** A form with nothing in it yet. */
export const emptyClient: ClientDraft = {
  name: '',
  kind: 'machine',
  permissions: [],
  access: '',
  refresh: '',
  demands: [],
  stepUp: '',
};

/** What a program's form begins with. */
export function clientDraftOf(client: ShownClient): ClientDraft {
  return {
    name: client.client_name,
    kind: kindOf(client),
    permissions: spellPermissions(client.resources),
    access: String(client.access_token_lifetime ?? ''),
    refresh: String(client.refresh_token_lifetime ?? ''),
    demands: demandsOf(client),
    stepUp: client.step_up_scopes.join(' '),
  };
}

/** What was typed into a form; what it does not ask for stays as it was `before`. */
export function readClient(form: Form, before = emptyClient): ClientDraft {
  const text = (name: 'name' | 'kind' | 'access' | 'refresh' | 'stepUp') =>
    fieldOf(form, name) ?? before[name];
  return {
    name: text('name'),
    kind: text('kind'),
    permissions: valuesOf(form, 'permission'),
    access: text('access'),
    refresh: text('refresh'),
    demands: deviceDemands.filter((demand) => valuesOf(form, 'demand').includes(demand)),
    stepUp: text('stepUp'),
  };
}

/** A draft of a new program as the management API takes it. */
export function newClient(draft: ClientDraft): Record<string, unknown> {
  // A machine signs nobody in.
  const refresh = draft.kind === 'machine' ? '' : draft.refresh;
  return {
    ...changedClient({ ...draft, refresh }, emptyClient),
    ...kinds[Object.hasOwn(kinds, draft.kind) ? draft.kind : 'machine'],
  };
}

/** A draft as the management API takes it; a lifetime that is as it was before is not said, whoever has chosen that one. */
export function changedClient(draft: ClientDraft, before: ClientDraft): Record<string, unknown> {
  const seconds = (text: string) => (text === '' ? null : Number(text));
  return {
    client_name: draft.name,
    resources: permissionsOf(draft.permissions),
    ...(draft.access !== before.access && { access_token_lifetime: seconds(draft.access) }),
    ...(draft.refresh !== before.refresh && { refresh_token_lifetime: seconds(draft.refresh) }),
    ...(draft.kind !== 'machine' && {
      verification_uri_complete: !draft.demands.includes('typed'),
      number_matching: draft.demands.includes('matching'),
      same_network: draft.demands.includes('near'),
      step_up_scopes: draft.stepUp.split(/[\s,]+/).filter(Boolean),
    }),
  };
}

/** A program of the management API in a list. */
export function listedClient(client: ShownClient): ListedClient {
  return {
    id: client.client_id,
    name: client.client_name,
    kind: kindOf(client),
    isDisabled: client.disabled,
    lastUsedAt: client.last_used_at === undefined ? undefined : new Date(client.last_used_at),
  };
}

/** A program of the management API on its page. */
export function clientModel(client: ShownClient): ClientModel {
  return {
    ...listedClient(client),
    method: client.token_endpoint_auth_method,
    permissions: client.resources,
    accessSeconds: client.access_token_lifetime,
    refreshSeconds: client.refresh_token_lifetime,
    hasSecrets: client.token_endpoint_auth_method.startsWith('client_secret_'),
    secrets: client.secrets.map(({ id, created_at, expires_at }) => ({
      id,
      madeAt: new Date(created_at),
      endsAt: expires_at === undefined ? undefined : new Date(expires_at),
    })),
    signIns: client.holdings?.grants ?? 0,
    demands: kindOf(client) === 'machine' ? [] : demandsOf(client),
    stepUp: client.step_up_scopes,
    registeredAt: new Date(client.created_at),
  };
}

function demandsOf(client: ShownClient): DeviceDemand[] {
  return [
    ...(client.verification_uri_complete ? [] : ['typed' as const]),
    ...(client.number_matching ? ['matching' as const] : []),
    ...(client.same_network ? ['near' as const] : []),
  ];
}

function kindOf({ grant_types }: ShownClient): ClientKind {
  const isMachine = grant_types.includes('client_credentials');
  if (grant_types.includes(deviceGrant)) return isMachine ? 'both' : 'device';
  return isMachine ? 'machine' : 'other';
}
