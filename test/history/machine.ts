import { exchangeGrant, resources } from './population.ts';
import {
  chance,
  type HeldToken,
  introspect,
  pick,
  revoke,
  send,
  tokenResultOf,
  type World,
} from './world.ts';

/** A machine gets a token; with some luck it is exchanged, and revoked. */
export async function playMachine(world: World): Promise<void> {
  const { population, recorder, tokens } = world;
  const machine = pick(population.machines);
  if (!machine) return;
  const resource = chance(50) ? resources.opaque : resources.jwt;
  const { gives } = await recorder.record({ kind: 'issue', client: machine.id }, async () =>
    tokenResultOf(
      world,
      await send(world, '/oauth/token', machine, { grant_type: 'client_credentials', resource }),
      machine,
    ),
  );
  const token = tokens.find(({ name }) => name === gives?.access);
  if (!token) return;
  await introspect(world, token);
  if (chance(20)) await exchange(world, token);
  if (chance(20)) await revoke(world, machine, token.text, token.name);
  await introspect(world, token);
}

/** A gateway exchanges a token that somebody sent it. */
export async function exchange(world: World, subject: HeldToken): Promise<void> {
  const gateway = pick(world.population.gateways);
  if (!gateway || subject.isExchanged) return;
  const { gives } = await world.recorder.record(
    { kind: 'exchange', token: subject.name, client: gateway.id },
    async () =>
      tokenResultOf(
        world,
        await send(world, '/oauth/token', gateway, {
          grant_type: exchangeGrant,
          subject_token: subject.text,
          subject_token_type: 'urn:ietf:params:oauth:token-type:access_token',
        }),
        gateway,
      ),
  );
  const token = world.tokens.find(({ name }) => name === gives?.access);
  if (token) await introspect(world, token);
}

/** Somebody asks what a token is worth: a recent one, or any. */
export async function playApi(world: World): Promise<void> {
  const token = pick(chance(50) ? world.tokens.slice(-50) : world.tokens);
  if (token) await introspect(world, token);
  if (token && chance(10)) await exchange(world, token);
}
