import { z } from 'zod';
import { AppError } from '../errors.ts';
import { spendChallenge } from '../factors/challenge.ts';
import {
  addPasskey,
  hasWayIn,
  listPasskeys,
  mostPasskeys,
  type Passkey,
  removePasskey,
  renamePasskey,
} from '../factors/passkey.ts';
import { methodsOf } from '../factors/proof.ts';
import { canHavePasskeys, createRelyingParty } from '../factors/relying-party.ts';
import { renewSession } from '../users/session.ts';
import { defineOperation, type Operation } from './operation.ts';
import { recentSessionOf, sessionOf } from './own-session.ts';
import { wrongField } from './problem.ts';
import {
  type FactorOptions,
  makeFirstRecoveryCodes,
  recoveryCodesSchema,
  removeNeedlessCodes,
  sessionOnly,
} from './security.ts';

const tag = 'Security';
const words = 'write 1 to 100 characters, none of them a control character';
const name = z
  .string(words)
  .regex(/^\P{Cc}*\S\P{Cc}*$/u, words)
  .max(100, words);

const passkeySchema = z
  .object({
    id: z.uuid(),
    name: z.string(),
    synced: z.boolean().meta({ description: 'Whether it is on several devices of yours.' }),
    created_at: z.iso.datetime(),
    last_used_at: z.iso.datetime().optional(),
  })
  .meta({
    id: 'Passkey',
    example: {
      id: '7c9eb462-3d4c-462f-85bb-0126d69fadc5',
      name: 'Laptop',
      synced: true,
      created_at: '2026-11-22T09:30:00.000Z',
    },
  });

const params = z.strictObject({ passkey_id: z.uuid('write the id of a passkey') });

/** The caller's passkeys (WebAuthn). */
export function passkeyOperations({ issuer, brandName, ceremonies }: FactorOptions): Operation[] {
  const party = createRelyingParty(issuer, brandName);
  const contextOf = (sessionId: string) => `passkey ${sessionId}`;
  return [
    defineOperation({
      id: 'listPasskeys',
      method: 'GET',
      path: '/users/me/passkeys',
      tag,
      summary: 'List your passkeys',
      description:
        'For the session of a browser only; one from an organization’s own identity provider is told of none.',
      result: z.object({ items: z.array(passkeySchema) }),
      async handle(call) {
        const { userId, confinedTo } = await sessionOf(call);
        const passkeys = confinedTo === undefined ? await listPasskeys(call.db, userId) : [];
        return { status: 200, body: { items: passkeys.map(showPasskey) } };
      },
    }),
    defineOperation({
      id: 'beginPasskey',
      method: 'POST',
      path: '/users/me/passkeys/registrations',
      tag,
      summary: 'Begin to add a passkey',
      description: `What the browser makes one from; \`addPasskey\` takes it within five minutes. ${sessionOnly}`,
      result: z.object({
        options: z.looseObject({ challenge: z.string() }).meta({
          description: 'For `PublicKeyCredential.parseCreationOptionsFromJSON`.',
        }),
        registration: z.string().meta({ description: 'Goes with `addPasskey`.' }),
      }),
      async handle(call) {
        const { userId, email } = await recentSessionOf(call);
        if (!canHavePasskeys(issuer))
          throw new AppError('conflict', 'Browsers offer passkeys over https and to host names only');
        const known = await listPasskeys(call.db, userId);
        const options = await party.registrationOptions({ id: userId, email }, known);
        const registration = ceremonies.seal(options.challenge, contextOf(call.caller.credential));
        return { status: 200, body: { options: { ...options }, registration } };
      },
    }),
    defineOperation({
      id: 'addPasskey',
      method: 'POST',
      path: '/users/me/passkeys',
      tag,
      summary: 'Add a passkey',
      description: `You can sign in with it, and must prove it or another factor after your password. Who has no recovery codes gets some. ${sessionOnly}`,
      body: z.strictObject({
        registration: z.string('write what beginPasskey has answered').max(1000),
        credential: z.looseObject({ id: z.string() }, 'write what the browser has made, as JSON'),
        name,
      }),
      example: { registration: '…', credential: { id: '…' }, name: 'Laptop' },
      result: passkeySchema.extend({ recovery_codes: recoveryCodesSchema.optional() }),
      status: 201,
      async handle(call) {
        const { db, caller, body, record } = call;
        const { userId } = await recentSessionOf(call);
        const challenge = ceremonies.open(body.registration, contextOf(caller.credential));
        if (challenge === undefined || !(await spendChallenge(db, challenge)))
          throw new AppError('conflict', 'The time for this is over; begin again');
        const made = await party.verifyRegistration(body.credential, challenge);
        if (!made) throw wrongField('credential', 'this is no passkey for here');
        const added = await addPasskey(db, userId, body.name, made);
        if ('refusal' in added) throw new AppError('conflict', refusals[added.refusal]);
        const { passkey } = added;
        const proven = { password: false, amr: methodsOf(passkey) };
        const session = await renewSession(db, caller.credential, proven);
        const codes = await makeFirstRecoveryCodes(db, userId);
        await record({ action: 'passkey.added', target: targetOf(passkey) });
        return { status: 201, body: { ...showPasskey(passkey), ...codes }, session };
      },
    }),
    defineOperation({
      id: 'renamePasskey',
      method: 'PATCH',
      path: '/users/me/passkeys/{passkey_id}',
      tag,
      summary: 'Rename a passkey',
      description: sessionOnly,
      params,
      body: z.strictObject({ name }),
      example: { name: 'Old laptop' },
      result: passkeySchema,
      async handle(call) {
        const { userId } = await recentSessionOf(call);
        const passkeys = await listPasskeys(call.db, userId);
        const before = passkeys.find(({ id }) => id === call.params.passkey_id);
        if (before && !call.matches(showPasskey(before))) throw new AppError('precondition_failed');
        const passkey = await renamePasskey(call.db, userId, call.params.passkey_id, call.body.name);
        if (!passkey) throw new AppError('not_found', 'There is no such passkey of yours');
        await call.record({ action: 'passkey.renamed', target: targetOf(passkey) });
        return { status: 200, body: showPasskey(passkey) };
      },
    }),
    defineOperation({
      id: 'removePasskey',
      method: 'DELETE',
      path: '/users/me/passkeys/{passkey_id}',
      tag,
      summary: 'Remove a passkey',
      description: `It lets nobody in any more. Refused with 409 for the last way in that you have. ${sessionOnly}`,
      params,
      status: 204,
      async handle(call) {
        const { userId } = await recentSessionOf(call);
        const passkey = await removePasskey(call.db, userId, call.params.passkey_id);
        if (!passkey) throw new AppError('not_found', 'There is no such passkey of yours');
        if (!(await hasWayIn(call.db, userId)))
          throw new AppError('conflict', 'You could sign in no more; add another passkey first');
        await removeNeedlessCodes(call.db, userId);
        await call.record({ action: 'passkey.removed', target: targetOf(passkey) });
        return { status: 204 };
      },
    }),
  ];
}

const refusals = {
  exists: 'This passkey is registered already',
  too_many: `You have ${mostPasskeys} passkeys already; remove one first`,
};

function targetOf({ id, name }: Passkey) {
  return { kind: 'passkey', id, name } as const;
}

function showPasskey(passkey: Passkey): z.input<typeof passkeySchema> {
  return {
    id: passkey.id,
    name: passkey.name,
    synced: passkey.isBackedUp,
    created_at: passkey.createdAt.toISOString(),
    ...(passkey.lastUsedAt && { last_used_at: passkey.lastUsedAt.toISOString() }),
  };
}
