import { z } from 'zod';
import { addClientSecret, endClientSecret } from '../clients/secret.ts';
import type { Clock } from '../clock.ts';
import { AppError } from '../errors.ts';
import type { TokenFormat } from '../secret.ts';
import { newSecretSchema, showSecret } from './client-view.ts';
import { clientParams, clientTarget, getLocked, refuseStronger } from './clients.ts';
import { defineOperation, type Operation } from './operation.ts';
import { wrongField } from './problem.ts';

const tag = 'Programs';

/** The secrets of the organization's programs: a second one while the first is being replaced. */
export function clientSecretOperations({
  format,
  clock,
}: {
  format: TokenFormat;
  clock: Clock;
}): Operation[] {
  return [
    defineOperation({
      id: 'addClientSecret',
      method: 'POST',
      path: '/clients/{client_id}/secrets',
      tag,
      summary: 'Give a program a second secret',
      description:
        'It is in this answer and nowhere else. The one in use goes on working until you end it. You must have every scope that the program has.',
      scope: 'clients:write',
      params: clientParams,
      body: z.strictObject({
        expires_at: z.iso
          .datetime({ offset: true, error: 'write a moment such as 2030-01-31T12:00:00Z' })
          .optional(),
      }),
      example: { expires_at: '2030-01-31T12:00:00Z' },
      result: newSecretSchema,
      status: 201,
      async handle({ db, caller, params, body, record }) {
        const client = await getLocked(db, caller, params.client_id);
        refuseStronger(client, caller);
        const expiresAt = body.expires_at === undefined ? undefined : new Date(body.expires_at);
        if (expiresAt && expiresAt <= clock.now())
          throw wrongField('expires_at', 'write a moment that is ahead');
        const added = await addClientSecret(db, client.id, { expiresAt, format, clock });
        if (!('refusal' in added)) {
          await record({
            action: 'client.secret_added',
            target: clientTarget(client),
            ...(expiresAt && { details: { expires_at: expiresAt.toISOString() } }),
          });
          return { status: 201, body: { ...showSecret(added), client_secret: added.secret } };
        }
        switch (added.refusal) {
          case 'unknown_client':
            throw new AppError('not_found');
          case 'no_secret':
            throw new AppError('conflict', 'This program authenticates by something else, or not at all');
          case 'two_live':
            throw new AppError('conflict', 'This program has two secrets; end one of them first');
        }
      },
    }),
    defineOperation({
      id: 'endClientSecret',
      method: 'DELETE',
      path: '/clients/{client_id}/secrets/{secret_id}',
      tag,
      summary: 'End a secret of a program at once',
      scope: 'clients:write',
      params: clientParams.extend({ secret_id: z.uuid('write the id of a secret') }),
      status: 204,
      async handle({ db, caller, params, record }) {
        const client = await getLocked(db, caller, params.client_id);
        if (!(await endClientSecret(db, client.id, params.secret_id)))
          throw new AppError('not_found', 'There is no such live secret of this program');
        await record({ action: 'client.secret_ended', target: clientTarget(client) });
        return { status: 204 };
      },
    }),
  ];
}
