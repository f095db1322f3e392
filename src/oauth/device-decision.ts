import type { AdapterPayload } from 'oidc-provider';
import type { Client } from '../clients/client.ts';
import { epochSeconds } from '../clock.ts';
import type { Database } from '../postgres/pool.ts';
import { sql } from '../postgres/sql.ts';
import type { Resource } from '../resources/resource.ts';
import { randomText, sha256 } from '../secret.ts';
import { deviceGrant } from '../urn.ts';
import { holdSession } from '../users/session.ts';
import { findApproval } from './approval.ts';
import type { Authentication } from './authentication.ts';
import type { ClientSource } from './client-store.ts';
import { type Approver, demandsOf, findUnmetDemand, type UnmetDemand } from './device-demands.ts';
import { denial, type Reported, reportCode } from './device-report.ts';
import { insertGrant } from './grant-store.ts';
import { rememberClient } from './known-client.ts';
import { grantLifetime } from './lifetimes.ts';
import type { ResourceSource } from './resource-source.ts';
import { readScope } from './scope.ts';
import type { VerificationNumbers } from './verification-number.ts';

/** Why a decision did not count: the time is over, it was made before, or another person opened the request. */
export type DecisionRefusal = 'expired' | 'used' | 'foreign';

/** What was decided on, for who writes it down at the end of the transaction that decides; `scopes` are those given, or refused. */
export type Decided = { clientId: string; resource: string; scopes: string[] };

/** What a person was shown and has agreed to: where they act, and the scopes that the device gets. */
export type Agreed = { organizationId: string | undefined; scopes: readonly string[] };

/** The approver as they decide; `number` is what they read off the device. */
export type Deciding = Approver & {
  sessionId: string;
  authenticatedAt: Date;
  acr: string;
  amr: readonly string[];
  identityProvider: string | undefined;
  number?: string | undefined;
};

/**
 * How an approval ended. `powerless`: they can give nothing of what was agreed. `no_number`, `wrong_number`: nothing is
 * decided yet; with the third wrong one, `numbers_spent`, the code is denied. `grantId` is the grant's public id.
 */
export type ApprovalOutcome =
  | { outcome: 'approved'; grantId: string }
  | {
      outcome: 'powerless' | UnmetDemand | 'no_number' | 'wrong_number' | 'numbers_spent' | DecisionRefusal;
    };

/** Writes a decision down, as the last thing of its transaction. */
export type Tell<Outcome = void> = (tx: Database, decided: Decided, outcome: Outcome) => Promise<void>;

/** What a person may do with a request that they have opened; nobody else may. */
export type DeviceDecisions = {
  /** Makes a grant of its own for this approval, if all is met that the client's policy demands. */
  approve(
    id: string,
    approver: Deciding,
    agreed: Agreed,
    tell: Tell<'approved' | 'numbers_spent'>,
  ): Promise<ApprovalOutcome>;
  /** The device's next poll is told `access_denied`. */
  deny(id: string, userId: string, tell: Tell): Promise<'denied' | DecisionRefusal>;
  /** The same, for every pending code that was asked for from the same network. */
  report(
    id: string,
    userId: string,
    tell: (tx: Database, reported: Reported) => Promise<void>,
  ): Promise<'reported' | DecisionRefusal>;
};

type PendingRow = {
  digest: Buffer;
  payload: AdapterPayload & {
    params: { scope?: string; resource: string };
    deviceInfo: Record<string, string>;
  };
  live: boolean;
  decided: boolean;
  opened_by: string | null;
  wrong_numbers: number;
};

/** A person has this many tries at the number of a device. */
export const numberTries = 3;

/** The decisions on device requests. */
export function createDeviceDecisions(options: {
  db: Database;
  verificationNumbers: VerificationNumbers;
  findClient: ClientSource;
  findResource: ResourceSource;
}): DeviceDecisions {
  const { db, verificationNumbers, findClient, findResource } = options;

  /** Which program asks, and for which API. */
  async function findAsked(id: string): Promise<{ client: Client; api: Resource } | undefined> {
    const [row] = await db.query<Pick<PendingRow, 'payload'>>(
      sql`select payload from device_codes where digest = ${toDigest(id)}`,
    );
    if (!row) return undefined;
    const { clientId = '', params } = row.payload;
    const [client, api] = await Promise.all([findClient(clientId), findResource(params.resource)]);
    return client?.grantTypes.includes(deviceGrant) && api ? { client, api } : undefined;
  }

  return {
    async approve(id, approver, agreed, tell) {
      // Before the transaction: polls that wait for its lock may hold every other connection.
      const found = await findAsked(id);
      if (!found) return { outcome: 'expired' };
      const { client, api } = found;
      const demands = demandsOf(client);
      const grantId = randomText();
      const outcome = await decide<Exclude<ApprovalOutcome['outcome'], DecisionRefusal>>(
        db,
        { id, userId: approver.userId, sessionId: approver.sessionId },
        async (tx, { digest, payload, wrong_numbers: wrong }) => {
          const { resource } = payload.params;
          const asked = readScope(payload.params.scope);
          const granted = await findGranted(tx, client, { resource, asked, approver, agreed });
          if (granted.length === 0) return { outcome: 'powerless' };
          const scopes = asked.filter((name) => name === 'offline_access' || granted.includes(name));
          const askedFrom = payload.deviceInfo.address ?? '';
          const unmet = findUnmetDemand(demands, approver, { askedFrom, scopes });
          if (unmet) return { outcome: unmet };
          if (demands.number) {
            const typed = approver.number?.trim() ?? '';
            if (!/^\d{2}$/.test(typed)) return { outcome: 'no_number' };
            if (!verificationNumbers.isRight(digest, typed)) return await countWrong(tx, digest, wrong + 1);
          }
          const { organizationId } = agreed;
          const device = { address: askedFrom, userAgent: payload.deviceInfo.userAgent ?? '' };
          const seconds = grantLifetime(client, api, scopes.includes('offline_access'));
          const record = toGrant(client, approver, { [resource]: granted.join(' ') }, seconds);
          const { address, identityProvider } = approver;
          const giving = { organizationId, identityProvider, address, device };
          await insertGrant(tx, grantId, record, seconds, giving);
          await rememberClient(tx, approver.userId, client.id);
          const decision = { accountId: approver.userId, grantId, scope: scopes.join(' '), resource };
          return { outcome: 'approved', decision };
        },
        async (tx, decided, ending) => {
          if (ending === 'approved' || ending === 'numbers_spent') await tell(tx, decided, ending);
        },
      );
      return outcome === 'approved' ? { outcome, grantId: sha256(grantId).toString('hex') } : { outcome };
    },
    async deny(id, userId, tell) {
      return await decide(
        db,
        { id, userId },
        async () => ({ outcome: 'denied' as const, decision: denial }),
        (tx, decided) => tell(tx, decided),
      );
    },
    async report(id, userId, tell) {
      const reported = await db.transaction(async (tx) => {
        const ended = await reportCode(tx, toDigest(id), userId);
        if (ended) await tell(tx, ended);
        return ended;
      });
      if (reported) return 'reported';
      // Not pending, or not theirs: which of it the row still tells.
      return await decide(
        db,
        { id, userId },
        async () => ({ outcome: 'expired' as const }),
        async () => {},
      );
    },
  };
}

type Judgement<Outcome> = { outcome: Outcome; decision?: AdapterPayload };

async function countWrong(
  tx: Database,
  digest: Buffer,
  wrong: number,
): Promise<Judgement<'wrong_number' | 'numbers_spent'>> {
  await tx.query(sql`update device_codes set wrong_numbers = ${wrong}::integer where digest = ${digest}`);
  return wrong < numberTries ? { outcome: 'wrong_number' } : { outcome: 'numbers_spent', decision: denial };
}

function toGrant(
  client: Client,
  { userId: accountId, authenticatedAt, acr, amr }: Deciding,
  resources: Record<string, string>,
  seconds: number,
): AdapterPayload & { authentication: Authentication } {
  const iat = epochSeconds();
  const authentication = { auth_time: Math.floor(authenticatedAt.getTime() / 1000), acr, amr };
  const whose = { accountId, clientId: client.id, resources, authentication };
  return { ...whose, kind: 'Grant', iat, exp: iat + seconds };
}

/** Under a lock on the row; nothing is decided unless `judge` gives what is added to the engine's record of the code. */
async function decide<Outcome>(
  db: Database,
  { id, userId, sessionId }: { id: string; userId: string; sessionId?: string | undefined },
  judge: (tx: Database, row: PendingRow) => Promise<Judgement<Outcome>>,
  tell: Tell<Outcome>,
): Promise<Outcome | DecisionRefusal> {
  return await db.transaction(async (tx) => {
    // Who was signed out while they pressed the button has let nothing in.
    if (sessionId !== undefined && !(await holdSession(tx, { id: sessionId, userId }))) return 'foreign';
    const [row] = await tx.query<PendingRow>(
      sql`select digest, payload, opened_by, wrong_numbers, expires_at > now() as live,
            decided_at is not null or consumed_at is not null as decided
          from device_codes where digest = ${toDigest(id)} for update`,
    );
    if (!row || (!row.live && !row.decided)) return 'expired';
    if (row.opened_by !== userId) return 'foreign';
    if (row.decided) return 'used';
    const { outcome, decision } = await judge(tx, row);
    if (!decision) return outcome;
    const payload = { ...row.payload, ...decision };
    await tx.query(
      sql`update device_codes set payload = ${JSON.stringify(payload)}, grant_id = ${payload.grantId ?? null},
            decided_at = now() where digest = ${row.digest}`,
    );
    const { params, clientId = '' } = row.payload;
    const scopes = readScope(payload.scope ?? params.scope);
    await tell(tx, { clientId, resource: params.resource, scopes }, outcome);
    return outcome;
  });
}

/** Of what was agreed, what the person may still give there; nothing where they stand elsewhere by now. */
async function findGranted(
  db: Database,
  client: Client,
  request: { resource: string; asked: readonly string[]; approver: Deciding; agreed: Agreed },
): Promise<string[]> {
  const { resource, approver, agreed } = request;
  const asked = request.asked.filter((name) => name !== 'offline_access' && agreed.scopes.includes(name));
  const { organizationId } = agreed;
  const { userId, identityProvider } = approver;
  const person = { userId, organizationId, identityProvider };
  const approval = await findApproval(db, { client, resource, asked }, person);
  if ('refusal' in approval || approval.organization?.id !== organizationId) return [];
  return approval.given;
}

function toDigest(id: string): Buffer {
  return Buffer.from(id, 'hex');
}
