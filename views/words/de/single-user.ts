import type { singleUser as english } from '../en/single-user.ts';

/** Wo es nur eine Person gibt und keine Anmeldung. */
export const singleUser: typeof english = {
  mode: 'Einzelplatzbetrieb',
  onlyHere:
    'Dieser Server hat keine Anmeldung. Öffnen Sie ihn in einem Browser auf seinem eigenen Rechner, unter seiner eigenen Adresse:',
};
