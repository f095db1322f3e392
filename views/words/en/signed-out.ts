/** The page after signing out in the browser. */
export const signedOut = {
  title: 'Signed out',
  heading: 'You are signed out',
  lead: 'This browser is signed out. Devices that you allowed stay signed in.',
  enterCode: 'Enter a code',
};
