import { html } from '../../html.ts';
import type { signIn as english } from '../en/sign-in.ts';

/** The page that asks who somebody is. */
export const signIn: typeof english = {
  title: 'Anmelden',
  lead: 'Melden Sie sich mit Ihrem Konto an.',
  leadWithCode: (userCode) =>
    html`Melden Sie sich an, um das Gerät zuzulassen, das <code><bdi>${userCode}</bdi></code> anzeigt.`,
  email: 'E-Mail-Adresse',
  password: 'Passwort',
  submit: 'Anmelden',
  byOrganization: 'Über meine Organisation anmelden',
  enterAnotherCode: 'Anderen Code eingeben',
  demoEmail: 'E-Mail-Adresse zum Ausprobieren',
  demoPassword: 'Passwort zum Ausprobieren',
  errors: {
    missing: 'Geben Sie Ihre E-Mail-Adresse und Ihr Passwort ein.',
    wrong:
      'E-Mail-Adresse und Passwort passen nicht zusammen. Prüfen Sie beide und versuchen Sie es noch einmal.',
    too_many_tries: 'Zu viele Versuche. Warten Sie ein paar Minuten und versuchen Sie es dann noch einmal.',
    no_provider:
      'Für diese E-Mail-Adresse hat hier keine Organisation eine eigene Anmeldung. Prüfen Sie sie, oder melden Sie sich mit Ihrem Passwort an.',
    passkey: 'Dieser Passkey gilt hier nicht. Melden Sie sich mit Ihrem Passwort an.',
  },
};
