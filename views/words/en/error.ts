/** The page for every answer that is an error. */
export const error = {
  enterCode: 'Enter a code',
  statuses: {
    403: {
      heading: 'This is not open to you',
      sentence: 'You lack the permission. If you need it, ask an administrator of your organization.',
    },
    404: { heading: 'There is no such page', sentence: 'Check the address for typing mistakes.' },
    405: {
      heading: 'This page cannot do that',
      sentence: 'Open it from a link, or start again with your code.',
    },
    413: { heading: 'That was too long', sentence: 'What you sent is larger than this server takes.' },
    429: { heading: 'Too many tries', sentence: 'Wait a few minutes, then try again.' },
    503: {
      heading: 'Not available just now',
      sentence: 'Something this server needs is away. Try again in a moment.',
    },
  },
  formExpired: {
    heading: 'This form has expired',
    sentence: 'Nothing was changed. Go back, load the page again and send it once more.',
  },
  badRequest: {
    heading: 'That did not work',
    sentence: 'The server could not read what was sent. Start again.',
  },
  failure: { heading: 'Something went wrong', sentence: 'It is not your fault. Try again in a moment.' },
};
