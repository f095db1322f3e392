import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { AppError } from '../../src/errors.ts';
import { randomText } from '../../src/secret.ts';
import { checkNewPassword, hashNewPassword, hashPassword, verifyPassword } from '../../src/users/password.ts';

const email = 'grace.hopper@navy.example';

function refusalOf(password: string): string | undefined {
  return checkNewPassword(password, email)?.refusal;
}

test('the hash is argon2id with 19 MiB, two passes and one lane, and differs each time', async () => {
  const password = 'purple otters climb 7 ladders';
  const [one, two] = await Promise.all([hashPassword(password), hashPassword(password)]);
  assert.match(one, /^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
  assert.notEqual(one, two);
  assert.equal(await verifyPassword(one, password), true);
  assert.equal(await verifyPassword(one, `${password} `), false);
});

test('a password is the same in every Unicode spelling and with every kind of space', async () => {
  const hash = await hashPassword('cafe\u0301 au lait, s\u2019il vous pla\u00eet');
  assert.equal(await verifyPassword(hash, 'caf\u00e9\u00a0au\u3000lait, s\u2019il vous plai\u0302t'), true);
});

test('without a hash no password is right, not even after as much work', async () => {
  assert.equal(await verifyPassword(undefined, ''), false);
  assert.equal(await verifyPassword(undefined, 'purple otters climb 7 ladders'), false);
});

test('a flood of sign-ins is turned away, not piled up, and what was let in is answered', async () => {
  const flood = await Promise.allSettled(Array.from({ length: 150 }, () => verifyPassword(undefined, 'x')));
  const answered = flood.filter(({ status }) => status === 'fulfilled');
  assert.equal(answered.length, 102);
  for (const outcome of flood) {
    if (outcome.status === 'fulfilled') continue;
    assert.ok(outcome.reason instanceof AppError);
    assert.equal(outcome.reason.code, 'too_many_requests');
    assert.ok(outcome.reason.headers['Retry-After']);
  }
  assert.equal(await verifyPassword(undefined, 'x'), false);
});

test('a new password is hashed only if it will do', async () => {
  const made = await hashNewPassword('purple otters climb 7 ladders', email);
  assert.ok('hash' in made);
  assert.equal(await verifyPassword(made.hash, 'purple otters climb 7 ladders'), true);
  assert.deepEqual(await hashNewPassword('purple', email), { refusal: 'too_short', least: 15 });
});

test('length counts characters as people see code points, not bytes', () => {
  const animals = [...'🦦🦉🐝🐬🦊🐢🦔🐙🦋🐘🦩🐪🦀🐌🦜'];
  assert.equal(animals.length, 15);
  assert.equal(refusalOf(animals.join('')), undefined);
  assert.equal(refusalOf(animals.slice(1).join('')), 'too_short');
  // Two code points that are one after normalisation count as one.
  assert.equal(refusalOf('o\u0308u\u0308a\u0308e\u0301i\u0301o\u0302u\u0300'), 'too_short');
});

test('256 characters will do and 257 are refused', () => {
  const words = Array.from({ length: 6 }, () => randomText()).join('');
  assert.equal(refusalOf(words.slice(0, 256)), undefined);
  assert.equal(refusalOf(words.slice(0, 257)), 'too_long');
});

test('no kind of character is demanded, and none but control characters is forbidden', () => {
  for (const password of [
    '839204718263950',
    'umbrella gherkin voltage',
    'КОРАБЛЬ плывёт ночью',
    '%?&;:<>{}~`^+="!#',
  ]) {
    assert.equal(refusalOf(password), undefined, password);
  }
  assert.equal(refusalOf('purple otters\nclimb 7 ladders'), 'control_character');
  assert.equal(refusalOf('purple otters\0climb 7 ladders'), 'control_character');
});

test('well-known passwords and phrases are refused in every disguise', () => {
  for (const password of [
    'correct horse battery staple',
    'Correct-Horse-Battery-Staple',
    'c0rrecth0rseb4tteryst4ple',
    'the quick brown fox jumps over the lazy dog',
    'Welcome2Postern2026',
    'P@ssw0rd123456789',
    'password_password_password',
    'AdminAdminAdmin123!',
    'Summer2025Summer2026',
  ]) {
    assert.equal(refusalOf(password), 'guessable', password);
  }
});

test('walks over the keyboard and the alphabet are refused in both directions', () => {
  for (const password of [
    'qwertyuiopasdfghjkl',
    'lkjhgfdsapoiuytrewq',
    '1qaz2wsx3edc4rfv',
    'abcdefghijklmnop',
    '123456789012345',
    '987654321098765',
    'azertyuiopqsdfghjklm',
  ]) {
    assert.equal(refusalOf(password), 'guessable', password);
  }
});

test('a password made of the person’s own address is refused', () => {
  for (const password of [
    'grace.hopper@navy.example',
    'GraceHopperNavy1',
    'hopper-grace-1906',
    'navynavynavygrace',
  ]) {
    assert.equal(refusalOf(password), 'guessable', password);
  }
  assert.equal(checkNewPassword('hopper-grace-1906', 'someone@else.example'), undefined);
});

test('whatever is shorter than ten characters cannot be repeated until it is long enough', () => {
  fc.assert(
    fc.property(fc.string({ minLength: 1, maxLength: 8, unit: 'grapheme-ascii' }), (unit) => {
      const password = unit.repeat(Math.ceil(15 / unit.length));
      assert.equal(refusalOf(password), 'guessable');
    }),
  );
});

test('random passwords of every length that is allowed will do', () => {
  for (let length = 15; length <= 256; length += 1) {
    const refusals = Array.from({ length: 3 }, () => refusalOf(randomText(length)));
    // Of 4,000 random texts of fifteen letters one is no better than a word: it has letters that follow one another.
    assert.ok(refusals.filter((refusal) => refusal === undefined).length >= 2, `${length}: ${refusals}`);
  }
});

test('any text is judged, and nothing shorter than fifteen characters is taken', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 40, unit: 'binary' }), fc.string(), (password, address) => {
      const refused = checkNewPassword(password, address);
      if ([...password.normalize('NFC')].length < 15) assert.equal(refused?.refusal, 'too_short');
    }),
  );
});
