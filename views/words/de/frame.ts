import { html } from '../../html.ts';
import type { frame as english } from '../en/frame.ts';

/** What stands around every page. */
export const frame: typeof english = {
  skip: 'Zum Inhalt springen',
  signedInAs: (email) => html`Angemeldet als <strong><bdi>${email}</bdi></strong>`,
  notYou: 'Nicht Sie?',
  signOut: 'Abmelden',
  requestId: 'Anfrage-ID:',
  error: 'Fehler:',
  errorTitle: (title) => `Fehler: ${title}`,
  menu: 'Menü',
  yourAccount: 'Ihr Konto',
  actingIn: 'Sie handeln für',
  changeOrganization: 'Für eine andere Organisation handeln',
  getToken: 'Token holen',
  language: 'Sprache',
  yours: 'Ihres',
  organization: 'Organisation',
  places: {
    '/account': 'Überblick',
    '/account/tokens': 'Tokens',
    '/account/shared-tokens': 'Gemeinsame Tokens',
    '/account/devices': 'Geräte und Apps',
    '/account/security': 'Sicherheit',
    '/api/docs': 'API-Referenz',
    '/device': 'Gerät verbinden',
    '/admin': 'Aktivität',
    '/admin/members': 'Mitglieder',
    '/admin/tokens': 'Alle Tokens',
    '/admin/clients': 'Clients',
    '/admin/resources': 'Ressourcen',
    '/admin/keys': 'Schlüssel',
    '/admin/audit': 'Protokoll',
    '/admin/policies': 'Richtlinien',
  },
};
