import type { Context } from 'koa';
import type { AuditLog } from '../audit/audit-log.ts';
import type { Routes } from '../http/router.ts';
import { traceOf } from '../http/trace.ts';
import type { Entry } from './entry.ts';
import { signedIn } from './events.ts';
import type { PasskeyDesk } from './passkey-desk.ts';
import type { Reception } from './reception.ts';
import type { SignInPages } from './sign-in.ts';

/** Signing in with a passkey alone: it says whose it is, and its authenticator has verified its person. */
export function createPasskeySignInRoutes(options: {
  reception: Reception;
  passkeys: PasskeyDesk;
  signInPages: SignInPages;
  enterAs: Entry;
  audit: AuditLog;
}): Routes {
  const { reception, passkeys, signInPages, enterAs, audit } = options;

  async function enter(ctx: Context): Promise<void> {
    const { visit, form } = await reception.receiveForm(ctx);
    const proof = await passkeys.take(ctx, visit, form, { purpose: 'sign_in' });
    switch (proof.outcome) {
      case 'proven': {
        const { userId, email } = proof.passkey;
        audit.note(signedIn({ id: userId, email }, proof.amr, traceOf(ctx)));
        return await enterAs(ctx, visit, { userId, amr: proof.amr });
      }
      case 'refused':
        return await signInPages.show(ctx, visit, { error: 'passkey' });
      case 'too_many_tries':
        return await signInPages.show(ctx, visit, {
          error: 'too_many_tries',
          retryAfterSeconds: proof.retryAfterSeconds,
        });
    }
  }

  return { '/sign-in/passkey': { answers: 'html', POST: enter } };
}
