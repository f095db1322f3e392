import type { welcome as english } from '../en/welcome.ts';

/** The page at the issuer's own address. */
export const welcome: typeof english = {
  title: 'Willkommen',
  heading: 'Der Nebeneingang für Programme',
  lead: 'Dieser Server meldet Kommandozeilenprogramme, Geräte und Maschinen an, damit sie eine API für Sie nutzen können.',
  enterCode: 'Code eingeben',
  forPrograms: 'Für Programme:',
  metadata: 'die Server-Metadaten',
  forAuthors: 'Zum Programmieren:',
  reference: 'die API-Referenz',
};
