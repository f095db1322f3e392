import { z } from 'zod';
import { ownClient } from '../clients/own-client.ts';
import type { Clock } from '../clock.ts';
import { insertOwnGrant, type OwnTokens } from '../oauth/own-token.ts';
import { defineOperation, type Operation } from './operation.ts';
import { sessionOf } from './own-session.ts';
import { wrongField } from './problem.ts';

const authFileSchema = z
  .object({
    issuer: z.string(),
    token_type: z.string(),
    access_token: z.string(),
    expires_at: z.iso.datetime(),
    scope: z.string(),
  })
  .meta({
    id: 'AuthFile',
    example: {
      issuer: 'https://login.example.com',
      token_type: 'Bearer',
      access_token: 'pst_at_…',
      expires_at: '2026-11-22T17:30:00.000Z',
      scope: 'read write',
    },
  });

/** What `auth.json` holds. */
export type AuthFile = z.input<typeof authFileSchema>;

/** Getting an access token for oneself, without a device. */
export function accessTokenOperations(options: {
  issuer: string;
  clock: Clock;
  issueOwnToken: OwnTokens;
}): Operation[] {
  const { issuer, clock, issueOwnToken } = options;
  return [
    defineOperation({
      id: 'createAccessToken',
      method: 'POST',
      path: '/access-tokens',
      tag: 'You',
      summary: 'Get an access token for an API',
      description:
        'For everything that you may do there now, as `postern login --file` writes it. For the session of a browser only. It stands among your devices and apps, where it can be signed out.',
      scope: 'grants:write',
      body: z.strictObject({
        resource: z.string('write the URI of an API').max(500, 'write the URI of an API'),
      }),
      example: { resource: 'https://api.example.com' },
      result: authFileSchema,
      status: 201,
      // The token is written before the transaction, and is dead until its grant is.
      async prepare(call) {
        const { resource } = call.body;
        const session = await sessionOf(call);
        const authTime = Math.floor(session.authenticatedAt.getTime() / 1000);
        const person = {
          userId: session.userId,
          organizationId: session.chosenOrganizationId,
          identityProvider: session.identityProvider,
          address: call.address,
          userAgent: call.agent,
          authentication: { auth_time: authTime, acr: session.acr, amr: session.amr },
        };
        const issued = await issueOwnToken(person, resource);
        if (!('refusal' in issued)) return issued;
        const isPowerless = issued.refusal === 'powerless';
        throw wrongField('resource', isPowerless ? 'you may do nothing at this API' : 'there is no such API');
      },
      async handle({ db, body, record }, issued) {
        await insertOwnGrant(db, issued);
        const { text, tokenType, scope, expiresInSeconds } = issued;
        await record({
          action: 'access_token.downloaded',
          target: { kind: 'client', id: ownClient.id },
          details: { resource: body.resource, scopes: scope.split(' ') },
        });
        const expiresAt = new Date(clock.now().getTime() + expiresInSeconds * 1000);
        return {
          status: 201,
          body: {
            issuer,
            token_type: tokenType,
            access_token: text,
            expires_at: expiresAt.toISOString(),
            scope,
          },
        };
      },
    }),
  ];
}
