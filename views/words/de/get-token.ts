import type { getToken as english } from '../en/get-token.ts';

/** The page that gives an access token away. */
export const getToken: typeof english = {
  title: 'Token holen',
  lead: 'Laden Sie ein kurzlebiges Access-Token als auth.json herunter, für ein Werkzeug, das Sie selbst ausführen. Es darf, was Sie dürfen.',
  api: 'Für welche API',
  download: 'auth.json herunterladen',
  none: 'Sie dürfen noch an keiner API etwas, deshalb gibt es kein Token. Fragen Sie in Ihrer Organisation nach.',
  use: 'Behalten Sie die Datei für sich. Jeder unserer Befehle liest sie:',
  end: 'Das Token endet von selbst. Bis dahin können Sie es unter Geräte und Apps abmelden.',
};
