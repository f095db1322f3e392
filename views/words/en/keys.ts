import { html, type Renderable } from '../../html.ts';

/** The pages of the signing keys. */
export const keys = {
  title: 'Keys',
  lead: 'The keys that sign JWTs, and their life. They change by themselves; there is nothing to do.',
  empty: 'There are no keys yet. The server makes one when an API takes JWTs.',
  columns: { kid: 'Key', state: 'State', life: 'Its life', needed: 'Needed until', acts: 'What to do' },
  unused: 'It has signed no token yet',
  states: {
    pending: 'Published, does not sign yet',
    active: 'Signs',
    retiring: 'Signs no more, still checks',
    retired: 'Retired',
    revoked: 'Revoked',
  },
  life: {
    published: (at: Renderable) => html`published ${at}`,
    signsFrom: (at: Renderable) => html`put to use ${at}`,
    replaced: (at: Renderable) => html`followed by the next ${at}`,
    retired: (at: Renderable) => html`signed until ${at}`,
    revoked: (at: Renderable) => html`revoked ${at}`,
  },
  rotate: {
    title: 'Begin a rotation',
    lead: 'The next key is published now, and signs when everybody had the time to learn of it.',
    losses: 'Nothing breaks, unless it signs at once.',
    immediate: 'Let it sign at once',
    immediateHint: 'Then whoever keeps the list of keys may refuse its tokens for five minutes.',
    confirm: 'Publish the next key',
    cancel: 'Cancel',
  },
  revoke: {
    act: 'Revoke',
    plainTitle: 'Revoke a key',
    title: (kid: Renderable) => html`Revoke <bdi>${kid}</bdi>?`,
    lead: 'For an emergency: when somebody else has the key. This cannot be undone.',
    losses: (until: Renderable) =>
      html`Every JWT that it has signed ends at once, for every organization; the last of them would have lived until ${until}. Where it signs, its successor does from now on.`,
    noLosses: 'It has signed no token yet. Where it signs, its successor does from now on.',
    confirm: 'Revoke it for good',
    cancel: 'Cancel',
  },
};
