import type { Context } from 'koa';
import type { Sighting } from '../../views/comparison.ts';
import { claimedSystem } from '../claimed-system.ts';
import type { Clock } from '../clock.ts';
import { addressOf } from '../http/client-address.ts';
import type { Networks } from '../networks/networks.ts';
import type { DeviceRequest } from '../oauth/device.ts';
import { claimedProgram } from './user-agent.ts';

/** Tells where somebody was seen, as far as it can be told. */
export type Sightings = {
  device(request: DeviceRequest): Sighting;
  /** Whoever sends this request, now. */
  approver(ctx: Context): Sighting;
};

/** Sightings by what the operator's databases know of networks, if there are any. */
export function createSightings(networks: Networks, clock: Clock): Sightings {
  const see = (address: string, agent: string, at: Date): Sighting => ({
    address,
    network: networks.find(address),
    system: claimedSystem(agent),
    program: claimedProgram(agent),
    at,
  });
  return {
    device: ({ askedFrom, askedAt }) => see(askedFrom.address, askedFrom.userAgent, askedAt),
    approver: (ctx) => see(addressOf(ctx), ctx.get('User-Agent'), clock.now()),
  };
}
