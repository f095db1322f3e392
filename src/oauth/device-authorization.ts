import type { Context } from 'koa';
import type { Client as EngineClient } from 'oidc-provider';
import { registrationOf } from './client-store.ts';
import { pollIntervalSeconds } from './lifetimes.ts';
import { formatUserCode } from './user-code.ts';

type Asked = { client: EngineClient; entities: { DeviceCode: { userCode: string } } };

/** Completes the device authorization response (RFC 8628 section 3.2): `interval`, and the user code that was kept. */
export function answerDeviceAuthorization(ctx: Context): void {
  if (ctx.status !== 200) return;
  const body = ctx.body as Record<string, unknown> & { verification_uri: string };
  const { client, entities } = (ctx as unknown as { oidc: Asked }).oidc;
  const shown = formatUserCode(entities.DeviceCode.userCode);
  const complete = new URL(body.verification_uri);
  complete.searchParams.set('user_code', shown);
  delete body.verification_uri_complete;
  Object.assign(body, {
    user_code: shown,
    ...(registrationOf(client).verificationUriComplete !== false && {
      verification_uri_complete: complete.href,
    }),
    interval: pollIntervalSeconds,
  });
}
