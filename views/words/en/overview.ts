/** The first page of an account. */
export const overview = {
  title: 'Your account',
  lead: 'See and steer what acts in your name.',
  connect: 'Connect a device',
};
