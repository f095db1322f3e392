import { redactTokens } from '../log.ts';
import type { Action, Happening } from './action.ts';

/** Who did it. `via` is what they did it with: the id of an API token, or of a program that they signed in. */
export type Actor =
  | {
      kind: 'person' | 'program' | 'api_token';
      id: string;
      name?: string | undefined;
      via?: string | undefined;
    }
  /** Whoever ran a command on the database, by the operating system's name. */
  | { kind: 'operator'; name: string }
  /** The server by itself, or somebody unknown. */
  | { kind: 'server' | 'nobody' };

/** What it was done to. */
export type Target = {
  kind:
    | 'client'
    | 'grant'
    | 'identity_provider'
    | 'initial_access_token'
    | 'invitation'
    | 'member'
    | 'organization'
    | 'passkey'
    | 'policy'
    | 'resource'
    | 'session'
    | 'signing_key'
    | 'token'
    | 'user';
  id: string;
  name?: string | undefined;
};

/** Where it came from, as far as there is such a place. */
export type Origin = {
  address?: string | undefined;
  agent?: string | undefined;
  requestId?: string | undefined;
};

/** What else there is to say: names, counts and times. Nothing here is, or is made from, a secret. */
export type Details = {
  address_ranges?: readonly string[];
  algorithm?: string;
  amr?: readonly string[];
  approval?: string;
  device_address?: string;
  device_codes?: number;
  email?: string;
  expires_at?: string;
  /** Names of what was changed. */
  fields?: readonly string[];
  given?: Readonly<Record<string, readonly string[]>>;
  grant_type?: string;
  grants?: number;
  identity_provider?: string;
  overlap_seconds?: number;
  passkeys?: number;
  permissions?: Readonly<Record<string, readonly string[]>>;
  resource?: string;
  role?: string;
  scopes?: readonly string[];
  taken?: Readonly<Record<string, readonly string[]>>;
  /** How often the same happened within one second. */
  times?: number;
};

/** Something that happened. With a `reason` it was refused. */
export type AuditEvent<Name extends Action = Action> = {
  action: Name;
  actor: Actor;
  target?: Target | undefined;
  /** Where it belongs; the server's own chain where there is none. */
  organizationId?: string | undefined;
  origin: Origin;
  reason?: string | undefined;
  details?: Details;
};

/** Somebody has presented what is no credential of ours, or is one no more. */
export function credentialRefused(origin: Origin): AuditEvent<Happening> {
  return { action: 'credential.refused', actor: { kind: 'nobody' }, origin, reason: 'not good' };
}

/** An event as it is written: texts that fit and hold no token, details as JSON. */
export type PlainEvent = {
  action: string;
  outcome: 'success' | 'refused';
  reason: string | null;
  actorKind: string;
  actorId: string | null;
  actorName: string | null;
  actorVia: string | null;
  targetKind: string | null;
  targetId: string | null;
  targetName: string | null;
  address: string | null;
  agent: string | null;
  requestId: string | null;
  details: string;
};

const mostText = 300;
const mostDetails = 8_000;

/** Prepares an event for its chain. Whatever a caller chose (a name, an agent) is shortened, and tokens in it are blotted out. */
export function toPlain({ action, actor, target, origin, reason, details = {} }: AuditEvent): PlainEvent {
  const who = { id: undefined, name: undefined, via: undefined, ...actor };
  const text = redactTokens(JSON.stringify(details));
  return {
    action,
    outcome: reason === undefined ? 'success' : 'refused',
    reason: plain(reason),
    actorKind: actor.kind,
    actorId: plain(who.id),
    actorName: plain(who.name),
    actorVia: plain(who.via),
    targetKind: target?.kind ?? null,
    targetId: plain(target?.id),
    targetName: plain(target?.name),
    address: plain(origin.address),
    agent: plain(origin.agent),
    requestId: plain(origin.requestId),
    details: text.length > mostDetails ? '{"shortened":true}' : text,
  };

  function plain(given: string | undefined): string | null {
    if (given === undefined) return null;
    return redactTokens(given.replaceAll('\0', '')).slice(0, mostText).toWellFormed();
  }
}
