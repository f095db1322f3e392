import { html } from '../../html.ts';
import type { provider as english } from '../en/provider.ts';

/** Die Anmeldung bei einem Identitätsanbieter. */
export const provider: typeof english = {
  signInWith: (name) => html`Mit <bdi>${name}</bdi> anmelden`,
  orWithPassword: 'Oder mit E-Mail und Passwort',
  leaving: {
    title: (name) => `Zu ${name}`,
    heading: (name) => html`Es geht weiter zu <bdi>${name}</bdi>`,
    lead: 'Melden Sie sich dort an, danach kommen Sie hierher zurück.',
    go: (name) => html`Weiter zu <bdi>${name}</bdi>`,
  },
  again: 'Zurück zur Anmeldung',
  problems: {
    stopped: {
      title: 'Sie sind nicht angemeldet',
      lead: (name) =>
        html`Die Anmeldung bei <bdi>${name}</bdi> wurde abgebrochen. Es hat sich nichts geändert.`,
    },
    unavailable: {
      title: 'Gerade nicht erreichbar',
      lead: (name) =>
        html`<bdi>${name}</bdi> antwortet nicht. Versuchen Sie es gleich noch einmal, oder melden Sie sich anders an.`,
    },
    untrustworthy: {
      title: 'Das hat nicht geklappt',
      lead: (name) =>
        html`Der Antwort von <bdi>${name}</bdi> ist nicht zu trauen, deshalb wurde niemand angemeldet. Versuchen Sie es noch einmal; geschieht es wieder, sagen Sie es dem Betreiber dieses Servers.`,
    },
    lost: {
      title: 'Diese Anmeldung ist vorbei',
      lead: 'Sie wurde in einem anderen Browser begonnen, ist schon abgeschlossen oder hat länger als zehn Minuten gedauert. Fangen Sie von vorn an.',
    },
    gone: {
      title: 'Diese Anmeldung gibt es nicht',
      lead: 'Melden Sie sich auf einem anderen Weg an.',
    },
    too_many_tries: {
      title: 'Zu viele Versuche',
      lead: 'Warten Sie ein paar Minuten und versuchen Sie es dann noch einmal.',
    },
    email_unverified: {
      title: 'Ihre Adresse ist nicht bestätigt',
      lead: (name) =>
        html`<bdi>${name}</bdi> sagt nicht, dass Ihre E-Mail-Adresse wirklich Ihnen gehört. Bestätigen Sie sie dort, und melden Sie sich dann noch einmal an.`,
    },
    account_exists: {
      title: 'Melden Sie sich an wie bisher',
      lead: (name, email) =>
        html`Zu <strong><bdi>${email}</bdi></strong> gibt es hier ein Konto, das nicht mit Ihrer Anmeldung bei <bdi>${name}</bdi> verbunden ist. Melden Sie sich an wie bisher, oder fragen Sie den Betreiber dieses Servers.`,
    },
    disabled: {
      title: 'Sie können sich nicht anmelden',
      lead: 'Ihr Konto ist gesperrt, oder Sie sind kein Mitglied mehr. Fragen Sie jemanden, der Ihre Organisation verwaltet.',
    },
    stranger: {
      title: 'Sie haben hier kein Konto',
      lead: (name, email) =>
        html`<bdi>${name}</bdi> kennt Sie als <strong><bdi>${email}</bdi></strong>. Bitten Sie jemanden, der Ihre Organisation verwaltet, um eine Einladung an diese Adresse.`,
      leadIn: (name, email, organization) =>
        html`<bdi>${name}</bdi> kennt Sie als <strong><bdi>${email}</bdi></strong>. Bitten Sie jemanden, der <bdi>${organization}</bdi> verwaltet, um eine Einladung an diese Adresse.`,
    },
  },
};
