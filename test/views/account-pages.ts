import { getTokenPage } from '../../views/get-token.ts';
import type { Html } from '../../views/html.ts';
import type { Frame } from '../../views/layout.ts';
import type { Locale } from '../../views/locale.ts';
import { overviewPage } from '../../views/overview.ts';
import { type TokenModel, tokenPage } from '../../views/token.ts';
import { type TokenFormModel, tokenFormPage } from '../../views/token-form.ts';
import { tokenRemovalPage } from '../../views/token-removal.ts';
import { tokenValuePage } from '../../views/token-value.ts';
import { type TokenSection, tokensPage } from '../../views/tokens.ts';

const sections: TokenSection[] = ['own', 'shared', 'all'];
const states: TokenModel['state'][] = ['active', 'disabled', 'expired', 'waiting', 'refused'];
const disablers = ['owner', 'administrator', 'operator'] as const;
const kinds: TokenModel['kind'][] = ['private', 'shared', 'legacy'];
const then = new Date('2026-01-02T03:00:00Z');
const now = new Date('2026-01-02T03:04:05Z');

/** Every page of an account in every state; who adds one adds it here. */
export const accountPages: Record<string, (frame: Frame, text: string) => Html> = {
  overview: (frame, text) => {
    const tokens = { count: 4, ending: 2, isMore: true };
    const devices = [{ id: text, name: text, since: then, until: now, approvedFrom: text, scopes: [] }];
    return overviewPage({ ...standing(frame, text), tokens, devices, total: 4711, signIn: 'password', now });
  },
  'overview of nothing': (frame, text) => {
    return overviewPage({ ...standing(frame, text), devices: [], total: 0, signIn: 'elsewhere', now });
  },
  'get token': (frame, text) => {
    const apis = [{ resource: text, name: text, scopes: [text] }];
    return getTokenPage({ ...standing(frame, text), apis, problem: text });
  },
  'get token with nothing to get': (frame, text) => getTokenPage({ ...standing(frame, text), apis: [] }),
  ...each(sections, (section) => (frame, text) => {
    const list = { path: '/account/tokens', search: text, isFirst: false, next: text };
    const tokens = states.map((state) => token(text, { state }));
    return tokensPage({ ...standing(frame, text), section, list, tokens, canCreate: true, now });
  }),
  ...each(
    sections,
    (section) => (frame, text) => {
      const list = { path: '/account/tokens', isFirst: true };
      return tokensPage({ ...standing(frame, text), section, list, tokens: [], canCreate: true, now });
    },
    ', empty',
  ),
  ...each(states, (state) => (frame, text) => {
    const model = { path: '/account/tokens', mayChange: true, mayEnable: true, mayDecide: true, now };
    return tokenPage({
      ...standing(frame, text),
      ...model,
      token: token(text, { state, holders: 2 }),
      refusal: text,
    });
  }),
  ...each(
    disablers,
    (disabledBy) => (frame, text) => {
      const model = { path: '/account/tokens', mayChange: true, mayEnable: false, mayDecide: false, now };
      const shown = token(text, { state: 'disabled', disabledBy });
      return tokenPage({ ...standing(frame, text), ...model, token: shown });
    },
    ' who disabled it',
  ),
  ...each(kinds, (kind) => (frame, text) => {
    const model = { path: '/account/tokens', mayChange: false, mayEnable: false, mayDecide: false, now };
    return tokenPage({
      ...standing(frame, text),
      ...model,
      token: token(text, { kind, lastUse: undefined }),
    });
  }),
  ...each(
    kinds,
    (kind) => (frame, text) => {
      const model = {
        path: '/account/tokens',
        token: token(text, { kind, holders: kind === 'shared' ? 2 : undefined }),
        now,
      };
      return tokenRemovalPage({ ...standing(frame, text), ...model });
    },
    ', removal',
  ),
  'token value': (frame, text) => {
    const model = { path: '/account/tokens', token: token(text, { state: 'waiting' }), value: text };
    return tokenValuePage({ ...standing(frame, text), ...model, previousEndsAt: then });
  },
  'token form': (frame, text) => tokenFormPage(form(frame, text, {})),
  'token form of a legacy token': (frame, text) => {
    return tokenFormPage(form(frame, text, { id: text, isLegacy: true }));
  },
  'token form with nothing to give': (frame, text) => tokenFormPage(form(frame, text, { choices: [] })),
  'token form with problems': (frame, text) => {
    const fields = ['name', 'note', 'permissions', 'expires_at', 'address_ranges', 'reason'];
    const problems = Object.fromEntries(fields.map((field) => [field, text]));
    return tokenFormPage(form(frame, text, { problems, section: 'shared' }));
  },
};

/** The frame of somebody who is among the pages of their account. */
export function standing(frame: Frame, text: string): Frame {
  const places = Object.keys(frame.locale.words.frame.places) as (keyof Locale['words']['frame']['places'])[];
  const organization = { name: text, isOneOfSeveral: true };
  return { ...frame, standpoint: { current: '/account', places, organization } };
}

function token(text: string, changes: Partial<TokenModel>): TokenModel {
  const lastUse = { at: then, address: text, agent: text };
  return {
    id: text,
    name: text,
    note: text,
    kind: 'private',
    state: 'active',
    owner: text,
    isOwn: true,
    permissions: { [text]: [text, `${text}.`] },
    present: { [text]: [text] },
    ranges: [text],
    reason: text,
    createdAt: then,
    endsAt: now,
    lastUse,
    previousValue: { endsAt: now, lastUse },
    ...changes,
  };
}

function form(frame: Frame, text: string, changes: Partial<TokenFormModel>): TokenFormModel {
  return {
    ...standing(frame, text),
    section: 'own',
    path: '/account/tokens',
    isLegacy: false,
    needsReason: true,
    key: text,
    draft: {
      name: text,
      note: text,
      permissions: [`${text} ${text}`],
      ends: text,
      ranges: text,
      reason: text,
    },
    choices: [
      { resource: text, name: text, scopes: [{ scope: text, description: text }, { scope: `${text}.` }] },
    ],
    problems: {},
    ...changes,
  };
}

function each<State extends string>(
  given: readonly State[],
  sample: (state: State) => (frame: Frame, text: string) => Html,
  besides = '',
): Record<string, (frame: Frame, text: string) => Html> {
  return Object.fromEntries(given.map((state) => [`token, ${state}${besides}`, sample(state)]));
}
