import type { Client } from '../clients/client.ts';
import { addressPrefix } from '../http/client-address.ts';

/** What a client's policy demands of who approves its device codes (RFC 8628 section 5.4). */
export type Demands = {
  /** Whether a code that came in a link does not count (RFC 8628 section 3.3.1). */
  mustBeTyped: boolean;
  /** Whether they must type the number that the device shows. */
  number: boolean;
  sameNetwork: boolean;
  /** What they give only after proving a second factor. */
  secondFactorFor: readonly string[];
};

/** Who approves: from where, and whether they have lately proven a second factor. */
export type Approver = { userId: string; address: string; hasSecondFactor: boolean };

/** Which demand stands in the way, whatever the person types or presses. */
export type UnmetDemand = 'other_network' | 'second_factor';

/** The demands of a client as it is now. */
export function demandsOf(client: Client): Demands {
  return {
    mustBeTyped: client.verificationUriComplete === false,
    number: client.numberMatching === true,
    sameNetwork: client.sameNetwork === true,
    secondFactorFor: client.stepUpScopes ?? [],
  };
}

/** The first demand that is not met where these scopes are given to a device that asks from `askedFrom`. */
export function findUnmetDemand(
  { sameNetwork, secondFactorFor }: Demands,
  approver: Pick<Approver, 'address' | 'hasSecondFactor'>,
  { askedFrom, scopes }: { askedFrom: string; scopes: readonly string[] },
): UnmetDemand | undefined {
  if (sameNetwork && addressPrefix(askedFrom) !== addressPrefix(approver.address)) return 'other_network';
  if (!approver.hasSecondFactor && scopes.some((scope) => secondFactorFor.includes(scope)))
    return 'second_factor';
  return undefined;
}
