import { html } from '../../html.ts';
import type { join as english } from '../en/join.ts';

/** The pages that a link of an invitation leads to. */
export const join: typeof english = {
  title: 'Ihre Einladung',
  lead: 'Jemand hat Sie in eine Organisation eingeladen. Fügen Sie den Link ein, den Sie bekommen haben.',
  link: 'Link',
  continue: 'Weiter',
  errors: {
    missing: 'Fügen Sie den Link Ihrer Einladung ein.',
    unknown:
      'Diese Einladung funktioniert nicht. Sie wurde verwendet, ist abgelaufen oder wurde zurückgezogen. Bitten Sie um eine neue.',
    too_many_tries: 'Zu viele Versuche. Warten Sie ein paar Minuten und versuchen Sie es dann noch einmal.',
  },
  joinTitle: (organization) => `${organization} beitreten`,
  joinIt: (organization) => html`<bdi>${organization}</bdi> beitreten`,
  invited: {
    administrator: (email) =>
      html`Sie sind als Mitglied mit Administrationsrechten eingeladen, unter der Adresse <strong><bdi>${email}</bdi></strong>.`,
    member: (email) =>
      html`Sie sind als Mitglied eingeladen, unter der Adresse <strong><bdi>${email}</bdi></strong>.`,
  },
  signInFirst:
    'Für diese Adresse gibt es schon ein Konto. Melden Sie sich damit an, dann können Sie beitreten.',
  signIn: 'Anmelden',
  foreign: (account, email) =>
    html`Sie sind als <strong><bdi>${account}</bdi></strong> angemeldet, diese Einladung ist aber für <strong><bdi>${email}</bdi></strong>. Melden Sie sich ab und öffnen Sie dann den Link der Einladung noch einmal.`,
  signOut: 'Abmelden',
  choosePassword: 'Passwort wählen',
  passwordHint: (least) =>
    `Mindestens ${least}\u00a0Zeichen. Gut sind ein paar Wörter, die nicht zusammengehören.`,
  passwordAgain: 'Dasselbe Passwort noch einmal',
  passwordErrors: {
    different: 'Die beiden Passwörter stimmen nicht überein. Geben Sie beide noch einmal ein.',
    too_short: (least) => `Dieses Passwort ist zu kurz. Nehmen Sie mindestens ${least}\u00a0Zeichen.`,
    too_long: (most) => `Dieses Passwort ist zu lang. Nehmen Sie höchstens ${most}\u00a0Zeichen.`,
    control_character:
      'Dieses Passwort enthält ein Zeichen, das sich nicht überall eingeben lässt. Wählen Sie ein anderes.',
    guessable: 'Dieses Passwort ist leicht zu erraten. Wählen Sie eines, auf das niemand käme.',
  },
  joinedTitle: (organization) => `Willkommen bei ${organization}`,
  joined: (organization) => html`Willkommen bei <bdi>${organization}</bdi>`,
  joinedLead:
    'Sie gehören jetzt dazu. Programme und Geräte, die Sie von nun an zulassen, dürfen dort für Sie handeln.',
  enterCode: 'Code eingeben',
};
