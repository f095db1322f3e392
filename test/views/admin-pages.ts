import { activityPage } from '../../views/activity.ts';
import { type AuditedEvent, type AuditModel, auditPage } from '../../views/audit.ts';
import {
  type ClientModel,
  clientPage,
  clientRemovalPage,
  clientSecretPage,
  secretEndPage,
} from '../../views/client.ts';
import { type ClientFormModel, clientFormPage } from '../../views/client-form.ts';
import { type ClientKind, clientsPage } from '../../views/clients.ts';
import type { Html } from '../../views/html.ts';
import { type KeyModel, keyRevocationPage, keyRotationPage, keysPage } from '../../views/keys.ts';
import type { Frame } from '../../views/layout.ts';
import { type MemberModel, memberPage, memberRemovalPage } from '../../views/member.ts';
import { invitationLinkPage, invitePage, membersPage } from '../../views/members.ts';
import { policiesPage, policyNarrowingPage, signInDemandPage } from '../../views/policies.ts';
import { type ResourceFormModel, resourceFormPage } from '../../views/resource-form.ts';
import { type ResourceModel, resourcePage, resourcesPage } from '../../views/resources.ts';
import { standing } from './account-pages.ts';

const then = new Date('2026-01-02T03:00:00Z');
const now = new Date('2026-01-02T03:04:05Z');
const list = (text: string) => ({ path: '/admin', search: text, isFirst: false, next: text });
const first = { path: '/admin', isFirst: true };
const kinds: ClientKind[] = ['machine', 'device', 'both', 'other'];

/** Every page of an administrator in every state; who adds one adds it here. */
export const adminPages: Record<string, (frame: Frame, text: string) => Html> = {
  activity: (frame, text) => {
    const days = [0, 1, 2].map((count) => ({ day: then, good: 1000 * count, bad: count }));
    const drawn = { tokens: days, signIns: days, devices: days };
    return activityPage({ ...standing(frame, text), drawn, waiting: { tokens: 1, invitations: 2 } });
  },
  'activity, quiet': (frame, text) => {
    const days = [{ day: then, good: 0, bad: 0 }];
    const drawn = { tokens: days, signIns: days, devices: days };
    return activityPage({ ...standing(frame, text), drawn, waiting: { tokens: 0, invitations: 0 } });
  },
  members: (frame, text) =>
    membersPage({
      ...standing(frame, text),
      list: { ...list(text), isFirst: true },
      members: [member(text), { ...member(text), role: 'administrator', isDisabled: true }],
      invitations: { open: [{ id: text, email: text, role: 'member', endsAt: now }], isMore: true },
      mayChange: true,
      now,
    }),
  'members, only one': (frame, text) =>
    membersPage({
      ...standing(frame, text),
      list: first,
      members: [member(text)],
      invitations: { open: [], isMore: false },
      mayChange: false,
      now,
    }),
  'members, none found': (frame, text) => {
    const model = { list: list(text), members: [], invitations: undefined, mayChange: false, now };
    return membersPage({ ...standing(frame, text), ...model });
  },
  invite: (frame, text) =>
    invitePage({ ...standing(frame, text), email: text, role: 'member', problems: {} }),
  'invite with problems': (frame, text) => {
    const problems = { email: text, role: text, form: text };
    return invitePage({ ...standing(frame, text), email: text, role: 'member', problems });
  },
  invitation: (frame, text) =>
    invitationLinkPage({ ...standing(frame, text), email: text, link: text, isMailed: true }),
  member: (frame, text) => memberPage(memberModel(frame, text, false)),
  'member, disabled': (frame, text) => memberPage(memberModel(frame, text, true)),
  'member, seen by others': (frame, text) =>
    memberPage({ ...memberModel(frame, text, false), mayChange: false, refusal: undefined }),
  'member, removal': (frame, text) => memberRemovalPage({ ...standing(frame, text), member: member(text) }),
  clients: (frame, text) => {
    const clients = kinds.map((kind) => client(text, { kind, isDisabled: kind === 'both' }));
    return clientsPage({ ...standing(frame, text), list: list(text), clients, mayChange: true, now });
  },
  'clients, none': (frame, text) =>
    clientsPage({ ...standing(frame, text), list: first, clients: [], mayChange: true, now }),
  ...Object.fromEntries(
    kinds.map((kind) => [
      `client, ${kind}`,
      (frame: Frame, text: string) => {
        const model = { client: client(text, { kind }), mayChange: true, refusal: text, now };
        return clientPage({ ...standing(frame, text), ...model });
      },
    ]),
  ),
  'client, disabled': (frame, text) => {
    const changes = { isDisabled: true, hasSecrets: false, permissions: {}, lastUsedAt: undefined };
    const model = { client: client(text, changes), mayChange: true, now };
    return clientPage({ ...standing(frame, text), ...model });
  },
  'client, with one secret': (frame, text) => {
    const secrets = [{ id: text, madeAt: then, endsAt: undefined }];
    const model = { client: client(text, { secrets }), mayChange: true, now };
    return clientPage({ ...standing(frame, text), ...model });
  },
  'client secret': (frame, text) => clientSecretPage({ ...standing(frame, text), id: text, secret: text }),
  'client secret, end': (frame, text) =>
    secretEndPage({ ...standing(frame, text), client: client(text, {}), secretId: text, now }),
  'client, removal': (frame, text) =>
    clientRemovalPage({ ...standing(frame, text), client: client(text, {}), now }),
  'client form': (frame, text) => clientFormPage(clientForm(frame, text, {})),
  'client form of one': (frame, text) => clientFormPage(clientForm(frame, text, { id: text })),
  'client form with problems': (frame, text) => {
    const fields = [
      'client_name',
      'resources',
      'access_token_lifetime',
      'refresh_token_lifetime',
      'step_up_scopes',
      'form',
    ];
    const problems = Object.fromEntries(fields.map((field) => [field, text]));
    return clientFormPage(clientForm(frame, text, { problems, choices: [] }));
  },
  audit: (frame, text) => auditPage(audit(frame, text, {})),
  'audit, empty': (frame, text) => auditPage(audit(frame, text, { events: [], list: first })),
  'audit, nothing found': (frame, text) => auditPage(audit(frame, text, { events: [] })),
  policies: (frame, text) => policiesPage(policies(frame, text, true)),
  'policies, seen by others': (frame, text) => policiesPage(policies(frame, text, false)),
  'policies with problems': (frame, text) => {
    const fields = ['longest_lifetime_seconds', 'permissions', 'form'];
    const problems = Object.fromEntries(fields.map((field) => [field, text]));
    return policiesPage({ ...policies(frame, text, true), problems });
  },
  'policy, narrowing': (frame, text) => {
    const { draft, condition } = policies(frame, text, true);
    return policyNarrowingPage({ ...standing(frame, text), draft, condition, tokens: 2 });
  },
  'policy, an identity provider demanded': (frame, text) => {
    const losses = { members: 2, devices: 3, legacyTokens: 1 };
    return signInDemandPage({ ...standing(frame, text), condition: text, losses });
  },
  keys: (frame, text) => {
    const keys = keyStates.map((state) => signingKey(text, state));
    return keysPage({ ...standing(frame, text), keys, mayChange: true, now });
  },
  'keys, none': (frame, text) => keysPage({ ...standing(frame, text), keys: [], mayChange: false, now }),
  'key rotation': (frame, text) => keyRotationPage(standing(frame, text)),
  'key revocation': (frame, text) =>
    keyRevocationPage({ ...standing(frame, text), signingKey: signingKey(text, 'active'), now }),
  resources: (frame, text) =>
    resourcesPage({ ...standing(frame, text), list: list(text), resources: [api(text)], mayChange: true }),
  'resources, none': (frame, text) =>
    resourcesPage({ ...standing(frame, text), list: first, resources: [], mayChange: false }),
  resource: (frame, text) => resourcePage({ ...standing(frame, text), api: api(text), mayChange: true }),
  'resource, opaque': (frame, text) => {
    const opaque = { ...api(text), format: 'opaque', isListed: false, scopes: [] } as const;
    return resourcePage({ ...standing(frame, text), api: opaque, mayChange: false });
  },
  'resource form': (frame, text) => resourceFormPage(resourceForm(frame, text, true)),
  'resource form with problems': (frame, text) => {
    const fields = ['resource', 'resource_name', 'scopes', 'access_token_lifetime', 'form'];
    const problems = Object.fromEntries(fields.map((field) => [field, text]));
    return resourceFormPage({ ...resourceForm(frame, text, false), problems });
  },
};

const keyStates: KeyModel['state'][] = ['pending', 'active', 'retiring', 'retired', 'revoked'];

function signingKey(text: string, state: KeyModel['state']): KeyModel {
  const life = { signsFrom: then, replacedAt: now, retiredAt: now, revokedAt: now };
  return { kid: text, algorithm: text, state, publishedAt: then, ...life, neededUntil: now };
}

function policies(frame: Frame, text: string, mayChange: boolean) {
  const isEach = { isExpiryRequired: true, isApprovalRequired: false, isLimited: true };
  return {
    ...standing(frame, text),
    draft: { days: text, ...isEach, permissions: [`${text} ${text}`] },
    choices: [{ resource: text, name: text, scopes: [{ scope: text, description: text }] }],
    problems: {},
    condition: text,
    signIn: { isProviderRequired: true, condition: text },
    mayChange,
    isSaved: true,
  };
}

function api(text: string): ResourceModel {
  const roles = ['member', 'administrator', 'operator'] as const;
  return {
    uri: text,
    name: text,
    format: 'jwt',
    algorithm: text,
    accessSeconds: 3600,
    isListed: true,
    scopes: roles.map((role, index) => ({ name: text + '.'.repeat(index), means: text, role })),
  };
}

function resourceForm(frame: Frame, text: string, isNew: boolean): ResourceFormModel {
  const draft = {
    uri: text,
    name: text,
    scopes: text,
    format: 'jwt',
    algorithm: 'EdDSA',
    lifetime: '1234',
    isListed: true,
  };
  return { ...standing(frame, text), isNew, draft, problems: {}, condition: text };
}

function member(text: string): MemberModel {
  return {
    id: text,
    email: text,
    role: 'member',
    isDisabled: false,
    joinedAt: then,
    isProviderRequired: true,
    tokens: 1000,
    devices: 2,
  };
}

function memberModel(frame: Frame, text: string, isDisabled: boolean) {
  return {
    ...standing(frame, text),
    member: { ...member(text), isDisabled },
    choices: [
      {
        resource: text,
        name: text,
        scopes: [{ scope: text, description: text, remark: text }, { scope: `${text}.` }],
      },
    ],
    chosen: [`${text} ${text}`],
    condition: text,
    mayChange: true,
    refusal: text,
    now,
  };
}

function client(text: string, changes: Partial<ClientModel>): ClientModel {
  return {
    id: text,
    name: text,
    kind: 'both',
    isDisabled: false,
    lastUsedAt: then,
    method: text,
    permissions: { [text]: [text, `${text}.`] },
    accessSeconds: 3600,
    refreshSeconds: undefined,
    hasSecrets: true,
    secrets: [
      { id: text, madeAt: then, endsAt: undefined },
      { id: `${text}.`, madeAt: then, endsAt: now },
    ],
    signIns: 3,
    demands: ['typed', 'matching', 'near'],
    stepUp: [text],
    registeredAt: then,
    ...changes,
  };
}

function clientForm(frame: Frame, text: string, changes: Partial<ClientFormModel>): ClientFormModel {
  return {
    ...standing(frame, text),
    draft: {
      name: text,
      kind: 'both',
      permissions: [`${text} ${text}`],
      access: '1234',
      refresh: '',
      demands: ['near'],
      stepUp: text,
    },
    choices: [{ resource: text, name: text, scopes: [{ scope: text, description: text }] }],
    problems: {},
    condition: text,
    key: text,
    ...changes,
  };
}

function audit(frame: Frame, text: string, changes: Partial<AuditModel>): AuditModel {
  const event: AuditedEvent = {
    sequence: 1234,
    at: then,
    action: text,
    outcome: 'success',
    actor: { kind: 'person', id: text, name: text, via: text },
    target: { kind: 'token', id: text, name: text },
    address: text,
    agent: text,
    requestId: text,
    details: { [text]: [text] },
  };
  const refused = { ...event, outcome: 'refused', reason: text } as const;
  return {
    ...standing(frame, text),
    list: { ...list(text), filters: { actor: text } },
    filter: { action: 'token.created', actor: text, target: text, from: text, to: text },
    events: [event, { ...refused, actor: { kind: 'nobody' }, target: undefined }],
    now,
    ...changes,
  };
}
