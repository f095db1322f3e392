import { html } from '../../html.ts';
import type { members as english } from '../en/members.ts';

/** The pages of members and invitations. */
export const members: typeof english = {
  title: 'Mitglieder',
  lead: 'Alle in der Organisation und was sie dürfen.',
  empty: 'Sie sind allein hier. Laden Sie ein, wer mit Ihnen arbeitet.',
  columns: { email: 'E-Mail', role: 'Rolle', state: 'Zustand', joined: 'Beigetreten' },
  roles: { administrator: 'Administration', member: 'Mitglied' },
  states: { active: 'Aktiv', disabled: 'Deaktiviert' },
  invitations: {
    title: 'Offene Einladungen',
    columns: { email: 'E-Mail', role: 'Rolle', ends: 'Endet', acts: 'Möglichkeiten' },
    none: 'Es gibt keine offenen Einladungen.',
    more: 'Es gibt noch mehr. Nehmen Sie zurück, was niemand mehr braucht.',
    takeBack: 'Zurücknehmen',
  },
  invite: {
    title: 'Jemanden einladen',
    lead: 'Der Link gilt einmal, sieben Tage lang und nur für diese Adresse.',
    email: 'E-Mail',
    role: 'Rolle',
    roleHint: 'Sie lässt sich später ändern, einzelne Berechtigungen auch.',
    isMember: 'diese Person ist schon Mitglied',
    submit: 'Link erstellen',
    cancel: 'Abbrechen',
  },
  link: {
    title: 'Der Link',
    lead: (email) =>
      html`Für <strong><bdi>${email}</bdi></strong>; er wird nur dieses eine Mal gezeigt. Geben Sie ihn keinem anderen Menschen: Wer ihn hat, kann ein Konto mit dieser Adresse anlegen.`,
    mailed: 'Er wurde auch per E-Mail verschickt.',
    done: 'Zu den Mitgliedern',
  },
  facts: {
    role: 'Rolle',
    state: 'Zustand',
    joined: 'Beigetreten',
    disabled: 'Deaktiviert',
    holds: 'Hat hier',
  },
  holds: (tokens, devices) => `API-Tokens: ${tokens}; angemeldete Geräte und Apps: ${devices}`,
  acts: {
    role: 'Rolle ändern',
    roleHint: 'Was darüber hinaus gegeben oder genommen wurde, bleibt so.',
    permissions: 'Was dieses Mitglied darf',
    permissionsHint:
      'Das bestimmt die Rolle, außer wo Sie einen Haken setzen oder wegnehmen. Geben können Sie nur, was Sie selbst haben.',
    save: 'Berechtigungen speichern',
    given: 'Zusätzlich zur Rolle',
    taken: 'Der Rolle genommen',
    provider: 'Meldet sich bei einem Identitätsanbieter an',
    providerHint:
      'Wer anders angemeldet ist, kann hier dann nichts mehr tun. API-Tokens gelten weiter, frühere Zugänge nicht.',
    saveProvider: 'Anmeldung speichern',
    disable: 'Deaktivieren',
    disableHint:
      'Das Mitglied und alle seine Tokens hier haben sofort keinen Zugang mehr. Nach dem Aktivieren ist alles wie zuvor.',
    enable: 'Aktivieren',
    remove: 'Entfernen',
  },
  removal: {
    plainTitle: 'Mitglied entfernen',
    title: (email) => html`<bdi>${email}</bdi> entfernen?`,
    lead: 'Die Person gehört dann nicht mehr zur Organisation. Das lässt sich nicht rückgängig machen, Deaktivieren schon.',
    losses: (tokens, devices) =>
      `Damit enden endgültig: eigene API-Tokens hier: ${tokens}; angemeldete Geräte und Apps: ${devices}.`,
    confirm: 'Endgültig entfernen',
    cancel: 'Abbrechen',
  },
};
