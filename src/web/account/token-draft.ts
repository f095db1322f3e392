import { type PermissionChoice, spellPermission } from '../../../views/permission-choices.ts';
import type { TokenDraft } from '../../../views/token-form.ts';
import type { ShownMe } from '../../api/me.ts';
import type { ShownResource } from '../../api/resources.ts';
import type { ShownToken } from '../../api/token-view.ts';
import { type Form, fieldOf, valuesOf } from '../../http/form.ts';
import { listPairs, type Scopes } from '../../scopes.ts';

/** A form with nothing in it yet. */
export const emptyDraft: TokenDraft = {
  name: '',
  note: '',
  permissions: [],
  ends: '',
  ranges: '',
  reason: '',
};

/** What a token's form begins with. */
export function draftOf(token: ShownToken): TokenDraft {
  return {
    name: token.name,
    note: token.note,
    permissions: spellPermissions(token.permissions ?? {}),
    ends: token.expires_at?.slice(0, 10) ?? '',
    ranges: token.address_ranges.join('\n'),
    reason: '',
  };
}

/** What was typed into a form. */
export function readDraft(form: Form): TokenDraft {
  const text = (name: string) => fieldOf(form, name) ?? '';
  return {
    name: text('name'),
    note: text('note'),
    permissions: valuesOf(form, 'permission'),
    ends: text('ends').trim(),
    ranges: text('ranges'),
    reason: text('reason'),
  };
}

/** A draft as the management API takes it; `before` is the token that it changes, whose end stays if its day does. */
export function bodyOf(draft: TokenDraft, before?: ShownToken): Record<string, unknown> {
  const ranges = draft.ranges.split(/[\s,]+/).filter(Boolean);
  const isLegacy = before?.kind === 'legacy';
  const keepsEnd = before && draft.ends === (before.expires_at?.slice(0, 10) ?? '');
  return {
    name: draft.name,
    note: draft.note.replaceAll('\r\n', '\n'),
    address_ranges: ranges,
    ...(!isLegacy && { permissions: permissionsOf(draft.permissions) }),
    ...(!keepsEnd && draft.ends !== '' && { expires_at: `${draft.ends}T23:59:59Z` }),
    ...(!keepsEnd && draft.ends === '' && before && { expires_at: null }),
    ...(!before && draft.reason.trim() !== '' && { reason: draft.reason }),
  };
}

/** Permissions one by one, as a form spells them. */
export function spellPermissions(permissions: Scopes): string[] {
  return listPairs(permissions).map(({ resource, scope }) => spellPermission(resource, scope));
}

/** The opposite of `spellPermissions`: what was chosen one by one, by API. */
export function permissionsOf(chosen: readonly string[]): Record<string, string[]> {
  const permissions: Record<string, string[]> = {};
  for (const choice of chosen) {
    const [, resource = choice, scope = ''] = /^(.*) (\S*)$/.exec(choice) ?? [];
    permissions[resource] = [...(permissions[resource] ?? []), scope];
  }
  return permissions;
}

/** What somebody can give a token: all that they may do, in the words of each API; `own`, the management API, comes last. */
export function choicesOf(
  permissions: ShownMe['permissions'],
  resources: readonly ShownResource[],
  own: string,
): PermissionChoice[] {
  return Object.entries(permissions)
    .filter(([, scopes]) => scopes.length > 0)
    .sort(([one], [other]) => Number(one === own) - Number(other === own))
    .map(([resource, scopes]) => {
      const known = resources.find((shown) => shown.resource === resource);
      return {
        resource,
        name: known?.resource_name ?? resource,
        scopes: scopes.map((scope) => ({ scope, description: known?.scopes[scope] })),
      };
    });
}
