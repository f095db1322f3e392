/** The page at the issuer's own address. */
export const welcome = {
  title: 'Welcome',
  heading: 'The side door for programs',
  lead: 'This server signs in command-line tools, devices and machines, so that they can use an API for you.',
  enterCode: 'Enter a code',
  forPrograms: 'For programs:',
  metadata: "the server's metadata",
  forAuthors: 'For developers:',
  reference: 'the API reference',
};
