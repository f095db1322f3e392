import type { AdapterPayload } from 'oidc-provider';
import type { Client } from '../clients/client.ts';
import { epochSeconds } from '../clock.ts';
import type { Database } from '../postgres/pool.ts';
import { sql } from '../postgres/sql.ts';
import { type KeyChain, randomText } from '../secret.ts';
import { type Approval, type ApprovalRefusal, type ApprovingPerson, findApproval } from './approval.ts';
import type { Authentication } from './authentication.ts';
import type { ClientSource } from './client-store.ts';
import { hasUserCode } from './device-code-store.ts';
import { insertGrant } from './grant-store.ts';
import { accessTokenLifetime, signInLifetime } from './lifetimes.ts';
import type { ResourceSource } from './resource-source.ts';
import { readScope } from './scope.ts';
import { formatUserCode, normalizeUserCode } from './user-code.ts';

/** A device's wish to be let in, as the approving person must see it. */
export type DeviceRequest = {
  /** Names the request for `open`, `approve` and `deny`; worth nothing to a client. */
  id: string;
  clientId: string;
  clientName: string;
  publisher: string | undefined;
  /** Whether nobody but the client itself has chosen its name. */
  registeredItself: boolean;
  /** Without offline_access, which `offlineAccess` tells. */
  scopes: { name: string; description: string }[];
  offlineAccess: boolean;
  resource: { uri: string; name: string };
  askedFrom: { address: string; userAgent: string };
  askedAt: Date;
  expiresAt: Date;
  /** How long the device stays let in, in seconds. */
  lastsSeconds: number;
  /** Whether a code that came in a link does not count (RFC 8628 section 3.3.1). */
  mustBeTyped: boolean;
  /** As it is shown: `XXXX-XXXX`. */
  userCode: string;
};

/** Why a decision did not count: the time is over, it was made before, or another person opened the request. */
export type DecisionRefusal = 'expired' | 'used' | 'foreign';

/** What was decided on, for who writes it down at the end of the transaction that decides; `scopes` are those given, or refused. */
export type Decided = { clientId: string; resource: string; scopes: string[] };

/** What a person was shown and has agreed to: where they act, and the scopes that the device gets. */
export type Agreed = { organizationId: string | undefined; scopes: readonly string[] };

/** The requests that wait for a person (RFC 8628 section 3.3). */
export type DeviceRequests = {
  /** The live, undecided request behind what a person typed. Wrong, expired and used codes are all `undefined`. */
  find(userCode: string): Promise<DeviceRequest | undefined>;
  /** Binds the request to the person who looks at it. False when another has it. */
  open(id: string, userId: string): Promise<boolean>;
  /** What the person can give of what the request asks for, acting where they have chosen to. */
  weigh(request: DeviceRequest, person: ApprovingPerson): Promise<Approval | { refusal: ApprovalRefusal }>;
  /**
   * Makes a grant of its own for this approval. Only for who opened the request. `powerless`: they can give nothing of what
   * was agreed, and nothing is decided.
   */
  approve(
    id: string,
    userId: string,
    authentication: {
      authenticatedAt: Date;
      acr: string;
      amr: string[];
      identityProvider: string | undefined;
    },
    agreed: Agreed,
    tell: Tell,
  ): Promise<'approved' | 'powerless' | DecisionRefusal>;
  /** The device's next poll is told `access_denied`. Only for who opened the request. */
  deny(id: string, userId: string, tell: Tell): Promise<'denied' | DecisionRefusal>;
};

type Tell = (tx: Database, decided: Decided) => Promise<void>;

type DeviceRow = {
  digest: Buffer;
  payload: AdapterPayload & {
    params: { scope?: string; resource: string };
    deviceInfo: Record<string, string>;
  };
  created_at: Date;
  expires_at: Date;
  live: boolean;
  decided: boolean;
  opened_by: string | null;
};

const columns = sql`digest, payload, created_at, expires_at, opened_by, expires_at > now() as live,
  decided_at is not null or consumed_at is not null as decided`;

/** The door to device requests for the pages; `userCodeKeys` are those of the adapter. */
export function createDeviceRequests(options: {
  db: Database;
  userCodeKeys: KeyChain;
  findClient: ClientSource;
  findResource: ResourceSource;
}): DeviceRequests {
  const { db, findClient, findResource } = options;

  async function describe(row: DeviceRow, userCode: string): Promise<DeviceRequest | undefined> {
    const { params, deviceInfo, clientId } = row.payload;
    const [client, resource] = await Promise.all([findClient(clientId ?? ''), findResource(params.resource)]);
    if (!client || !resource) return undefined;
    const asked = readScope(params.scope);
    const offlineAccess = asked.includes('offline_access');
    return {
      id: row.digest.toString('hex'),
      clientId: client.id,
      clientName: client.name,
      publisher: client.publisher,
      registeredItself: client.registeredWith !== undefined,
      scopes: asked
        .filter((name) => name !== 'offline_access')
        .map((name) => ({ name, description: resource.scopes[name] ?? name })),
      offlineAccess,
      resource: { uri: resource.uri, name: resource.name },
      askedFrom: { address: deviceInfo.address ?? '', userAgent: deviceInfo.userAgent ?? '' },
      askedAt: row.created_at,
      expiresAt: row.expires_at,
      lastsSeconds: offlineAccess ? signInLifetime(client) : accessTokenLifetime(client, resource),
      mustBeTyped: client.verificationUriComplete === false,
      userCode: formatUserCode(userCode),
    };
  }

  async function findClientOf(id: string): Promise<Client | undefined> {
    const [row] = await db.query<DeviceRow>(
      sql`select ${columns} from device_codes where digest = ${toDigest(id)}`,
    );
    return row && (await findClient(row.payload.clientId ?? ''));
  }

  /**
   * Decides once, under a lock on the row; `change` gives what is added to the engine's record of the code, or nothing
   * where nothing is to be decided.
   */
  async function decide(
    id: string,
    userId: string,
    change: (tx: Database, row: DeviceRow) => Promise<AdapterPayload | undefined>,
    tell: Tell,
  ): Promise<'decided' | 'undecided' | DecisionRefusal> {
    return await db.transaction(async (tx) => {
      const [row] = await tx.query<DeviceRow>(
        sql`select ${columns} from device_codes where digest = ${toDigest(id)} for update`,
      );
      if (!row || (!row.live && !row.decided)) return 'expired';
      if (row.opened_by !== userId) return 'foreign';
      if (row.decided) return 'used';
      const decision = await change(tx, row);
      if (!decision) return 'undecided';
      const payload = { ...row.payload, ...decision };
      await tx.query(
        sql`update device_codes set payload = ${JSON.stringify(payload)}, grant_id = ${payload.grantId ?? null},
              decided_at = now() where digest = ${row.digest}`,
      );
      const { params, clientId = '' } = row.payload;
      await tell(tx, {
        clientId,
        resource: params.resource,
        scopes: readScope(payload.scope ?? params.scope),
      });
      return 'decided';
    });
  }

  return {
    async find(typed) {
      const userCode = normalizeUserCode(typed);
      // A text that cannot be a code costs the same look-up as one that could.
      const [row, another] = await db.query<DeviceRow>(
        sql`select ${columns} from device_codes where ${hasUserCode(options.userCodeKeys, userCode ?? typed)}`,
      );
      const isOpen = row?.live && !row.decided && !another;
      return userCode && isOpen ? await describe(row, userCode) : undefined;
    },
    async open(id, userId) {
      const rows = await db.query(
        sql`update device_codes set opened_by = ${userId}
            where digest = ${toDigest(id)} and coalesce(opened_by, ${userId}) = ${userId} returning 1`,
      );
      return rows.length === 1;
    },
    async weigh({ clientId, resource, scopes }, person) {
      const client = await findClient(clientId);
      if (!client) return { refusal: 'stranger' };
      const asked = scopes.map(({ name }) => name);
      return await findApproval(db, { client, resource: resource.uri, asked }, person);
    },
    async approve(id, userId, { authenticatedAt, acr, amr, identityProvider }, agreed, tell) {
      // Before the transaction: polls that wait for its lock may hold every other connection.
      const client = await findClientOf(id);
      if (!client) return 'expired';
      const allow = async (tx: Database, { payload }: DeviceRow) => {
        const { resource } = payload.params;
        const asked = readScope(payload.params.scope);
        const request = { resource, asked, userId, identityProvider, agreed };
        const granted = await findGranted(tx, client, request);
        if (granted.length === 0) return undefined;
        const grantId = randomText();
        const expiresIn = signInLifetime(client);
        const iat = epochSeconds();
        const grant = {
          accountId: userId,
          clientId: client.id,
          resources: { [resource]: granted.join(' ') },
        };
        const authTime = Math.floor(authenticatedAt.getTime() / 1000);
        const authentication: Authentication = { auth_time: authTime, acr, amr };
        const record = { ...grant, authentication, kind: 'Grant', iat, exp: iat + expiresIn };
        const given = { organizationId: agreed.organizationId, identityProvider };
        await insertGrant(tx, grantId, record, expiresIn, given);
        const scope = asked.filter((name) => name === 'offline_access' || granted.includes(name)).join(' ');
        return { accountId: userId, grantId, scope, resource };
      };
      const outcome = await decide(id, userId, allow, tell);
      if (outcome === 'decided') return 'approved';
      return outcome === 'undecided' ? 'powerless' : outcome;
    },
    async deny(id, userId, tell) {
      const refuse = async () => ({
        error: 'access_denied',
        errorDescription: 'the person who was asked has denied it',
      });
      const outcome = await decide(id, userId, refuse, tell);
      return outcome === 'decided' || outcome === 'undecided' ? 'denied' : outcome;
    },
  };
}

/** Of what was agreed, what the person may still give there; nothing where they stand elsewhere by now. */
async function findGranted(
  db: Database,
  client: Client,
  request: {
    resource: string;
    asked: readonly string[];
    userId: string;
    identityProvider: string | undefined;
    agreed: Agreed;
  },
): Promise<string[]> {
  const { resource, userId, identityProvider, agreed } = request;
  const asked = request.asked.filter((name) => name !== 'offline_access' && agreed.scopes.includes(name));
  const { organizationId } = agreed;
  const person = { userId, organizationId, identityProvider };
  const approval = await findApproval(db, { client, resource, asked }, person);
  if ('refusal' in approval || approval.organization?.id !== organizationId) return [];
  return approval.given;
}

function toDigest(id: string): Buffer {
  return Buffer.from(id, 'hex');
}
