const sentences = [
  'you may do nothing at this API',
  'there is no such API',
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
] as const;

/** What the management API says of wrong fields and of refusals: in English as it says it. */
export const problems = Object.fromEntries(sentences.map((sentence) => [sentence, sentence])) as Record<
  (typeof sentences)[number],
  string
>;
