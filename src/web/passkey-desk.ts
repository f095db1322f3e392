import type { Context } from 'koa';
import type { PasskeyOffer } from '../../views/passkey.ts';
import type { AuditLog } from '../audit/audit-log.ts';
import type { Envelope } from '../envelope.ts';
import { listPasskeys } from '../factors/passkey.ts';
import { type PasskeyProof, proveByPasskey } from '../factors/proof.ts';
import { canHavePasskeys, createRelyingParty } from '../factors/relying-party.ts';
import { addressOf, addressPrefix } from '../http/client-address.ts';
import { type Form, fieldOf, jsonOf } from '../http/form.ts';
import { traceOf } from '../http/trace.ts';
import type { Limits } from '../limits/limits.ts';
import type { Database } from '../postgres/pool.ts';
import { passkeyRefused } from './events.ts';
import type { Visit } from './reception.ts';

/** What a page asks a passkey for: to sign in, or to prove who is half or wholly signed in. */
export type PasskeyPurpose = { purpose: 'sign_in' } | { purpose: 'proof'; userId: string };

/** How the answer of a passkey was taken; a refusal has one face, whatever its reason was. */
export type TakenPasskey =
  | Extract<PasskeyProof, { outcome: 'proven' }>
  | { outcome: 'refused' }
  | { outcome: 'too_many_tries'; retryAfterSeconds: number };

/** Challenges for passkeys, in pages, and the answers to them. */
export type PasskeyDesk = {
  /** What the page's script asks the browser with; absent where there is nothing to ask. */
  offer(visit: Visit, asked: PasskeyPurpose): Promise<PasskeyOffer | undefined>;
  /** Judges the answer in a form. Each challenge is for one browser, one purpose and one answer. */
  take(ctx: Context, visit: Visit, form: Form, asked: PasskeyPurpose): Promise<TakenPasskey>;
};

/** A desk for the origin of an issuer; `challenges` are what browsers hold until they answer. */
export function createPasskeyDesk(options: {
  db: Database;
  issuer: string;
  /** What authenticators call the server. */
  name: string;
  limits: Limits;
  audit: AuditLog;
  challenges: Envelope<string>;
}): PasskeyDesk {
  const { db, issuer, name, limits, audit, challenges } = options;
  const party = createRelyingParty(issuer, name);
  const isPossible = canHavePasskeys(issuer);
  const contextOf = (visit: Visit, asked: PasskeyPurpose) =>
    [visit.id, asked.purpose, asked.purpose === 'proof' ? asked.userId : ''].join(' ');

  return {
    async offer(visit, asked) {
      if (!isPossible) return undefined;
      const known = asked.purpose === 'proof' ? await listPasskeys(db, asked.userId) : undefined;
      if (known?.length === 0) return undefined;
      const request = party.assertionOptions(known);
      const ceremony = challenges.seal(request.challenge, contextOf(visit, asked));
      return { options: JSON.stringify(request), ceremony };
    },
    async take(ctx, visit, form, asked) {
      const network = addressPrefix(addressOf(ctx));
      const allowance = await limits.take('passkey_by_address', network);
      if (!allowance.allowed)
        return { outcome: 'too_many_tries', retryAfterSeconds: allowance.retryAfterSeconds };
      const challenge = challenges.open(fieldOf(form, 'ceremony') ?? '', contextOf(visit, asked));
      if (challenge === undefined) return { outcome: 'refused' };
      const answer = jsonOf(form, 'credential');
      const userId = asked.purpose === 'proof' ? { userId: asked.userId } : {};
      const proof = await proveByPasskey(db, party, { answer, challenge, ...userId });
      if (proof.outcome === 'refused') {
        audit.note(passkeyRefused(proof, traceOf(ctx)));
        return { outcome: 'refused' };
      }
      await limits.giveBack('passkey_by_address', network);
      return proof;
    },
  };
}
