/** Every kind of mail, in plain text: the same words stand in both of its parts. */
export const mail = {
  footer: (name: string, host: string) =>
    `${name} (${host}) has sent this by itself. Nobody reads answers to it.`,
  facts: { when: 'When', where: 'From', program: 'Program', token: 'Token', organization: 'Organization' },
  unknownSystem: 'a system that it does not name',
  invitation: {
    subject: (organization: string) => `You are invited to ${organization}`,
    lead: (inviter: string, organization: string) => `${inviter} invites you to join ${organization}.`,
    action: 'Look at the invitation',
    until: (end: string) =>
      `The link works once, for your address alone, until ${end}. Keep it to yourself: it lets whoever has it choose your password.`,
    otherwise: 'If you do not know what this is about, leave it: nothing happens without you.',
  },
  deviceApproved: {
    subject: (program: string) => `A device was allowed: ${program}`,
    lead: 'Somebody who is signed in as you has let a device in.',
    otherwise: 'If that was not you, sign the device out now, and change your password:',
    action: 'Your devices and apps',
  },
  deviceReported: {
    subject: (program: string) => `Somebody did not start this: ${program}`,
    lead: (person: string, organization: string) =>
      `${person} in ${organization} was asked to let a device in and says that they did not start it. Somebody may be sending codes to your people. The request has ended, and so has every other one from the same network.`,
    ended: 'Requests that ended',
    action: 'The audit log',
  },
  tokenExpiry: {
    subject: (token: string, days: number) =>
      days === 1 ? `Your token ${token} ends within a day` : `Your token ${token} ends in ${days} days`,
    lead: (token: string, end: string) => `Your API token ${token} ends at ${end}.`,
    after: 'Programs that use it are refused from then on. Make a new one, or move its end:',
    action: 'Your tokens',
  },
  tokenWaiting: {
    subject: (token: string) => `A token waits for approval: ${token}`,
    lead: (owner: string, organization: string) =>
      `${owner} has made an API token in ${organization}, which works when an administrator approves it.`,
    reason: 'Reason',
    action: 'Tokens that wait',
  },
  signIn: {
    subject: 'A new sign-in to your account',
    lead: 'Somebody has signed in as you with a browser in which you had not signed in before.',
    otherwise: 'If that was not you, change your password and end that session:',
    action: 'Your security',
  },
  test: {
    subject: 'A test',
    lead: 'This mail shows that mail can be sent.',
  },
};
