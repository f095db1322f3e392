import type { Context } from 'koa';
import { AppError, isDatabaseUnavailable } from '../errors.ts';
import type { Database } from '../postgres/pool.ts';
import { deviceGrant } from '../urn.ts';
import { pollIntervalSeconds } from './lifetimes.ts';
import {
  createRedemption,
  findEarlierAnswer,
  graceSeconds,
  markAnswerLost,
  type Redemption,
  settleRedemption,
} from './redemption.ts';
import { parameterOf } from './request.ts';

/**
 * Runs a token request. Where it redeems a device code or a refresh token, nothing that the engine issued is answered
 * before the redemption has been written as a whole; a request that comes second gets what attacks on single use
 * leave it: the same answer, or `invalid_grant`, and never harms the first.
 */
export async function redeem(ctx: Context, db: Database, run: () => Promise<void>): Promise<void> {
  const redemption = redemptionOf(ctx);
  if (!redemption) return await run();
  ctx.state.redemption = redemption;
  await run();
  if (ctx.state.earlierAnswer) return repeatAnswer(ctx, ctx.state.earlierAnswer);
  if (!redemption.consumes || ctx.status !== 200) return;
  const answer = ctx.body as object;
  const isFirst = await settleRedemption(db, redemption, answer).catch((error) =>
    waitOutDoubt(redemption, error),
  );
  if (isFirst) return watchDelivery(ctx, db, redemption);
  await answerSecond(ctx, db, redemption);
}

/**
 * With the database gone in the middle of a commit, nobody knows whether it happened. If it did, a device that polls
 * again before its interval is over is taken for a second one, so it is told to wait that long.
 */
function waitOutDoubt({ source }: Redemption, error: unknown): never {
  if (source !== 'device_codes' || !isDatabaseUnavailable(error)) throw error;
  throw new AppError(error.code, undefined, {
    cause: error.cause,
    headers: { 'Retry-After': String(pollIntervalSeconds) },
  });
}

function redemptionOf(ctx: Context): Redemption | undefined {
  const grantType = parameterOf(ctx, 'grant_type');
  const deviceCode = parameterOf(ctx, 'device_code');
  const refreshToken = parameterOf(ctx, 'refresh_token');
  if (grantType === deviceGrant && deviceCode) return createRedemption('device_codes', deviceCode);
  if (grantType === 'refresh_token' && refreshToken) return createRedemption('refresh_tokens', refreshToken);
  return undefined;
}

async function answerSecond(ctx: Context, db: Database, redemption: Redemption): Promise<void> {
  const isRefresh = redemption.source === 'refresh_tokens';
  const earlier = isRefresh ? await findEarlierAnswer(db, redemption) : undefined;
  if (earlier?.answer && earlier.age <= graceSeconds) return repeatAnswer(ctx, earlier.answer);
  ctx.status = 400;
  ctx.body = { error: 'invalid_grant', error_description: 'grant request is invalid' };
}

function repeatAnswer(ctx: Context, answer: unknown): void {
  ctx.state.isRepeated = true;
  ctx.status = 200;
  ctx.body = answer;
}

/** A device code's answer that never left is given again at once; the connection tells. */
function watchDelivery(ctx: Context, db: Database, { source, presented }: Redemption): void {
  if (source !== 'device_codes') return;
  const { res } = ctx;
  const note = () => {
    // The database may be away too; then the client gets its answer after its interval.
    if (!res.writableFinished) void markAnswerLost(db, presented).catch(() => undefined);
  };
  if (res.closed || res.destroyed) note();
  else res.once('close', note);
}
