import { html } from '../../html.ts';
import type { factors as english } from '../en/factors.ts';

/** Beweisen, wer man ist, neben dem Passwort oder ohne. */
export const factors: typeof english = {
  title: 'Noch ein Schritt',
  lead: (email) =>
    html`Ihr Passwort stimmt. Zeigen Sie nun, dass Sie es sind, <strong><bdi>${email}</bdi></strong>.`,
  usePasskey: 'Passkey verwenden',
  failed:
    'Das hat nicht geklappt oder wurde abgebrochen. Versuchen Sie es noch einmal oder auf einem anderen Weg.',
  needsScript: 'Ihr Passkey braucht einen Browser, in dem Skripte eingeschaltet sind.',
  code: 'Code',
  codeHint: 'Sechs Ziffern aus Ihrer Authenticator-App oder einer Ihrer Wiederherstellungscodes.',
  recoveryCode: 'Wiederherstellungscode',
  recoveryHint: 'So, wie ihn Ihre Authenticator-App oder Ihre Liste zeigt.',
  continue: 'Weiter',
  again: 'Von vorn beginnen',
  password: 'Passwort',
  stepUpTitle: 'Sind Sie es noch?',
  stepUpLead:
    'Für den nächsten Schritt müssen wir uns Ihrer sicher sein. Zeigen Sie noch einmal, wer Sie sind; danach geht es dort weiter, wo Sie waren.',
  signInAgain: 'Sie haben hier kein Passwort. Melden Sie sich ab und dann wie zuvor wieder an.',
  signInAgainAt: (provider) => html`Noch einmal bei <bdi>${provider}</bdi> anmelden`,
  noFactorTitle: 'Ein zweiter Faktor ist nötig',
  noFactorLead:
    'Dafür genügt ein Passwort nicht. Richten Sie zuerst eine Authenticator-App oder einen Passkey ein.',
  setUp: 'Jetzt einrichten',
  errors: {
    missing: 'Füllen Sie aus, wonach gefragt wird.',
    wrong:
      'Dieser Code gilt nicht. Jeder gilt einmal; warten Sie auf den nächsten oder nehmen Sie einen anderen.',
    wrong_password: 'Das ist nicht Ihr Passwort. Versuchen Sie es noch einmal.',
    passkey: 'Dieser Passkey gilt hier nicht. Wählen Sie einen anderen Weg.',
    too_many_tries: 'Zu viele Versuche. Warten Sie einige Minuten und versuchen Sie es dann noch einmal.',
    provider_stopped:
      'Die Anmeldung dort wurde abgebrochen. Versuchen Sie es noch einmal oder wählen Sie einen anderen Weg.',
    provider_unavailable:
      'Von dort kommt gerade keine Antwort. Versuchen Sie es gleich noch einmal oder wählen Sie einen anderen Weg.',
    provider_not_anew:
      'Die Antwort von dort sagt nicht sicher, dass Sie sich eben angemeldet haben. Versuchen Sie es noch einmal oder wählen Sie einen anderen Weg.',
    provider_other_person: 'Dort hat sich jemand anderes angemeldet. Melden Sie sich als Sie selbst an.',
    provider_single_factor:
      'Sie haben sich dort angemeldet, aber soweit wir erfahren ohne zweiten Faktor. Er ist weiterhin nötig.',
  },
};
