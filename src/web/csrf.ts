import type { Context } from 'koa';
import { deriveKeys, hmac, isEqual, type MasterSecrets } from '../secret.ts';

/** What a form's token is tied to: the browser's visit, and the session if there is one. */
export type CsrfSubject = { id: string; sessionId: string | undefined };

/** Proof that a form came from one of our own pages, in the browser that got it. */
export type Csrf = {
  token(subject: CsrfSubject): string;
  /** Whether the browser says that the request came from our own origin, if it says anything. */
  isOwnOrigin(ctx: Context): boolean;
  isRight(subject: CsrfSubject, token: string): boolean;
};

/** Tokens under keys of the master secrets: every server knows them, none is stored, any number of tabs may be open. */
export function createCsrf({ secrets, issuer }: { secrets: MasterSecrets; issuer: string }): Csrf {
  const keys = deriveKeys(secrets, 'csrf');
  const { origin } = new URL(issuer);
  const tokenUnder = (key: Buffer, { id, sessionId = '' }: CsrfSubject) =>
    hmac(key, `${id} ${sessionId}`).toString('base64url');
  return {
    token: (subject) => tokenUnder(keys[0], subject),
    isOwnOrigin(ctx) {
      const site = ctx.get('Sec-Fetch-Site');
      const from = ctx.get('Origin');
      return (site === '' || site === 'same-origin') && (from === '' || from === origin);
    },
    isRight: (subject, given) =>
      keys.some((key) => isEqual(Buffer.from(tokenUnder(key, subject)), Buffer.from(given))),
  };
}
