import { sweepIdempotentRequests } from './api/idempotency.ts';
import type { AuditLog } from './audit/audit-log.ts';
import { sweepDays } from './audit/day.ts';
import { addEventPartitions } from './audit/partition.ts';
import { dropOldEvents } from './audit/retention.ts';
import type { Clock } from './clock.ts';
import type { Config } from './config.ts';
import { sweepChallenges } from './factors/challenge.ts';
import { sweepStates } from './identity-providers/state.ts';
import { removeOldKeys } from './keys/signing-key.ts';
import { sweepLimits } from './limits/sweep.ts';
import type { Log } from './log.ts';
import { sweepMails } from './mail/queue.ts';
import type { Networks } from './networks/networks.ts';
import type { Post } from './notices/post.ts';
import { oauthSweepTasks } from './oauth/sweep.ts';
import { sweepInvitations } from './organizations/invitation.ts';
import type { Pool } from './postgres/pool.ts';
import { startSweep } from './postgres/sweep.ts';
import { sweepApiTokens, sweepValues } from './tokens/sweep.ts';
import { sweepSessions } from './users/session.ts';

/** What a server does by itself, again and again; any number of servers may do it at once. */
export type Upkeep = { stop(): Promise<void> };

/** Begins it: every minute what ends is removed, and more often what was remembered is written down. */
export function startUpkeep(options: {
  db: Pool;
  config: Config;
  log: Log;
  clock: Clock;
  audit: AuditLog;
  /** What remembers when something was used, by what that is. */
  recorders: Readonly<Record<string, { flush(): Promise<void> }>>;
  networks: Networks;
  post: Post;
}): Upkeep {
  const { db, config, log, clock, audit, recorders, networks, post } = options;
  const everyMinute = [
    { name: 'signing keys', run: () => removeOldKeys(db) },
    ...oauthSweepTasks(db, clock),
    { name: 'sessions', run: () => sweepSessions(db) },
    { name: 'challenges', run: () => sweepChallenges(db) },
    { name: 'answers of identity providers', run: () => sweepStates(db) },
    { name: 'invitations', run: () => sweepInvitations(db) },
    { name: 'API tokens', run: () => sweepApiTokens(db) },
    { name: 'values of API tokens', run: () => sweepValues(db) },
    { name: 'idempotent requests', run: () => sweepIdempotentRequests(db) },
    { name: 'partitions of the audit log', run: () => addEventPartitions(db) },
    {
      name: 'old audit events',
      run: () => dropOldEvents(db, { key: audit.key, days: config.auditRetentionDays, log }),
    },
    { name: 'days of the audit log', run: () => sweepDays(db) },
    { name: 'tokens that end soon', run: post.tellExpiring },
    { name: 'old mail', run: () => sweepMails(db) },
    { name: 'databases of networks', run: () => networks.refresh() },
    { name: 'limits', run: () => sweepLimits(db) },
  ];
  const everyFewSeconds = Object.entries(recorders).map(([name, { flush }]) => ({ name, run: flush }));
  const sweeps = [
    startSweep(everyMinute, { everyMs: 60_000, log }),
    startSweep(everyFewSeconds, { everyMs: 5_000, log }),
    startSweep([{ name: 'audit log', run: audit.flush }], { everyMs: 1_000, log }),
    startSweep([{ name: 'mail', run: post.deliver }], { everyMs: 1_000, log }),
  ];
  return {
    async stop() {
      for (const sweep of sweeps.toReversed()) await sweep.stop();
    },
  };
}
