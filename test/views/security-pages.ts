import { type FactorError, secondFactorPage } from '../../views/second-factor.ts';
import { type PasswordChangeError, type SecurityModel, securityPage } from '../../views/security.ts';
import { newPasskeyPage, recoveryCodesPage, totpPage } from '../../views/security-setup.ts';
import { type SomeSessions, sessionsPage } from '../../views/sessions.ts';
import { type StepUpError, type StepUpModel, stepUpPage } from '../../views/step-up.ts';
import type { Sample } from './every-page.ts';

const factorErrors: FactorError[] = ['missing', 'wrong', 'passkey', 'too_many_tries'];
const stepUpErrors: StepUpError[] = [...factorErrors, 'wrong_password'];
const providerErrors: StepUpError[] = [
  'provider_stopped',
  'provider_unavailable',
  'provider_not_anew',
  'provider_other_person',
  'provider_single_factor',
];
const passwordErrors: PasswordChangeError[] = [
  { error: 'wrong' },
  { error: 'different' },
  { error: 'control_character' },
  { error: 'guessable' },
  { error: 'changed_meanwhile' },
  { error: 'too_short', least: 15 },
  { error: 'too_long', most: 256 },
];

const at = new Date('2026-01-02T03:04:05Z');

function security(text: string): Omit<SecurityModel, 'base' | 'brand' | 'csrf' | 'locale'> {
  return {
    email: text,
    now: new Date('2026-01-05T03:04:05Z'),
    password: { changedAt: at },
    least: 15,
    totpSince: at,
    canHavePasskeys: true,
    passkeys: [
      { id: '1', name: text, isSynced: true, addedAt: at, usedAt: at },
      { id: '2', name: text, isSynced: false, addedAt: at, usedAt: undefined },
    ],
    recoveryCodes: 9,
    holdings: { devices: 3, tokens: 2, shared: 2 },
    sessions: { ...sessions(text), isMore: true },
  };
}

function sessions(text: string): SomeSessions {
  return {
    sessions: [
      { id: '1', agent: text, address: text, since: at, isHere: true },
      { id: '2', agent: undefined, address: undefined, since: at, isHere: false },
    ],
    isMore: false,
    others: 60,
  };
}

const path = '/account/security/sessions';

const bare = {
  password: undefined,
  totpSince: undefined,
  canHavePasskeys: false,
  passkeys: [],
  sessions: { sessions: [], isMore: false, others: 0 },
};

const passkey = (text: string) => ({ options: text, ceremony: text });
const factors = { takesCodes: true, takesRecoveryCodes: true };
const stepUp: Omit<StepUpModel, 'base' | 'brand' | 'csrf' | 'locale' | 'passkey'> = {
  ...factors,
  asksPassword: true,
  hasPassword: true,
  asksCode: true,
  hasFactor: true,
};

/** Every page about signing in, in every state. */
export const securityPages: Record<string, Sample> = {
  'second factor': (frame, text) =>
    secondFactorPage({ ...frame, ...factors, email: text, passkey: passkey(text) }),
  'second factor, a passkey alone': (frame, text) => {
    const model = { takesCodes: false, takesRecoveryCodes: false, email: text };
    return secondFactorPage({ ...frame, ...model, passkey: passkey(text) });
  },
  'second factor, recovery codes alone': (frame, text) => {
    return secondFactorPage({ ...frame, ...factors, takesCodes: false, email: text, passkey: undefined });
  },
  ...Object.fromEntries(
    factorErrors.map((error): [string, Sample] => [
      `second factor, ${error}`,
      (frame, text) => secondFactorPage({ ...frame, ...factors, email: text, passkey: undefined, error }),
    ]),
  ),
  'step up': (frame, text) => stepUpPage({ ...frame, ...stepUp, passkey: passkey(text) }),
  ...Object.fromEntries(
    stepUpErrors.map((error): [string, Sample] => [
      `step up, ${error}`,
      (frame) => stepUpPage({ ...frame, ...stepUp, passkey: undefined, error }),
    ]),
  ),
  ...Object.fromEntries(
    providerErrors.map((error): [string, Sample] => [
      `step up, ${error}`,
      (frame, text) => stepUpPage({ ...frame, ...stepUp, passkey: undefined, provider: text, error }),
    ]),
  ),
  'step up at an identity provider alone': (frame, text) => {
    const model = { ...stepUp, hasPassword: false, passkey: undefined, provider: text };
    return stepUpPage({ ...frame, ...model });
  },
  'step up at an identity provider without a second factor': (frame, text) => {
    const model = { ...stepUp, asksPassword: false, asksCode: false, hasFactor: false };
    return stepUpPage({ ...frame, ...model, passkey: undefined, provider: text });
  },
  'step up without a password': (frame) =>
    stepUpPage({ ...frame, ...stepUp, hasPassword: false, passkey: undefined }),
  'step up by a passkey alone': (frame, text) => {
    const model = { ...stepUp, asksPassword: false, takesCodes: false, takesRecoveryCodes: false };
    return stepUpPage({ ...frame, ...model, passkey: passkey(text) });
  },
  'step up without a second factor': (frame) => {
    const model = { ...stepUp, asksPassword: false, asksCode: false, hasFactor: false };
    return stepUpPage({ ...frame, ...model, passkey: undefined });
  },
  sessions: (frame, text) => {
    const list = { path, isFirst: true, next: text };
    return sessionsPage({ ...frame, ...sessions(text), list, now: at });
  },
  'sessions, found': (frame, text) => {
    const list = { path, search: text, isFirst: true };
    return sessionsPage({ ...frame, ...sessions(text), list, now: at });
  },
  'sessions, none found': (frame, text) => {
    const list = { path, search: text, isFirst: true };
    return sessionsPage({ ...frame, sessions: [], isMore: false, others: 0, list, now: at });
  },
  security: (frame, text) => securityPage({ ...frame, ...security(text) }),
  'security, refused': (frame, text) => securityPage({ ...frame, ...security(text), refusal: '⟦…⟧' }),
  'security, bare': (frame, text) => securityPage({ ...frame, ...security(text), ...bare }),
  'security, password changed': (frame, text) => {
    const holdings = { devices: 0, tokens: 0, shared: 0 };
    return securityPage({ ...frame, ...security(text), holdings, recoveryCodes: 0, isPasswordChanged: true });
  },
  'security, one of each that ends': (frame, text) => {
    const holdings = { devices: 1, tokens: 1, shared: 1 };
    return securityPage({ ...frame, ...security(text), holdings });
  },
  'security, one recovery code': (frame, text) =>
    securityPage({ ...frame, ...security(text), recoveryCodes: 1 }),
  ...Object.fromEntries(
    passwordErrors.map((error): [string, Sample] => [
      `security, ${error.error}`,
      (frame, text) => securityPage({ ...frame, ...security(text), error }),
    ]),
  ),
  'authenticator app': (frame, text) => totpPage({ ...frame, secret: text, uri: text, enrolment: text }),
  ...Object.fromEntries(
    (['wrong', 'over'] as const).map((error): [string, Sample] => [
      `authenticator app, ${error}`,
      (frame, text) => totpPage({ ...frame, secret: text, uri: text, enrolment: text, error }),
    ]),
  ),
  'new passkey': (frame, text) => newPasskeyPage({ ...frame, offer: passkey(text) }),
  ...Object.fromEntries(
    (['name', 'refused', 'over'] as const).map((error): [string, Sample] => [
      `new passkey, ${error}`,
      (frame, text) => newPasskeyPage({ ...frame, offer: passkey(text), name: text, error }),
    ]),
  ),
  'recovery codes': (frame, text) => recoveryCodesPage({ ...frame, codes: [text, text] }),
};
