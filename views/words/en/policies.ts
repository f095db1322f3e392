/** The page of what the organization demands of its tokens. */
export const policies = {
  title: 'Policies',
  lead: 'What the organization demands of API tokens, and of signing in.',
  saved: 'It is saved, and holds from now on.',
  days: 'Longest life of a new token, in days',
  daysHint: 'Empty: as long as one likes. It holds for new tokens and for changes.',
  expiry: 'Each token has an end',
  approval: 'An administrator approves each new token',
  limited: 'Tokens may do only what is ticked below',
  limitedHint: 'What is not ticked is taken out of every token at once, also of those in use.',
  permissions: 'What tokens may do',
  permissionsHint: 'This counts only where the box above is ticked.',
  narrowing: {
    title: 'Take permissions out of tokens?',
    lead: 'Whatever uses them may do less at once. A permission that is allowed again is theirs again.',
    losses: (tokens: string) => `Live tokens that lose a permission: ${tokens}.`,
    confirm: 'Save it',
    cancel: 'Cancel',
  },
  signIn: {
    title: 'Signing in',
    provider: 'Members sign in at an identity provider',
    providerHint:
      'Whoever has signed in otherwise can do nothing here from then on, and credentials from the earlier system stop. API tokens keep working.',
    demand: {
      title: 'Demand an identity provider?',
      lead: 'Whoever has signed in otherwise can do nothing here until they sign in there. API tokens keep working, and when it is demanded no more, all is as before.',
      losses: {
        members: (count: string) => `Members who sign in otherwise now: ${count}.`,
        devices: (count: string) => `Devices and apps that stop: ${count}.`,
        legacyTokens: (count: string) => `Credentials from the earlier system that stop: ${count}.`,
      },
      confirm: 'Demand it',
      cancel: 'Cancel',
    },
  },
  save: 'Save',
  changed: 'Somebody has changed it meanwhile. What is shown now is theirs; make your change again.',
};
