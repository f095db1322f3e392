// At 15 characters and more, the passwords that people share are no longer words but walks, runs, repetitions and
// phrases. Rules know these families; a list would hold only the members that leaked.

const walks = [
  'abcdefghijklmnopqrstuvwxyz',
  '01234567890',
  '!@#$%^&*()_+',
  '!"#$%&\'()*+,-./',
  'qwertyuiop[]',
  'qwertzuiop',
  'azertyuiop',
  'asdfghjkl;',
  'qsdfghjklm',
  'zxcvbnm,./',
  'yxcvbnm',
  'wxcvbn',
  'qazwsxedcrfvtgbyhnujmikolp',
  '1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p',
  '1q2w3e4r5t6y7u8i9o0p',
].flatMap((walk) => [walk, [...walk].reverse().join('')]);

const words = `
  password passwort passphrase passcode pass word secret login signin letmein welcome hello admin administrator root
  user username guest test testing demo default changeme change please temporary temp account access company security
  secure system server database computer internet service postern oauth iloveyou love forever whatever trustno nothing
  sunshine princess dragon monkey football baseball master shadow superman batman starwars pokemon spring summer autumn
  winter january february march april june july august september october november december monday tuesday wednesday
  thursday friday saturday sunday correcthorsebatterystaple thequickbrownfoxjumpsoverthelazydog loremipsumdolorsitamet
  maytheforcebewithyou tobeornottobethatisthequestion opensesame onceuponatime itwasadarkandstormynight
  theanswerisfortytwo winteriscoming hakunamatata`
  .trim()
  .split(/\s+/);

/** What stands in for a letter where people were told to mix in digits and signs. */
const standIns = new Map(
  Object.entries({
    0: 'o',
    1: 'i',
    3: 'e',
    4: 'a',
    5: 's',
    7: 't',
    8: 'b',
    '@': 'a',
    $: 's',
    '!': 'i',
    '€': 'e',
  }),
);

/** Least number of surprises: with fewer, a long password is a short one written at length. */
const leastSurprises = 10;

/**
 * Whether a long password is easy to guess: it is counted in surprises, of which a run of one character, a walk over
 * the keyboard or the alphabet, a year, a well-known word or phrase, a part of the person's address, and a repetition
 * of what came before each are only one.
 */
export function isGuessable(password: string, email: string): boolean {
  const text = password.toLowerCase().replace(/[\s_.,-]/g, '');
  const letters = text.replace(/./gu, (character) => standIns.get(character) ?? character);
  const known = [...words, ...partsOf(email)];
  let surprises = 0;
  for (let at = 0; at < text.length; surprises += 1) at += pieceAt(at, text, letters, known);
  return surprises < leastSurprises;
}

/** How many characters, from this one on, come as one surprise. */
function pieceAt(at: number, text: string, letters: string, known: readonly string[]): number {
  const rest = text.slice(at);
  let longest = /^(.)\1*/su.exec(rest)?.[0].length ?? 1;
  longest = Math.max(longest, /^(?:19|20)\d\d/.exec(rest)?.[0].length ?? 1);
  for (const word of known) {
    if (word.length > longest && (letters.startsWith(word, at) || text.startsWith(word, at)))
      longest = word.length;
  }
  const isWalk = (piece: string) => walks.some((walk) => walk.includes(piece));
  const isRepetition = (piece: string) => letters.slice(0, at).includes(piece);
  longest = grow(longest, rest, isWalk);
  return grow(longest, letters.slice(at), isRepetition);
}

// Two characters in a row happen by chance; three are a piece.
function grow(longest: number, rest: string, isPiece: (piece: string) => boolean): number {
  let length = Math.max(longest, 2);
  while (length < rest.length && isPiece(rest.slice(0, length + 1))) length += 1;
  return length > 2 ? length : longest;
}

/** The address and its parts; a part of one or two characters would be found everywhere. */
function partsOf(email: string): string[] {
  const address = email.toLowerCase();
  return [address.replace(/[\s_.,-]/g, ''), ...address.split(/[^\p{L}\p{N}]+/u)].filter(
    (part) => part.length > 2,
  );
}
