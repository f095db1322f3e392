import type { Limits } from '../limits/limits.ts';
import type { PolicyName } from '../limits/policy.ts';
import type { Database } from '../postgres/pool.ts';
import type { MasterSecrets } from '../secret.ts';
import { spendChallenge } from './challenge.ts';
import { countUse, findPasskey, type Passkey } from './passkey.ts';
import { spendRecoveryCode } from './recovery-code.ts';
import type { RelyingParty } from './relying-party.ts';
import { spendTotpCode } from './totp.ts';

/** A code that somebody types whose password was right. `network` is the caller's address prefix, which counts as one. */
export type CodeAttempt = {
  userId: string;
  code: string;
  network: string;
  /** The id of a browser in which this person has signed in before; proven, not claimed. */
  knownBrowser: string | undefined;
};

/** How a code was taken. `wrong` is one answer for one that is not theirs, was used, or is over. */
export type CodeProof =
  | { outcome: 'proven'; by: 'totp' | 'recovery_code'; amr: string[] }
  | { outcome: 'wrong' }
  | { outcome: 'too_many_tries'; retryAfterSeconds: number };

/**
 * Judges a one-time code or a recovery code and uses it up, throttled per account and network. `tell` hears of a recovery
 * code that was used, at the end of the transaction that uses it.
 */
export async function proveByCode(
  db: Database,
  { limits, secrets }: { limits: Limits; secrets: MasterSecrets },
  attempt: CodeAttempt,
  tell: (tx: Database) => Promise<void>,
): Promise<CodeProof> {
  const { userId } = attempt;
  const code = attempt.code.replace(/\s/g, '');
  const by = /^\d{6}$/.test(code) ? 'totp' : 'recovery_code';
  const budgets = listBudgets(attempt, by);
  for (const budget of budgets) {
    const allowance = await limits.take(...budget);
    if (!allowance.allowed)
      return { outcome: 'too_many_tries', retryAfterSeconds: allowance.retryAfterSeconds };
  }
  const isRight =
    by === 'totp'
      ? await spendTotpCode(db, secrets, { userId, code })
      : await db.transaction(async (tx) => {
          if (!(await spendRecoveryCode(tx, userId, code))) return false;
          await tell(tx);
          return true;
        });
  if (!isRight) return { outcome: 'wrong' };
  const [own, ...ofOthersToo] = budgets;
  if (own) await limits.forget(...own);
  for (const budget of ofOthersToo) await limits.giveBack(...budget);
  // RFC 8176 has no word for recovery codes; they are passwords that are good once.
  return { outcome: 'proven', by, amr: ['otp', 'mfa'] };
}

/** An answer of a passkey to a challenge of ours. With `userId` it must be that person's. */
export type PasskeyAttempt = { answer: unknown; challenge: string; userId?: string };

/** How an answer was taken. The reason is for the audit log, and nobody's answer. */
export type PasskeyProof =
  | { outcome: 'proven'; passkey: Passkey & { email: string }; amr: string[] }
  | { outcome: 'refused'; reason: string; passkey?: (Passkey & { email: string }) | undefined };

/** Judges an answer of a passkey, and uses the challenge up. */
export async function proveByPasskey(
  db: Database,
  party: RelyingParty,
  { answer, challenge, userId }: PasskeyAttempt,
): Promise<PasskeyProof> {
  const presented = party.readAssertion(answer);
  if (!presented) return { outcome: 'refused', reason: 'not well formed' };
  const passkey = await findPasskey(db, presented.credentialId);
  if (!passkey) return { outcome: 'refused', reason: 'unknown' };
  // Who is not known yet is told by the authenticator too (WebAuthn section 7.2, step 6).
  const claimed = presented.userHandle ?? userId;
  if (claimed !== passkey.userId || (userId !== undefined && userId !== passkey.userId))
    return { outcome: 'refused', reason: 'of another account', passkey };
  const assertion = await party.verifyAssertion(answer, challenge, passkey);
  if (!assertion) return { outcome: 'refused', reason: 'not verified', passkey };
  return await db.transaction(async (tx): Promise<PasskeyProof> => {
    if (!(await spendChallenge(tx, challenge)))
      return { outcome: 'refused', reason: 'the challenge was answered before', passkey };
    if (!(await countUse(tx, passkey.id, assertion)))
      return { outcome: 'refused', reason: 'the counter went back', passkey };
    return { outcome: 'proven', passkey, amr: methodsOf(passkey) };
  });
}

/**
 * How a person with this passkey has authenticated (RFC 8176): a key of theirs, and themselves to its authenticator. A key
 * that is copied between devices is one in software; that another is in hardware nobody vouches for without attestation.
 */
export function methodsOf({ isSyncable }: Pick<Passkey, 'isSyncable'>): string[] {
  return ['pop', ...(isSyncable ? ['swk'] : []), 'user', 'mfa'];
}

type Budget = [policy: PolicyName, ...key: string[]];

/** The narrowest first: a budget that one person has spent costs nobody else. */
function listBudgets({ userId, network, knownBrowser }: CodeAttempt, by: string): Budget[] {
  if (knownBrowser !== undefined) return [['second_factor_by_account_and_browser', by, userId, knownBrowser]];
  return [
    ['second_factor_by_account_and_address', by, userId, network],
    ['second_factor_by_account', by, userId],
  ];
}
