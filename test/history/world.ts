import { setTimeout as wait } from 'node:timers/promises';
import { type Answer, post } from '../support/client.ts';
import type { Cluster } from './cluster.ts';
import type { Operation, Result } from './operation.ts';
import type { Member, Population, Somebody } from './population.ts';
import type { Recorder } from './recorder.ts';

/** An access token that was answered, and to whom. */
export type HeldToken = { text: string; name: string; holder: Member; isExchanged: boolean };

/** A device that was let in: its refresh token, and those before it with the moment of their use. */
export type SignIn = {
  device: Member;
  person: Somebody;
  refreshToken: string;
  used: { text: string; at: number }[];
};

/** All that workers share. */
export type World = {
  cluster: Cluster;
  population: Population;
  recorder: Recorder;
  tokens: HeldToken[];
  signIns: SignIn[];
  isOver(): boolean;
};

/** One of a list, by chance. */
export function pick<Item>(items: readonly Item[]): Item | undefined {
  return items[Math.floor(Math.random() * items.length)];
}

/** True so many times out of a hundred. */
export function chance(percent: number): boolean {
  return Math.random() * 100 < percent;
}

/** Sends a form to a server that can be reached, as a client. `undefined` when the connection is lost on the way. */
export async function send(
  { cluster }: World,
  path: string,
  member: Member,
  form: Record<string, string>,
): Promise<Answer | undefined> {
  const limit = AbortSignal.timeout(60_000);
  for (;;) {
    limit.throwIfAborted();
    const url = `${pick(cluster.addresses)}${path}`;
    try {
      return await (member.basic === undefined
        ? post(url, { client_id: member.id, ...form })
        : post(url, form, { basic: member.basic }));
    } catch (error) {
      if (!isUnsent(error)) return undefined;
      await wait(20);
    }
  }
}

/** Nobody listened: what could not be sent has not happened. */
function isUnsent(error: unknown): boolean {
  const { cause } = error as { cause?: { code?: string } };
  return cause?.code === 'ECONNREFUSED';
}

/** What an answer says of the deed. */
export function resultOf({ cluster }: World, answer: Answer | undefined): Result {
  if (answer === undefined) return { outcome: 'unknown' };
  const { status, headers, body } = answer;
  if (status === 200) return { outcome: 'done' };
  if (status === 400 || status === 401) return { outcome: 'refused' };
  if (status === 503 && headers.get('retry-after')) return { outcome: 'unknown' };
  return {
    outcome: 'unknown',
    fault: `${status}: ${cluster.findFailure(body?.request_id) ?? JSON.stringify(body)}`,
  };
}

/** What an answer of the token endpoint says; its tokens go to the world's. */
export function tokenResultOf(world: World, answer: Answer | undefined, holder: Member): Result {
  const result = resultOf(world, answer);
  if (result.outcome !== 'done') return result;
  const { recorder, tokens } = world;
  const { access_token: text, refresh_token, expires_in, issued_token_type } = answer?.body ?? {};
  const access = recorder.name('access', text);
  const refresh = refresh_token && recorder.name('refresh', refresh_token);
  if (!tokens.some((token) => token.text === text))
    tokens.push({ text, name: access, holder, isExchanged: issued_token_type !== undefined });
  return { ...result, gives: { access, refresh, seconds: expires_in } };
}

/** Asks what a token is worth. */
export function introspect(world: World, { text, name }: HeldToken): Promise<Operation> {
  return world.recorder.record({ kind: 'introspect', token: name }, async () => {
    const answer = await send(world, '/oauth/introspect', world.population.api, { token: text });
    return { ...resultOf(world, answer), isActive: answer?.body.active };
  });
}

/** Gives a token back. */
export function revoke(world: World, holder: Member, text: string, name: string): Promise<Operation> {
  return world.recorder.record({ kind: 'revoke', token: name, client: holder.id }, async () =>
    resultOf(world, await send(world, '/oauth/revoke', holder, { token: text })),
  );
}
