/** The page that asks where to act. */
export const organization = {
  title: 'Choose an organization',
  heading: 'Where do you want to act?',
  lead: 'You belong to several organizations. What you allow a device counts in the one that you choose.',
  current: '(now)',
};
