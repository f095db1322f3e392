import type { ResourceDraft } from '../../../views/resource-form.ts';
import type { ResourceModel } from '../../../views/resources.ts';
import type { ShownResource } from '../../api/resources.ts';
import { type Form, fieldOf } from '../../http/form.ts';

/** A form with nothing in it yet. */
export const emptyResource: ResourceDraft = {
  uri: '',
  name: '',
  scopes: '',
  format: 'opaque',
  algorithm: 'ES256',
  lifetime: '',
  isListed: false,
};

/** What an API's form begins with. */
export function resourceDraftOf(shown: ShownResource): ResourceDraft {
  const lines = Object.entries(shown.scopes).map(([name, means]) => `${name} ${means}`);
  return {
    uri: shown.resource,
    name: shown.resource_name,
    scopes: lines.join('\n'),
    format: shown.access_token_format,
    algorithm: shown.access_token_signing_alg,
    lifetime: String(shown.access_token_lifetime ?? ''),
    isListed: shown.listed,
  };
}

/** What was typed into a form. */
export function readResource(form: Form): ResourceDraft {
  const text = (name: string) => fieldOf(form, name) ?? '';
  return {
    uri: text('uri').trim(),
    name: text('name'),
    scopes: text('scopes'),
    format: text('format'),
    algorithm: text('algorithm'),
    lifetime: text('lifetime'),
    isListed: text('listed') === 'yes',
  };
}

/** A draft as the management API takes it; only a new API says its URI, and says nothing of what is as usual. */
export function resourceBody(draft: ResourceDraft, isNew: boolean): Record<string, unknown> {
  const lines = draft.scopes.split(/\r?\n/).map((line) => line.trim());
  const scopes = lines
    .filter(Boolean)
    .map((line) => /^(\S+)\s*(.*)$/.exec(line) ?? [])
    .map(([, name = '', means = '']) => [name, means] as const);
  const seconds = draft.lifetime === '' ? null : Number(draft.lifetime);
  return {
    ...(isNew && { resource: draft.uri }),
    resource_name: draft.name,
    scopes: Object.fromEntries(scopes),
    access_token_format: draft.format,
    access_token_signing_alg: draft.algorithm,
    ...((!isNew || seconds !== null) && { access_token_lifetime: seconds }),
    listed: draft.isListed,
  };
}

/** An API of the management API as the pages draw it. */
export function resourceModel(shown: ShownResource): ResourceModel {
  return {
    uri: shown.resource,
    name: shown.resource_name,
    format: shown.access_token_format,
    algorithm: shown.access_token_signing_alg,
    accessSeconds: shown.access_token_lifetime,
    isListed: shown.listed,
    scopes: Object.entries(shown.scopes).map(([name, means]) => ({
      name,
      means,
      role: shown.scope_roles[name] ?? 'operator',
    })),
  };
}
