import { html, type Renderable } from '../../html.ts';

/** What a person has let in, and how it gets out again. */
export const devices = {
  title: 'Devices and apps',
  lead: 'Everything that you have let into your account, and that can still act for you.',
  none: 'Nothing is signed in. Where a program or device shows you a code, enter it here.',
  connect: 'Connect a device',
  unnamed: 'A program that is not registered any more',
  since: 'Since',
  until: 'Until, at the latest',
  allowedFrom: (address: Renderable) => html`allowed from <bdi>${address}</bdi>`,
  device: 'The device asked from',
  lastUsed: 'Last used',
  notYet: 'Not yet',
  from: (address: Renderable) => html`from <bdi>${address}</bdi>`,
  mayDo: 'May do',
  signOut: 'Sign out',
  signOutAll: 'Sign out all',
  signOutHint: 'Every token that it got stops working at once. To come back it needs your approval again.',
  allTitle: (count: number) =>
    count === 1 ? 'Sign out your only device?' : `Sign out all ${count} devices and apps?`,
  allLead:
    'Every token that they got stops working at once, and what runs with one fails. Each needs your approval to come back. Your sessions in browsers and your API tokens stay.',
  back: 'Leave them signed in',
  recent: 'Allowed lately',
  furtherRecent: 'Everything else that you allowed lately',
  notice: (client: Renderable, ago: Renderable, address: Renderable | undefined) =>
    html`You allowed <strong><bdi>${client}</bdi></strong> ${ago}${address !== undefined && html` from <bdi>${address}</bdi>`}.`,
};
