import type { Act } from '../audit/action.ts';
import type { Actor, AuditEvent, Origin } from '../audit/event.ts';
import type { Caller } from '../verify/caller.ts';
import type { CallersAct } from './operation.ts';

/** What a caller has done, in the organization that they act in unless the act names another. */
export function callersAct(
  caller: Caller,
  act: CallersAct,
  { address, agent, requestId }: Origin,
): AuditEvent<Act> {
  return {
    organizationId: caller.organizationId,
    ...act,
    actor: actorOf(caller),
    origin: { address, agent, requestId },
  };
}

/** A person, whatever they call with; a program where there is nobody behind it. */
function actorOf({ userId, clientId, name, presentation, tokenId }: Caller): Actor {
  if (userId === undefined) return { kind: 'program', id: clientId ?? name, name };
  const kind = presentation === 'api_token' ? 'api_token' : 'person';
  return { kind, id: userId, name, via: tokenId ?? clientId };
}
