import { html } from '../../html.ts';
import type { outcome as english } from '../en/outcome.ts';

/** The last page of a device login: how the request of the device ended. */
export const outcome: typeof english = {
  someDevice: html`das Gerät`,
  enterNewCode: 'Neuen Code eingeben',
  undo: 'Rückgängig machen',
  undoHint:
    'Anders überlegt? Rückgängig machen meldet das Gerät sofort ab. Das geht auch später noch, unter Ihren Geräten und Apps.',
  allowed: {
    heading: 'Ihr Gerät ist verbunden',
    sentence: (client) =>
      html`Sie haben ${client} zugelassen. Gehen Sie zurück zu Ihrem Gerät; dort geht es in wenigen Sekunden von selbst weiter.`,
  },
  denied: {
    heading: 'Sie haben abgelehnt',
    sentence: (client) =>
      html`Sie haben ${client} nicht zugelassen. Es wurde nichts weitergegeben. Wenn es doch Ihr Gerät war, gehen Sie dorthin zurück und beginnen Sie noch einmal.`,
  },
  undone: {
    heading: 'Rückgängig gemacht',
    sentence: (client) =>
      html`Sie haben ${client} abgemeldet; nichts davon gilt noch. Wenn Sie es doch möchten, beginnen Sie auf Ihrem Gerät von vorn.`,
  },
  reported: {
    heading: 'Niemand kommt hinein',
    sentence:
      'Die Anfrage ist beendet und jede andere, die aus demselben Netz noch wartete. Die Administration kann sehen, dass Sie es nicht waren. Mehr brauchen Sie nicht zu tun.',
  },
  numbers_spent: {
    heading: 'Das war nicht die Zahl',
    sentence:
      'Drei Zahlen waren falsch, deshalb gilt dieser Code nicht mehr. Es wurde nichts weitergegeben. Wenn es Ihr eigenes Gerät ist, fordern Sie dort einen neuen Code an.',
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
