import type { ShownBrand } from '../../views/brand.ts';
import { type ConfirmModel, confirmPage, type Hindrance } from '../../views/confirm.ts';
import { type DeviceCodeError, deviceCodePage } from '../../views/device-code.ts';
import { errorPage } from '../../views/error.ts';
import { type Html, html } from '../../views/html.ts';
import {
  type InvitationModel,
  invitationPage,
  type JoinError,
  joinedPage,
  joinPage,
  type NewPasswordError,
} from '../../views/join.ts';
import type { Frame } from '../../views/layout.ts';
import type { Locale } from '../../views/locale.ts';
import { noSignInPage } from '../../views/no-sign-in.ts';
import { organizationPage } from '../../views/organization.ts';
import { type Outcome, outcomePage } from '../../views/outcome.ts';
import { leavingPage, type ProviderProblem, providerProblemPage } from '../../views/provider.ts';
import { referencePage } from '../../views/reference.ts';
import { type SignInError, signInPage } from '../../views/sign-in.ts';
import { signedOutPage } from '../../views/signed-out.ts';
import { welcomePage } from '../../views/welcome.ts';
import { accountPages } from './account-pages.ts';
import { adminPages } from './admin-pages.ts';
import { devicePages } from './devices-page.ts';
import { securityPages } from './security-pages.ts';

/** A page in one of its states, with `text` wherever text from outside can stand. */
export type Sample = (frame: Frame, text: string) => Html;

const deviceCodeErrors: DeviceCodeError[] = [
  'missing',
  'unknown',
  'must_be_typed',
  'too_many_tries',
  'sign_in_first',
];
const signInErrors: SignInError[] = ['wrong', 'too_many_tries', 'missing', 'passkey'];
const providerProblems: ProviderProblem['problem'][] = [
  'stopped',
  'unavailable',
  'untrustworthy',
  'lost',
  'gone',
  'too_many_tries',
  'email_unverified',
  'account_exists',
  'disabled',
  'stranger',
];
const joinErrors: JoinError[] = ['missing', 'unknown', 'too_many_tries'];
const passwordErrors: NewPasswordError[] = [
  { error: 'different' },
  { error: 'control_character' },
  { error: 'guessable' },
  { error: 'too_short', least: 12 },
  { error: 'too_long', most: 200 },
];
const steps: InvitationModel['step'][] = ['accept', 'register', 'sign_in', 'foreign'];
const outcomes: Outcome[] = [
  'allowed',
  'denied',
  'undone',
  'reported',
  'expired',
  'already_used',
  'refused',
  'powerless',
  'numbers_spent',
];
const hindrances: Hindrance[] = [
  'disabled',
  'signed_in_otherwise',
  'stranger',
  'powerless',
  'other_network',
  'second_factor',
];
const statuses = [400, 403, 404, 405, 413, 429, 500, 503];

/** Every page in every state, as our own layout wraps it. Who adds a page adds it here. */
export const pages: Record<string, Sample> = {
  welcome: (frame) => welcomePage(frame),
  'device code': (frame, text) => deviceCodePage({ ...frame, userCode: text, isLinked: true }),
  ...each(deviceCodeErrors, 'device code', (error) => (frame, text) => {
    return deviceCodePage({ ...frame, userCode: text, error });
  }),
  'sign in': (frame, text) => signInPage({ ...frame, email: text, demo: { email: text, password: text } }),
  'sign in with a passkey': (frame, text) =>
    signInPage({ ...frame, passkey: { options: text, ceremony: text } }),
  'sign in with a code': (frame, text) => signInPage({ ...frame, userCode: text }),
  ...each(signInErrors, 'sign in', (error) => (frame, text) => {
    return signInPage({ ...frame, email: text, error });
  }),
  'sign in, with providers': (frame, text) =>
    signInPage({
      ...frame,
      providers: [{ id: 'acme', name: text }],
      canAskByEmail: true,
      organization: text,
    }),
  'to a provider': (frame, text) => leavingPage({ ...frame, provider: text, url: '/4711' }),
  ...each(providerProblems, 'provider', (problem) => (frame, text) => {
    const about = { problem, provider: text, email: text } as ProviderProblem;
    return providerProblemPage({ ...frame, problem: about });
  }),
  'a stranger to a provider of an organization': (frame, text) => {
    const names = { provider: text, email: text, organization: text };
    return providerProblemPage({ ...frame, problem: { problem: 'stranger', ...names } });
  },
  'no sign-in': (frame) => noSignInPage({ ...frame, account: undefined, issuer: '/4711' }),
  'signed out': (frame) => signedOutPage(frame),
  confirm: (frame, text) => confirmPage(confirmModel(frame, text)),
  'confirm, by number': (frame, text) => {
    return confirmPage({ ...confirmModel(frame, text), number: { triesLeft: 3 } });
  },
  'confirm, by no number': (frame, text) => {
    return confirmPage({ ...confirmModel(frame, text), number: { mistake: 'missing', triesLeft: 3 } });
  },
  'confirm, by another number': (frame, text) => {
    return confirmPage({ ...confirmModel(frame, text), number: { mistake: 'wrong', triesLeft: 2 } });
  },
  'confirm, self-registered': (frame, text) => {
    return confirmPage({
      ...confirmModel(frame, text),
      client: { name: text, registeredItself: true },
      scopes: [],
      stayingSignedInSeconds: undefined,
    });
  },
  'confirm in an organization': (frame, text) => {
    const organization = { name: text, isOneOfSeveral: true };
    const client = { name: text };
    return confirmPage({ ...confirmModel(frame, text), client, organization, lacking: [{ name: text }] });
  },
  'confirm, partly without one': (frame, text) => {
    return confirmPage({ ...confirmModel(frame, text), lacking: [{ name: text }] });
  },
  ...each(hindrances, 'confirm', (hindrance) => (frame, text) => {
    return confirmPage({ ...confirmModel(frame, text), hindrance, lacking: [{ name: text }] });
  }),
  'confirm, powerless in an organization': (frame, text) => {
    const organization = { name: text, isOneOfSeveral: true };
    return confirmPage({ ...confirmModel(frame, text), hindrance: 'powerless', organization });
  },
  ...each(outcomes, 'outcome', (outcome) => (frame, text) => {
    return outcomePage({ ...frame, outcome, clientName: text });
  }),
  'outcome of somebody else': (frame) => outcomePage({ ...frame, outcome: 'denied' }),
  join: (frame) => joinPage(frame),
  ...each(joinErrors, 'join', (error) => (frame) => joinPage({ ...frame, error })),
  ...each(steps, 'invitation', (step) => (frame, text) => {
    return invitationPage({
      ...frame,
      organization: text,
      role: 'administrator',
      email: text,
      step,
      least: 12,
    });
  }),
  ...Object.fromEntries(
    passwordErrors.map((error): [string, Sample] => [
      `invitation, ${error.error}`,
      (frame, text) => {
        const model = { organization: text, role: 'member', email: text, step: 'register' } as const;
        return invitationPage({ ...frame, ...model, least: 12, error });
      },
    ]),
  ),
  joined: (frame, text) => joinedPage({ ...frame, organization: text }),
  organization: (frame, text) => {
    const organizations = [text, `${text}.`].map((name) => ({ id: name, name }));
    return organizationPage({ ...frame, organizations, current: text });
  },
  ...accountPages,
  ...adminPages,
  ...securityPages,
  ...devicePages,
  ...Object.fromEntries(
    statuses.map((status): [string, Sample] => [
      `${status}`,
      (frame, text) => errorPage({ ...frame, status, requestId: text, sentence: text }),
    ]),
  ),
  '404 by itself': (frame, text) => errorPage({ ...frame, status: 404, requestId: text }),
};

/** Pages that bring a layout of their own. */
export const others: Record<string, Sample> = {
  reference: (frame) => referencePage({ ...frame, documentUrl: '/4711' }),
  'reference, signed out': (frame) => referencePage({ ...frame, account: undefined, documentUrl: '/4711' }),
};

/** A name and no style. */
export const plainBrand: ShownBrand = { name: 'Postern', style: html`` };

/** What is around every page. */
export function createFrame(locale: Locale, text: string): Frame {
  return { base: '/auth', csrf: text, locale, brand: plainBrand, account: { email: text } };
}

/** The page of a device that differs in everything from who looks at it. */
export function confirmModel(frame: Frame, text: string): ConfirmModel {
  return {
    ...frame,
    ticket: text,
    userCode: text,
    client: { name: text, publisher: text, isFirstTime: true },
    scopes: [{ name: text, description: text }, { name: text }, { name: 'offline_access' }],
    api: { name: text, uri: text },
    accessSeconds: 3600,
    stayingSignedInSeconds: 31_536_000,
    device: {
      address: text,
      network: { owner: text, country: text },
      system: undefined,
      program: { version: text },
      at: new Date('2026-01-02T02:00:00Z'),
    },
    you: {
      address: `${text}.`,
      network: { owner: `${text}.`, country: `${text}.` },
      system: `${text}.`,
      program: { name: text, version: text },
      at: new Date('2026-01-02T03:04:05Z'),
    },
  };
}

function each<State extends string>(
  states: readonly State[],
  name: string,
  sample: (state: State) => Sample,
): Record<string, Sample> {
  return Object.fromEntries(states.map((state) => [`${name}, ${state}`, sample(state)]));
}
