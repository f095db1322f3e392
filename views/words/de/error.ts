import type { error as english } from '../en/error.ts';

/** The page for every answer that is an error. */
export const error: typeof english = {
  enterCode: 'Code eingeben',
  statuses: {
    403: {
      heading: 'Das dürfen Sie nicht',
      sentence:
        'Ihnen fehlt die Berechtigung. Wenn Sie sie brauchen, wenden Sie sich an die Administration Ihrer Organisation.',
    },
    404: { heading: 'Diese Seite gibt es nicht', sentence: 'Prüfen Sie die Adresse auf Tippfehler.' },
    405: {
      heading: 'Das kann diese Seite nicht',
      sentence: 'Öffnen Sie sie über einen Link, oder beginnen Sie noch einmal mit Ihrem Code.',
    },
    413: {
      heading: 'Das war zu lang',
      sentence: 'Was Sie gesendet haben, ist größer, als dieser Server annimmt.',
    },
    429: {
      heading: 'Zu viele Versuche',
      sentence: 'Warten Sie ein paar Minuten und versuchen Sie es dann noch einmal.',
    },
    503: {
      heading: 'Gerade nicht verfügbar',
      sentence:
        'Etwas, das dieser Server braucht, ist nicht erreichbar. Versuchen Sie es gleich noch einmal.',
    },
  },
  formExpired: {
    heading: 'Dieses Formular ist abgelaufen',
    sentence:
      'Es wurde nichts geändert. Gehen Sie zurück, laden Sie die Seite neu und senden Sie sie noch einmal ab.',
  },
  badRequest: {
    heading: 'Das hat nicht funktioniert',
    sentence: 'Der Server konnte nicht lesen, was gesendet wurde. Beginnen Sie noch einmal.',
  },
  failure: {
    heading: 'Etwas ist schiefgegangen',
    sentence: 'Es liegt nicht an Ihnen. Versuchen Sie es gleich noch einmal.',
  },
};
