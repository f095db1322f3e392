import type { organization as english } from '../en/organization.ts';

/** The page that asks where to act. */
export const organization: typeof english = {
  title: 'Organisation wählen',
  heading: 'Für wen möchten Sie handeln?',
  lead: 'Sie gehören zu mehreren Organisationen. Was Sie einem Gerät erlauben, gilt in der, die Sie wählen.',
  current: '(jetzt)',
};
