import { html, type Renderable } from '../../html.ts';

/** How somebody signs in, among the pages of their account. */
export const security = {
  title: 'Security',
  lead: 'How you sign in, and where you are signed in.',
  password: {
    title: 'Password',
    changed: (when: Renderable) => html`Changed ${when}.`,
    none: 'You have no password: you sign in elsewhere.',
    present: 'Present password',
    next: 'New password',
    nextHint: (least: number) =>
      `At least ${least} characters. A few words that do not belong together are good.`,
    again: 'The new password again',
    ends: {
      devices: (count: number, number: string) =>
        count === 1 ? 'sign out my only device or app' : `sign out my ${number} devices and apps`,
      tokens: (count: number, number: string) =>
        count === 1 ? 'disable my only API token' : `disable my ${number} API tokens`,
      shared: (count: number, number: string) =>
        count === 1 ? 'end my value of a shared token' : `end my values of ${number} shared tokens`,
    },
    and: (acts: string, another: string) => `${acts}, and ${another}`,
    endsToo: (acts: string) => `Also ${acts}`,
    nothingEnds: 'You have no devices or apps that could be signed out, and no API tokens to disable.',
    effect: 'Your sessions in other browsers end.',
    change: 'Change the password',
    done: 'Your password is changed.',
    errors: {
      wrong: 'The present password is not right. Nothing was changed.',
      different: 'The two new passwords are not the same. Type both again.',
      too_short: (least: number) => `This password is too short. Use at least ${least} characters.`,
      too_long: (most: number) => `This password is too long. Use at most ${most} characters.`,
      control_character:
        'This password has a character in it that cannot be typed everywhere. Choose another one.',
      guessable: 'This password is easy to guess. Choose one that nobody would think of.',
      changed_meanwhile: 'Your password was changed meanwhile. Nothing was changed now.',
    },
  },
  totp: {
    title: 'Authenticator app',
    on: (when: Renderable) => html`Set up ${when}. After your password you are asked for a code.`,
    off: 'A second step after your password: a code from an app on your phone.',
    setUp: 'Set up an app',
    replace: 'Set up another app',
    remove: 'Remove the app',
    scanTitle: 'Set up an authenticator app',
    scan: 'Scan this with the app, or type the secret into it. Then enter the code that it shows.',
    qr: 'QR code of the secret',
    secret: 'Secret',
    code: 'Code',
    codeHint: 'Six digits, as the app shows them now.',
    confirm: 'Set up',
    wrong: 'This code does not fit. Check the clock of your phone, and enter the code that it shows now.',
    over: 'The time for this is over. Scan the new code.',
  },
  passkeys: {
    title: 'Passkeys',
    lead: 'Sign in with your fingerprint, face or security key instead of a password. Whoever has one is asked for it, or for a recovery code, after the password.',
    impossible:
      'Browsers offer passkeys only where this server has an https address with a name. Ask who runs it.',
    synced: 'on several devices',
    added: (when: Renderable) => html`added ${when}`,
    used: (when: Renderable) => html`used ${when}`,
    unused: 'never used',
    name: 'Name',
    nameHint: 'What you will know it by, such as the name of your computer.',
    add: 'Add a passkey',
    create: 'Make the passkey',
    rename: 'Rename',
    remove: 'Remove',
    addLead: 'Your browser asks where to keep it, then who you are.',
    needsScript: 'Passkeys need a browser that knows them, with scripts switched on.',
    errors: {
      name: 'Write a name of 1 to 100 characters.',
      refused: 'This passkey was not taken. Try again.',
      over: 'The time for this is over, or the passkey is registered already. Try again.',
    },
  },
  codes: {
    title: 'Recovery codes',
    left: (count: number, text: string) =>
      count === 1 ? 'One is left.' : `${text} are left. Each lets you in once without your second factor.`,
    none: 'You have none left. Without them, who loses their second factor asks the operator.',
    make: 'Make new ones',
    effect: 'The old ones stop working then.',
    shownTitle: 'Your recovery codes',
    shownLead:
      'Keep them where your phone is not: printed, or in a password manager. Each works once. They are not shown again.',
    kept: 'I have kept them',
  },
  sessions: {
    title: 'Where you are signed in',
    here: 'This browser',
    unknown: 'Unknown browser',
    since: (when: Renderable) => html`signed in ${when}`,
    from: (address: Renderable) => html`from <code>${address}</code>`,
    end: 'Sign out',
    endOthers: (count: string) => `Sign out everywhere else (${count})`,
  },
};
