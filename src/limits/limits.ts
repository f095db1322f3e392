import { RateLimiterPostgres, RateLimiterRes } from 'rate-limiter-flexible';
import type { Database } from '../postgres/pool.ts';
import { Sql } from '../postgres/sql.ts';
import { deriveKey, hmac } from '../secret.ts';
import { type PolicyName, policies } from './policy.ts';
import { createSpentKeys } from './spent-keys.ts';

/** Whether a try may be made now; if not, in how many seconds at the earliest. */
export type Allowance = { allowed: true } | { allowed: false; retryAfterSeconds: number };

/**
 * Failures counted by all servers together in PostgreSQL. A key's parts (an account, an address) are stored as an HMAC
 * only. With the database away, everything but `check` throws AppError `database_unavailable`.
 */
export type Limits = {
  /** Counts a try as a failure before it is judged, so that tries at the same time cannot all slip through. */
  take(policy: PolicyName, ...key: string[]): Promise<Allowance>;
  /** Takes one counted try back: it was none, or it succeeded. */
  giveBack(policy: PolicyName, ...key: string[]): Promise<void>;
  /** `take` as a part of a transaction: what is rolled back was never counted. */
  within(tx: Database): Pick<Limits, 'take'>;
  /** Forgets every failure of this key. */
  forget(policy: PolicyName, ...key: string[]): Promise<void>;
  /**
   * For tries too frequent to be counted beforehand: counts one that failed. Once the limit is reached, `check` in this
   * process knows it; another process learns it with its own next failure.
   */
  fail(policy: PolicyName, ...key: string[]): Promise<void>;
  /** What `fail` has learned here, without a query. */
  check(policy: PolicyName, ...key: string[]): Allowance;
  /** Counts one request against a quota. */
  spend(quota: Quota, ...key: string[]): Promise<Spent>;
};

/** So many requests in so many seconds. */
export type Quota = { requests: number; seconds: number };

/** What is left of a quota, and in how many seconds all of it is there again. */
export type Spent = { isOver: boolean; remaining: number; resetSeconds: number };

/** Limits over the table `rate_limits`. */
export function createLimits({ db, secret }: { db: Database; secret: string }): Limits {
  const hashKey = deriveKey(secret, 'limits');
  const spent = createSpentKeys();
  const limiters = new Map(
    Object.entries(policies).map(([name, { failures, seconds }]) => [
      name,
      createLimiter(db, name, { points: failures, seconds }),
    ]),
  );
  const limiterOf = (policy: PolicyName) => limiters.get(policy) as RateLimiterPostgres;
  // JSON keeps the parts apart: ("ab", "c") is not ("a", "bc").
  const digest = (key: string[]) => hmac(hashKey, JSON.stringify(key)).toString('base64url');
  const takeWith =
    (limiter: (policy: PolicyName) => RateLimiterPostgres): Limits['take'] =>
    async (policy, ...key) => {
      const { isOver, milliseconds } = await consume(limiter(policy), digest(key));
      return isOver ? refusal(milliseconds) : { allowed: true };
    };
  return {
    take: takeWith(limiterOf),
    within: (tx) => ({
      take: takeWith((policy) => {
        const { failures, seconds } = policies[policy];
        return createLimiter(tx, policy, { points: failures, seconds });
      }),
    }),
    async giveBack(policy, ...key) {
      await limiterOf(policy).reward(digest(key));
    },
    async forget(policy, ...key) {
      await limiterOf(policy).delete(digest(key));
    },
    async fail(policy, ...key) {
      const { isLast, milliseconds } = await consume(limiterOf(policy), digest(key));
      if (isLast) spent.add(policy + digest(key), milliseconds);
    },
    check(policy, ...key) {
      // The usual case costs nothing: it is on the way of every request of a client.
      if (spent.isEmpty()) return { allowed: true };
      const milliseconds = spent.remaining(policy + digest(key));
      return milliseconds > 0 ? refusal(milliseconds) : { allowed: true };
    },
    async spend({ requests, seconds }, ...key) {
      const limiter = createLimiter(db, 'requests', { points: requests, seconds });
      const { isOver, remaining, milliseconds } = await consume(limiter, digest(key));
      return { isOver, remaining, resetSeconds: Math.ceil(milliseconds / 1000) };
    },
  };
}

function createLimiter(
  db: Database,
  keyPrefix: string,
  { points, seconds }: { points: number; seconds: number },
): RateLimiterPostgres {
  return new RateLimiterPostgres({
    storeClient: {
      query: async ({ text, values }: Sql) => {
        const rows = await db.query(new Sql(text, values));
        return { rows, rowCount: rows.length };
      },
    },
    storeType: 'pool',
    keyPrefix,
    tableName: 'rate_limits',
    // Both are ours: the table comes with the migrations, its expired rows go with `sweepLimits`.
    tableCreated: true,
    clearExpiredByTimeout: false,
    points,
    duration: seconds,
  });
}

/** One more try. `isOver`: it was one too many. `isLast`: no further one will be allowed. */
async function consume(limiter: RateLimiterPostgres, key: string) {
  const result = await limiter.consume(key).catch((reason: unknown) => {
    // The library throws its results too; what is not one is an error.
    if (reason instanceof RateLimiterRes) return reason;
    throw reason;
  });
  const isOver = result.consumedPoints > limiter.points;
  return {
    isOver,
    isLast: result.consumedPoints >= limiter.points,
    remaining: Math.max(0, result.remainingPoints),
    milliseconds: result.msBeforeNext,
  };
}

function refusal(milliseconds: number): Allowance {
  return { allowed: false, retryAfterSeconds: Math.max(1, Math.ceil(milliseconds / 1000)) };
}
