import { z } from 'zod';
import type { Envelope } from '../envelope.ts';
import { AppError } from '../errors.ts';
import { spendChallenge } from '../factors/challenge.ts';
import { makeRecoveryCodes, removeRecoveryCodes } from '../factors/recovery-code.ts';
import { findSecondFactors, hasSecondFactor } from '../factors/second-factor.ts';
import { createTotpOffer, removeTotpSecret, setTotpSecret } from '../factors/totp.ts';
import { countGrants } from '../oauth/grant.ts';
import type { Database } from '../postgres/pool.ts';
import type { MasterSecrets } from '../secret.ts';
import { countTokensOfPerson } from '../tokens/person.ts';
import { renewSession } from '../users/session.ts';
import { findUser } from '../users/user.ts';
import { defineOperation, type Operation } from './operation.ts';
import { recentSessionOf, sessionOf } from './own-session.ts';
import { wrongField } from './problem.ts';

/** What the operations on factors stand on; `ceremonies` holds what was begun, for the session that began it. */
export type FactorOptions = {
  issuer: string;
  /** What authenticators call the server. */
  brandName: string;
  secrets: MasterSecrets;
  ceremonies: Envelope<string>;
};

const tag = 'Security';

/** What every operation here says of itself. */
export const sessionOnly =
  'For the session of a browser only, in which you have signed in or proven who you are within ten minutes.';

/** Recovery codes in an answer: there and nowhere else. */
export const recoveryCodesSchema = z.array(z.string()).meta({
  description: 'Each lets you in once without your second factor. They are in this answer and nowhere else.',
  example: ['k3f9-0xq2-7mzd-v1ht'],
});

const security = z
  .object({
    has_password: z.boolean(),
    password_changed_at: z.iso.datetime().optional(),
    totp_since: z.iso.datetime().optional(),
    passkeys: z.int(),
    recovery_codes: z.int().meta({ description: 'How many are left.' }),
    acr: z.string().meta({ description: 'What this session has authenticated to.' }),
    amr: z.array(z.string()).meta({ description: 'How (RFC 8176).' }),
    auth_time: z.int(),
    holdings: z
      .object({ devices: z.int(), tokens: z.int(), shared_values: z.int() })
      .meta({ description: 'What `changePassword` ends where `ends_tokens` says so.' }),
  })
  .meta({
    id: 'Security',
    example: {
      has_password: true,
      password_changed_at: '2026-11-22T09:30:00.000Z',
      totp_since: '2026-11-22T09:30:00.000Z',
      passkeys: 1,
      recovery_codes: 10,
      acr: 'urn:postern:acr:multi-factor',
      amr: ['mfa', 'otp', 'pwd'],
      auth_time: 1795339800,
      holdings: { devices: 3, tokens: 2, shared_values: 1 },
    },
  });

/** How somebody signs in, on the wire. */
export type ShownSecurity = z.input<typeof security>;

/** How the caller signs in: one-time codes, and the codes for when everything else is lost. */
export function securityOperations({ brandName, secrets, ceremonies }: FactorOptions): Operation[] {
  return [
    defineOperation({
      id: 'showSecurity',
      method: 'GET',
      path: '/users/me/security',
      tag,
      summary: 'Show how you sign in',
      description: 'For the session of a browser only.',
      result: security,
      async handle(call) {
        const session = await sessionOf(call);
        const user = await findUser(call.db, session.userId);
        const { totpSince, passkeys, recoveryCodes } = await findSecondFactors(call.db, session.userId);
        const tokens = await countTokensOfPerson(call.db, session.userId);
        const devices = await countGrants(call.db, { accountId: session.userId });
        const body = {
          has_password: user?.passwordHash !== undefined,
          ...(user?.passwordChangedAt && { password_changed_at: user.passwordChangedAt.toISOString() }),
          ...(totpSince && { totp_since: totpSince.toISOString() }),
          passkeys,
          recovery_codes: recoveryCodes,
          acr: session.acr,
          amr: session.amr,
          auth_time: Math.floor(session.authenticatedAt.getTime() / 1000),
          holdings: { devices, tokens: tokens.own, shared_values: tokens.shared },
        };
        return { status: 200, body };
      },
    }),
    defineOperation({
      id: 'beginTotp',
      method: 'POST',
      path: '/users/me/totp/enrolments',
      tag,
      summary: 'Begin to set up one-time codes',
      description: `Makes up a secret for an authenticator app (RFC 6238); \`setTotp\` takes it within five minutes. ${sessionOnly}`,
      result: z.object({
        secret: z.string().meta({ description: 'In base32, to be typed into an app.' }),
        uri: z.string().meta({ description: 'The same as an app scans it.' }),
        enrolment: z.string().meta({ description: 'Goes with `setTotp`.' }),
      }),
      async handle(call) {
        const { email } = await recentSessionOf(call);
        const { secret, uri } = createTotpOffer(brandName, email);
        const enrolment = ceremonies.seal(secret, contextOf(call.caller.credential));
        return { status: 200, body: { secret, uri, enrolment } };
      },
    }),
    defineOperation({
      id: 'setTotp',
      method: 'PUT',
      path: '/users/me/totp',
      tag,
      summary: 'Set up one-time codes',
      description: `They take the place of those before. Who has no recovery codes gets some. ${sessionOnly}`,
      body: z.strictObject({
        enrolment: z.string('write what beginTotp has answered').max(1000),
        code: z.string('write the code that the app shows').regex(/^\d{6}$/, 'write six digits'),
      }),
      example: { enrolment: '…', code: '123456' },
      result: z.object({ recovery_codes: recoveryCodesSchema.optional() }),
      async handle(call) {
        const { db, caller, body, record } = call;
        const { userId, email } = await recentSessionOf(call);
        // Codes are never shown, so no entity tag names them.
        if (!call.matches(undefined)) throw new AppError('precondition_failed');
        const secret = ceremonies.open(body.enrolment, contextOf(caller.credential));
        if (secret === undefined) throw new AppError('conflict', 'The time for this is over; begin again');
        if (!(await setTotpSecret(db, secrets, { userId, secret, code: body.code })))
          throw wrongField('code', 'write the code that the app shows now');
        // A secret that is set up again would forget which of its codes were used.
        if (!(await spendChallenge(db, secret)))
          throw new AppError('conflict', 'This was set up before; begin again');
        const session = await renewSession(db, caller.credential, { password: false, amr: ['otp', 'mfa'] });
        const made = await makeFirstRecoveryCodes(db, userId);
        await record({ action: 'totp.added', target: { kind: 'user', id: userId, name: email } });
        return { status: 200, body: made, session };
      },
    }),
    defineOperation({
      id: 'removeTotp',
      method: 'DELETE',
      path: '/users/me/totp',
      tag,
      summary: 'Remove one-time codes',
      description: sessionOnly,
      status: 204,
      async handle(call) {
        const { userId, email } = await recentSessionOf(call);
        if (!(await removeTotpSecret(call.db, userId)))
          throw new AppError('not_found', 'You have no one-time codes');
        await removeNeedlessCodes(call.db, userId);
        await call.record({ action: 'totp.removed', target: { kind: 'user', id: userId, name: email } });
        return { status: 204 };
      },
    }),
    defineOperation({
      id: 'makeRecoveryCodes',
      method: 'POST',
      path: '/users/me/recovery-codes',
      tag,
      summary: 'Make new recovery codes',
      description: `They take the place of those before. ${sessionOnly}`,
      result: z.object({ recovery_codes: recoveryCodesSchema }),
      status: 201,
      async handle(call) {
        const { userId, email } = await recentSessionOf(call);
        if (!hasSecondFactor(await findSecondFactors(call.db, userId)))
          throw new AppError('conflict', 'You have no second factor that they could stand in for');
        const codes = await makeRecoveryCodes(call.db, userId);
        await call.record({
          action: 'recovery_codes.made',
          target: { kind: 'user', id: userId, name: email },
        });
        return { status: 201, body: { recovery_codes: codes } };
      },
    }),
  ];
}

/** Recovery codes for who has none yet. */
export async function makeFirstRecoveryCodes(
  db: Database,
  userId: string,
): Promise<{ recovery_codes?: string[] }> {
  const { recoveryCodes } = await findSecondFactors(db, userId);
  return recoveryCodes > 0 ? {} : { recovery_codes: await makeRecoveryCodes(db, userId) };
}

/** Ends the recovery codes of who has nothing left that they could stand in for. */
export async function removeNeedlessCodes(db: Database, userId: string): Promise<void> {
  if (!hasSecondFactor(await findSecondFactors(db, userId))) await removeRecoveryCodes(db, userId);
}

function contextOf(sessionId: string): string {
  return `totp ${sessionId}`;
}
