/** The page that asks for the code a device shows. */
export const deviceCode = {
  title: 'Connect a device',
  lead: 'A program or device asked you to come here. Type the code it shows.',
  code: 'Code',
  hint: 'Eight letters, like WDJB-MJHT, on the screen of your device or in your terminal.',
  continue: 'Continue',
  note: 'Only enter a code that you asked for yourself. Nobody needs to send you one.',
  errors: {
    missing: 'Enter the code that your device shows.',
    unknown: 'This code does not work. Check it on your device, or ask there for a new one.',
    must_be_typed:
      'For this program, type the code yourself: read it off your own device, not from a link or a message.',
    too_many_tries: 'Too many tries. Wait a few minutes, then try again.',
    sign_in_first: 'You are not signed in any more. Enter the code again, then sign in.',
  },
};
