import { html, type Renderable } from '../../html.ts';

/** The pages of members and invitations. */
export const members = {
  title: 'Members',
  lead: 'Everybody in the organization, and what they may do.',
  empty: 'You are the only one here. Invite those who work with you.',
  columns: { email: 'Email', role: 'Role', state: 'State', joined: 'Joined' },
  roles: { administrator: 'Administrator', member: 'Member' },
  states: { active: 'Active', disabled: 'Disabled' },
  invitations: {
    title: 'Open invitations',
    columns: { email: 'Email', role: 'Role', ends: 'Ends', acts: 'What to do' },
    none: 'Nobody has an open invitation.',
    more: 'There are more; take back what is no longer needed.',
    takeBack: 'Take back',
  },
  invite: {
    title: 'Invite somebody',
    lead: 'They get a link that works once, for seven days, and for their address alone.',
    email: 'Email',
    role: 'Role',
    roleHint: 'It can be changed later, and single permissions too.',
    isMember: 'this person is a member already',
    submit: 'Make the link',
    cancel: 'Cancel',
  },
  link: {
    title: 'Their link',
    lead: (email: Renderable) =>
      html`For <strong><bdi>${email}</bdi></strong>, and shown once. Hand it to them alone: whoever has it can open an account of this address.`,
    mailed: 'It has been sent to them by mail too.',
    done: 'To the members',
  },
  facts: { role: 'Role', state: 'State', joined: 'Joined', disabled: 'Disabled', holds: 'Has here' },
  holds: (tokens: string, devices: string) => `API tokens: ${tokens}; signed-in devices and apps: ${devices}`,
  acts: {
    role: 'Change the role',
    roleHint: 'What was given or taken besides stays so.',
    permissions: 'What they may do',
    permissionsHint: 'The role decides, unless you tick or untick. You can give only what you have yourself.',
    save: 'Save what they may do',
    given: 'Given beyond the role',
    taken: 'Taken from the role',
    provider: 'Signs in at an identity provider',
    providerHint:
      'Whoever is signed in otherwise does nothing here then. API tokens keep working, legacy ones stop.',
    saveProvider: 'Save how they sign in',
    disable: 'Disable',
    disableHint: 'They and all their tokens here stop at once. Enabled again, all is as before.',
    enable: 'Enable',
    remove: 'Remove',
  },
  removal: {
    plainTitle: 'Remove a member',
    title: (email: Renderable) => html`Remove <bdi>${email}</bdi>?`,
    lead: 'They leave this organization at once. This cannot be undone; disabling can.',
    losses: (tokens: string, devices: string) =>
      `What ends with it for good: API tokens of theirs here: ${tokens}; signed-in devices and apps: ${devices}.`,
    confirm: 'Remove them for good',
    cancel: 'Cancel',
  },
};
