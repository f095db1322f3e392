import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { openBrowser } from '../support/browser.ts';
import { registerProvider, startIdentityProvider, type TestProvider } from '../support/identity-provider.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { type Hands, layHandsOn, type Means } from './hands.ts';
import { openTab, type Sight, type Tab } from './tab.ts';
import * as administration from './tasks/administration.ts';
import * as device from './tasks/device.ts';
import * as joining from './tasks/joining.ts';
import * as program from './tasks/program.ts';
import * as security from './tasks/security.ts';
import * as signIn from './tasks/sign-in.ts';
import * as token from './tasks/token.ts';
import { createWorld, type World } from './world.ts';

type Task = [name: string, task: (hands: Hands, world: World) => Promise<void>];

/** Everything that people do here, in the order in which one of them does it. */
const tasks: Task[] = [
  ['sign in at an identity provider, and out', signIn.chooseProvider],
  ['join an organization by an invitation', joining.join],
  ['join with the account that they have', joining.joinWithAccount],
  [
    'enter a code, sign in, choose where to act, let a device in and take that back',
    device.connectFirstDevice,
  ],
  ['deny a device, and report one', device.refuseDevices],
  ['type the number that a device shows', device.matchNumber],
  ['take back what was allowed, and sign out one device and all', device.signOutDevices],
  ['make, change, rotate, disable, enable, find and remove a token', token.keepToken],
  ['share a token and use it', token.shareToken],
  ['get a token as a file', token.getToken],
  ['set policies', administration.setPolicies],
  ['approve and refuse tokens', token.decideOnTokens],
  ['invite, change, disable, enable and remove members', administration.manageMembers],
  ['register, change and remove a program, and replace its secret', program.keepProgram],
  ['demand something of who lets devices in', program.demandOfDevices],
  ['register and change an API', program.keepApi],
  ['rotate and revoke signing keys', administration.changeKeys],
  ['read the log, drawn, filtered and as a file', administration.readLog],
  ['change the password', security.changePassword],
  ['learn that a device needs a second factor', security.lackSecondFactor],
  ['set up a second factor, prove it and remove it', security.useSecondFactor],
  ['end sessions elsewhere', security.endSessions],
];

/** Plays all of it, and `more`, in one tab, as one person, by the means that `prepare` lays open. Nothing may go wrong in the browser on the way. */
export function walk(sight: Sight, prepare: (page: Page) => Promise<Means>, more: Task[]): void {
  let server: TestServer;
  let provider: TestProvider;
  let browser: Browser;
  let tab: Tab;
  let hands: Hands;
  let world: World;
  before(async () => {
    const settings = { POSTERN_API_RATE_LIMIT: '10000' };
    [server, browser] = await Promise.all([startServer({ settings }), openBrowser()]);
    provider = await startIdentityProvider([`${server.issuer}/sign-in/callback/acme`]);
    provider.person = { sub: 'wile', email: 'wile@acme.example', email_verified: true };
    await registerProvider(server, provider, { domains: ['acme.example'] });
    world = await createWorld(server);
    tab = await openTab(browser, sight);
    hands = layHandsOn(tab.page, server.issuer, await prepare(tab.page));
  });
  after(async () => {
    await tab?.close();
    await browser?.close();
    await provider?.stop();
    await server?.stop();
  });
  for (const [name, task] of [...tasks, ...more])
    it(name, async () => {
      await task(hands, world);
      assert.deepEqual(tab.complaints.splice(0), []);
    });
}
