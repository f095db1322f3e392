const sentences = [
  'Some fields are wrong',
  'This has been changed meanwhile',
  'This is not allowed',
  'write a name',
  'write 1 to 100 characters, none of them a control character',
  'write at most 100 characters',
  'write at most 1000 characters',
  'write an address such as 192.0.2.1, or a range such as 192.0.2.0/24',
  'write a time such as 2030-01-31T12:00:00Z',
  'write a time to come',
  'your organization demands an expiry date',
  'your organization does not allow this in a token',
  'this is more than you may do yourself',
  'this is more than the owner may do',
  'this needs more than you have yourself',
  'write an email address',
  'An organization needs an administrator; make somebody else one first',
  'people would take it for another program',
  'write the name that people will see',
  'write at least one scope',
  'you do not have this yourself',
  'the program has this, and you do not',
  'This program has two secrets; end one of them first',
  'There is an API of this URI already',
  'write an absolute URI without a fragment, such as https://api.example.com',
  'write at most 500 characters',
  'write 1 to 200 characters, none of them a control character',
  'leave it out: this scope belongs to the protocol',
  'write 1 to 100 visible ASCII characters without spaces, quotes and backslashes',
  'write seconds from 60 to 315360000',
  'One of these scopes does not exist',
] as const;

/** What the management API says of wrong fields and of refusals: in English as it says it. */
export const problems = Object.fromEntries(sentences.map((sentence) => [sentence, sentence])) as Record<
  (typeof sentences)[number],
  string
>;
