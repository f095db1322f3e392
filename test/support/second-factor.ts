import assert from 'node:assert/strict';
import { Secret, TOTP } from 'otpauth';
import { sql } from '../../src/postgres/sql.ts';
import { type Authenticator, createAuthenticator } from './authenticator.ts';
import type { Employee } from './company.ts';
import type { Page } from './person.ts';
import type { TestServer } from './server.ts';

/** An authenticator app with one secret. */
export type App = {
  /** The code that it shows now, or showed so many steps of half a minute ago. */
  code(stepsAgo?: number): string;
  recoveryCodes: string[];
};

/** The code that an app shows for a secret. */
export function codeOf(secret: string, stepsAgo = 0): string {
  const totp = new TOTP({ secret: Secret.fromBase32(secret) });
  return totp.generate({ timestamp: Date.now() - stepsAgo * 30_000 });
}

/** Somebody sets up an app. Its code of this half minute is made good again, as it will be in the next one. */
export async function setUpApp(
  server: Pick<TestServer, 'db'>,
  { id, call }: Pick<Employee, 'id' | 'call'>,
): Promise<App> {
  const { body: begun } = await call('POST', '/users/me/totp/enrolments');
  const { enrolment, secret } = begun;
  const set = await call('PUT', '/users/me/totp', { enrolment, code: codeOf(secret) });
  assert.equal(set.status, 200, JSON.stringify(set.body));
  await forgetUsedCode(server, id);
  return { code: (stepsAgo) => codeOf(secret, stepsAgo), recoveryCodes: set.body.recovery_codes ?? [] };
}

/** Does what half a minute does: the code that an app shows is a new one. */
export async function forgetUsedCode({ db }: Pick<TestServer, 'db'>, userId: string): Promise<void> {
  await db.query(sql`update totp_secrets set used_step = 0 where user_id = ${userId}::uuid`);
}

/** Somebody adds a passkey, and gets their first recovery codes with it. */
export async function addPasskeyOf(
  { issuer }: Pick<TestServer, 'issuer'>,
  { call }: Pick<Employee, 'call'>,
  authenticator = createAuthenticator(issuer),
): Promise<{ id: string; authenticator: Authenticator; recoveryCodes: string[] }> {
  const { body } = await call('POST', '/users/me/passkeys/registrations');
  const credential = authenticator.create(body.options);
  const { registration } = body;
  const added = await call('POST', '/users/me/passkeys', { registration, credential, name: 'Laptop' });
  assert.equal(added.status, 201, JSON.stringify(added.body));
  return { id: added.body.id, authenticator, recoveryCodes: added.body.recovery_codes ?? [] };
}

/** What the script of a page finds there to ask a passkey with. */
export function passkeyOffer({ html }: Page): { options: { challenge: string }; ceremony: string } {
  const options = /data-options="([^"]+)"/.exec(html)?.[1];
  const ceremony = /name="ceremony" value="([^"]+)"/.exec(html)?.[1];
  assert.ok(options && ceremony, `the page asks for a passkey:\n${html}`);
  return { options: JSON.parse(options.replaceAll('&#34;', '"')), ceremony };
}

/** Lets so much time pass since somebody has proven who they are. */
export async function ageSessions({ db }: TestServer, userId: string, minutes = 11): Promise<void> {
  await db.query(sql`
    update sessions set authenticated_at = authenticated_at - make_interval(mins => ${minutes}),
      second_factor_at = second_factor_at - make_interval(mins => ${minutes})
    where user_id = ${userId}::uuid`);
}
