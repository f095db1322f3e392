import { html } from '../../html.ts';
import type { outcome as english } from '../en/outcome.ts';

/** The last page of a device login: how the request of the device ended. */
export const outcome: typeof english = {
  someDevice: html`das Gerät`,
  enterNewCode: 'Neuen Code eingeben',
  allowed: {
    heading: 'Ihr Gerät ist verbunden',
    sentence: (client) =>
      html`Sie haben ${client} zugelassen. Gehen Sie zurück zu Ihrem Gerät; dort geht es gleich von selbst weiter.`,
  },
  denied: {
    heading: 'Sie haben abgelehnt',
    sentence: (client) =>
      html`Sie haben ${client} nicht zugelassen. Es wurde nichts weitergegeben. Wenn es doch Ihr Gerät war, gehen Sie dorthin zurück und beginnen Sie noch einmal.`,
  },
  expired: {
    heading: 'Dieser Code ist abgelaufen',
    sentence:
      'Es wurde nichts weitergegeben. Gehen Sie zurück zu Ihrem Gerät und fordern Sie dort einen neuen Code an.',
  },
  already_used: {
    heading: 'Dieser Code wurde schon verwendet',
    sentence:
      'Er wurde bereits beantwortet. Gehen Sie zurück zu Ihrem Gerät; wenn es noch wartet, fordern Sie dort einen neuen Code an.',
  },
  refused: {
    heading: 'Ein anderes Konto hat diesen Code geöffnet',
    sentence:
      'Nur das Konto, das ihn geöffnet hat, darf antworten. Gehen Sie zurück zu Ihrem Gerät und fordern Sie dort einen neuen Code an.',
  },
  powerless: {
    heading: 'Das können Sie nicht zulassen',
    sentence:
      'Es wurde nichts weitergegeben. Seit die Seite geladen wurde, haben sich Ihre Berechtigungen geändert. Geben Sie den Code noch einmal ein, um zu sehen, was noch geht.',
  },
};
