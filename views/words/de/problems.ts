import type { problems as english } from '../en/problems.ts';

/** What the management API says of wrong fields and of refusals. */
export const problems: typeof english = {
  'you may do nothing at this API': 'Sie dürfen an dieser API nichts',
  'there is no such API': 'diese API gibt es nicht',
  'Some fields are wrong': 'Einige Felder sind nicht richtig ausgefüllt',
  'This has been changed meanwhile': 'Dies wurde inzwischen geändert',
  'This is not allowed': 'Dies ist nicht erlaubt',
  'write a name': 'geben Sie einen Namen ein',
  'write 1 to 100 characters, none of them a control character':
    'geben Sie 1 bis 100 Zeichen ein, ohne Steuerzeichen',
  'write at most 100 characters': 'geben Sie höchstens 100 Zeichen ein',
  'write at most 1000 characters': 'geben Sie höchstens 1000 Zeichen ein',
  'write an address such as 192.0.2.1, or a range such as 192.0.2.0/24':
    'geben Sie eine Adresse wie 192.0.2.1 oder einen Bereich wie 192.0.2.0/24 ein',
  'write a time such as 2030-01-31T12:00:00Z': 'geben Sie ein Datum wie 2030-01-31 ein',
  'write a time to come': 'geben Sie ein Datum ein, das noch kommt',
  'your organization demands an expiry date': 'Ihre Organisation verlangt ein Ablaufdatum',
  'your organization does not allow this in a token': 'Ihre Organisation erlaubt dies in einem Token nicht',
  'this is more than you may do yourself': 'das ist mehr, als Sie selbst dürfen',
  'this is more than the owner may do': 'das ist mehr, als der Eigentümer darf',
};
