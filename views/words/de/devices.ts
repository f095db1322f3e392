import { html } from '../../html.ts';
import type { devices as english } from '../en/devices.ts';

/** Was jemand zugelassen hat, und wie es wieder hinauskommt. */
export const devices: typeof english = {
  title: 'Geräte und Apps',
  lead: 'Alles, was Sie in Ihr Konto gelassen haben und was noch für Sie handeln kann.',
  none: 'Nichts ist angemeldet. Zeigt Ihnen ein Programm oder Gerät einen Code, geben Sie ihn hier ein.',
  connect: 'Gerät verbinden',
  unnamed: 'Ein Programm, das nicht mehr registriert ist',
  since: 'Seit',
  until: 'Längstens bis',
  allowedFrom: (address) => html`zugelassen von <bdi>${address}</bdi>`,
  device: 'Das Gerät fragte von',
  lastUsed: 'Zuletzt benutzt',
  notYet: 'Noch nicht',
  from: (address) => html`von <bdi>${address}</bdi>`,
  mayDo: 'Darf',
  signOut: 'Abmelden',
  signOutAll: 'Alle abmelden',
  signOutHint:
    'Alle Tokens, die es bekommen hat, gelten sofort nicht mehr. Danach braucht es Ihre Zustimmung von neuem.',
  allTitle: (count) =>
    count === 1 ? 'Ihr einziges Gerät abmelden?' : `Alle ${count} Geräte und Apps abmelden?`,
  allLead:
    'Alle Tokens, die sie bekommen haben, gelten sofort nicht mehr, und was mit einem läuft, scheitert. Jedes braucht Ihre Zustimmung von neuem. Ihre Sitzungen in Browsern und Ihre API-Tokens bleiben.',
  back: 'Angemeldet lassen',
  recent: 'Kürzlich zugelassen',
  furtherRecent: 'Alles andere, was Sie kürzlich zugelassen haben',
  notice: (client, ago, address) =>
    html`Sie haben <strong><bdi>${client}</bdi></strong> ${ago}${address !== undefined && html` von <bdi>${address}</bdi>`} zugelassen.`,
};
