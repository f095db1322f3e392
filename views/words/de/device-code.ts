import type { deviceCode as english } from '../en/device-code.ts';

/** The page that asks for the code a device shows. */
export const deviceCode: typeof english = {
  title: 'Gerät verbinden',
  lead: 'Ein Programm oder Gerät hat Sie hierher geschickt. Geben Sie den Code ein, den es anzeigt.',
  code: 'Code',
  hint: 'Acht Buchstaben wie WDJB-MJHT, auf dem Bildschirm Ihres Geräts oder in Ihrem Terminal.',
  continue: 'Weiter',
  note: 'Geben Sie nur einen Code ein, den Sie selbst angefordert haben. Niemand muss Ihnen einen schicken.',
  errors: {
    missing: 'Geben Sie den Code ein, den Ihr Gerät anzeigt.',
    unknown:
      'Dieser Code funktioniert nicht. Vergleichen Sie ihn mit Ihrem Gerät, oder fordern Sie dort einen neuen an.',
    must_be_typed:
      'Für dieses Programm müssen Sie den Code selbst eintippen: Lesen Sie ihn von Ihrem eigenen Gerät ab, nicht aus einem Link oder einer Nachricht.',
    too_many_tries: 'Zu viele Versuche. Warten Sie ein paar Minuten und versuchen Sie es dann noch einmal.',
    sign_in_first:
      'Sie sind nicht mehr angemeldet. Geben Sie den Code noch einmal ein und melden Sie sich dann an.',
  },
};
