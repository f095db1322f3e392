import type { AdapterPayload } from 'oidc-provider';
import type { Database } from '../postgres/pool.ts';
import { sql } from '../postgres/sql.ts';
import type { KeyChain } from '../secret.ts';
import { deviceGrant } from '../urn.ts';
import { type Approval, type ApprovalRefusal, type ApprovingPerson, findApproval } from './approval.ts';
import type { ClientSource } from './client-store.ts';
import { hasUserCode } from './device-code-store.ts';
import { createDeviceDecisions, type DeviceDecisions } from './device-decision.ts';
import { type Demands, demandsOf } from './device-demands.ts';
import { isKnownClient } from './known-client.ts';
import { accessTokenLifetime, signInLifetime } from './lifetimes.ts';
import type { ResourceSource } from './resource-source.ts';
import { readScope } from './scope.ts';
import { formatUserCode, normalizeUserCode } from './user-code.ts';
import type { VerificationNumbers } from './verification-number.ts';

/** A device's wish to be let in, as the approving person must see it. */
export type DeviceRequest = {
  /** Names the request for `open` and the decisions; worth nothing to a client. */
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
  /** What the client's policy demands of who approves. */
  demands: Demands;
  /** How many wrong numbers were typed for it. */
  wrongNumbers: number;
  /** As it is shown: `XXXX-XXXX`. */
  userCode: string;
};

/** The requests that wait for a person (RFC 8628 section 3.3). */
export type DeviceRequests = DeviceDecisions & {
  /** The live, undecided request behind what a person typed. Wrong, expired and used codes are all `undefined`. */
  find(userCode: string): Promise<DeviceRequest | undefined>;
  /** Binds the request to the person who looks at it. False when another has it. */
  open(id: string, userId: string): Promise<boolean>;
  /** What the person can give of what the request asks for, acting where they have chosen to. */
  weigh(request: DeviceRequest, person: ApprovingPerson): Promise<Approval | { refusal: ApprovalRefusal }>;
  /** Whether the person has ever allowed this client. */
  isKnown(clientId: string, userId: string): Promise<boolean>;
};

type DeviceRow = {
  digest: Buffer;
  payload: AdapterPayload & {
    params: { scope?: string; resource: string };
    deviceInfo: Record<string, string>;
  };
  created_at: Date;
  expires_at: Date;
  is_open: boolean;
  wrong_numbers: number;
};

/** The door to device requests for the pages; `userCodeKeys` are those of the adapter. */
export function createDeviceRequests(options: {
  db: Database;
  userCodeKeys: KeyChain;
  verificationNumbers: VerificationNumbers;
  findClient: ClientSource;
  findResource: ResourceSource;
}): DeviceRequests {
  const { db, findClient, findResource } = options;

  async function describe(row: DeviceRow, userCode: string): Promise<DeviceRequest | undefined> {
    const { params, deviceInfo, clientId } = row.payload;
    const [client, resource] = await Promise.all([findClient(clientId ?? ''), findResource(params.resource)]);
    if (!client?.grantTypes.includes(deviceGrant) || !resource) return undefined;
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
      demands: demandsOf(client),
      wrongNumbers: row.wrong_numbers,
      userCode: formatUserCode(userCode),
    };
  }

  return {
    async find(typed) {
      const userCode = normalizeUserCode(typed);
      // A text that cannot be a code costs the same look-up as one that could.
      const [row, another] = await db.query<DeviceRow>(
        sql`select digest, payload, created_at, expires_at, wrong_numbers,
              expires_at > now() and decided_at is null and consumed_at is null as is_open
            from device_codes where ${hasUserCode(options.userCodeKeys, userCode ?? typed)}`,
      );
      return userCode && row?.is_open && !another ? await describe(row, userCode) : undefined;
    },
    async open(id, userId) {
      const rows = await db.query(
        sql`update device_codes set opened_by = ${userId}
            where digest = ${Buffer.from(id, 'hex')} and coalesce(opened_by, ${userId}) = ${userId} returning 1`,
      );
      return rows.length === 1;
    },
    async weigh({ clientId, resource, scopes }, person) {
      const client = await findClient(clientId);
      if (!client) return { refusal: 'stranger' };
      const asked = scopes.map(({ name }) => name);
      return await findApproval(db, { client, resource: resource.uri, asked }, person);
    },
    isKnown: (clientId, userId) => isKnownClient(db, userId, clientId),
    ...createDeviceDecisions(options),
  };
}
