import type { Context } from 'koa';
import { formatUserCode } from './user-code.ts';

/** Completes the device authorization response (RFC 8628 section 3.2): `interval`, and the user code that was kept. */
export function answerDeviceAuthorization(ctx: Context): void {
  if (ctx.status !== 200) return;
  const body = ctx.body as Record<string, unknown> & { verification_uri: string };
  const { userCode } = (ctx as unknown as { oidc: { entities: { DeviceCode: { userCode: string } } } }).oidc
    .entities.DeviceCode;
  const shown = formatUserCode(userCode);
  const complete = new URL(body.verification_uri);
  complete.searchParams.set('user_code', shown);
  Object.assign(body, {
    user_code: shown,
    verification_uri_complete: complete.href,
    interval: pollIntervalSeconds,
  });
}

/** Seconds between two polls, unless told otherwise (the default of RFC 8628 section 3.2, said aloud). */
export const pollIntervalSeconds = 5;
