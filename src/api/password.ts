import { z } from 'zod';
import { AppError, tooManyRequests } from '../errors.ts';
import type { Limits } from '../limits/limits.ts';
import { revokeGrants } from '../oauth/grant.ts';
import { disableTokensOfPerson } from '../tokens/person.ts';
import { hashNewPassword, type PasswordRefusal, passwordLength } from '../users/password.ts';
import { renewSession } from '../users/session.ts';
import { checkPasswordAgain } from '../users/sign-in.ts';
import { changePassword } from '../users/user.ts';
import { defineOperation, type Operation } from './operation.ts';
import { recentSessionOf } from './own-session.ts';
import { wrongField } from './problem.ts';

const password = z.string('write a password').max(1000, 'write at most 1000 characters');

/** Changing the caller's password. */
export function passwordOperations({ limits }: { limits: Limits }): Operation[] {
  return [
    defineOperation({
      id: 'changePassword',
      method: 'PUT',
      path: '/users/me/password',
      tag: 'Security',
      summary: 'Change your password',
      takesCredentials: true,
      description:
        'Ends your sessions in other browsers, and gives this one another id. For the session of a browser only; who has a second factor has proven it within ten minutes.',
      body: z.strictObject({
        present_password: password,
        password,
        ends_tokens: z.boolean('write true or false').default(false).meta({
          description:
            'Whether your devices are signed out, your API tokens disabled, and your values of shared ones ended, too.',
        }),
      }),
      example: {
        present_password: 'correct horse battery staple',
        password: 'nine purple kites over the harbour',
      },
      status: 204,
      async prepare(call) {
        const { caller, body, db } = call;
        const session = await recentSessionOf(call, { besidesPassword: true });
        const again = await checkPasswordAgain(db, limits, {
          session,
          sessionId: caller.credential,
          password: body.present_password,
        });
        if (again.outcome === 'too_many_tries') throw tooManyRequests(again.retryAfterSeconds);
        if (again.outcome === 'wrong') throw wrongField('present_password', 'this is not your password');
        const hashed = await hashNewPassword(body.password, session.email);
        if ('refusal' in hashed) throw wrongField('password', advice(hashed));
        return { session, from: again.passwordHash, to: hashed.hash };
      },
      async handle({ db, caller, body, record }, { session, from, to }) {
        const { userId, email } = session;
        const sessionId = caller.credential;
        if (!(await changePassword(db, userId, { from, to, sessionId })))
          throw new AppError('conflict', 'Your password was changed meanwhile');
        const renewed = await renewSession(db, sessionId, { password: true, amr: ['pwd'] });
        if (body.ends_tokens) {
          await revokeGrants(db, { accountId: userId });
          await disableTokensOfPerson(db, userId, 'owner');
        }
        const details = body.ends_tokens ? { fields: ['devices', 'tokens'] } : {};
        const target = { kind: 'user', id: userId, name: email } as const;
        await record({ action: 'user.password_changed', target, details });
        return { status: 204, session: renewed };
      },
    }),
  ];
}

function advice({ refusal }: PasswordRefusal): string {
  switch (refusal) {
    case 'too_short':
      return `write at least ${passwordLength.least} characters`;
    case 'too_long':
      return `write at most ${passwordLength.most} characters`;
    case 'control_character':
      return 'write no control characters';
    case 'guessable':
      return 'write one that is not easy to guess';
  }
}
