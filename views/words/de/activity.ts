import { html } from '../../html.ts';
import type { activity as english } from '../en/activity.ts';

/** The page that draws what has happened lately. */
export const activity: typeof english = {
  title: 'Aktivität',
  lead: 'Was in den letzten 30 Tagen in der Organisation geschehen ist, gezählt in UTC.',
  tokens: { title: 'Tokens', good: 'Ausgestellt', bad: 'Abgelehnt' },
  signIns: { title: 'Anmeldungen', good: 'Erfolgreich', bad: 'Fehlgeschlagen' },
  devices: { title: 'Geräte', good: 'Zugelassen', bad: 'Abgewiesen' },
  quiet: 'Nichts in diesen 30 Tagen.',
  most: (count) => `Höchstens ${count} an einem Tag`,
  asTable: 'Als Tabelle',
  day: 'Tag',
  log: 'Alles einzeln im Protokoll ansehen',
  waiting: {
    title: 'Wartet auf Sie',
    tokens: (count) => html`Zu genehmigende Tokens: <strong>${count}</strong>`,
    invitations: (count) => html`Offene Einladungen: <strong>${count}</strong>`,
    nothing: 'Nichts wartet auf Sie.',
  },
};
