import { setTimeout as wait } from 'node:timers/promises';
import { sql } from '../../src/postgres/sql.ts';
import { sha256 } from '../../src/secret.ts';
import { createPerson } from '../support/person.ts';
import type { Operation, Result } from './operation.ts';
import { deviceGrant, type Member, resources, type Somebody } from './population.ts';
import { chance, pick, resultOf, revoke, type SignIn, send, tokenResultOf, type World } from './world.ts';

/** A device code as its device has it. */
type Code = { text: string; name: string; userCode: string; device: Member };

/** Later than this a client that lost the answer of its poll gets it again. */
const intervalMs = 6_000;

/** How long somebody who gets no answer waits. */
const outageMs = 200;

/** A device asks to be let in; a person allows it, or does not, or is too late; it polls. */
export async function playDevice(world: World): Promise<void> {
  const { population, recorder } = world;
  const [device, person] = [pick(population.devices), pick(population.people)];
  const code = device && (await ask(world, device));
  if (!code || !person) return;
  const decision = chance(85) ? 'allow' : 'deny';
  const fate = async () => {
    if (chance(5)) await expire(world, code);
    for (let tries = 0; tries < 3; tries += 1) {
      const decided = await recorder.record(
        { kind: 'decide', code: code.name, user: person.email, decision },
        () => decide(world, code, person, decision),
      );
      if (decided.outcome !== 'unknown') break;
      await wait(outageMs);
    }
    if (chance(5)) await expire(world, code);
  };
  if (chance(20)) await Promise.all([fate(), redeem(world, code, person)]);
  else await fate();
  await Promise.all(Array.from({ length: chance(20) ? 3 : 1 }, () => redeem(world, code, person)));
}

/** A device renews its tokens: as it should, twice at once, with a token that it used a moment ago, or long ago. */
export async function playSignIn(world: World): Promise<void> {
  const signIn = pick(world.signIns);
  if (!signIn) return;
  const { device, refreshToken, used } = signIn;
  if (chance(4)) {
    await revoke(world, device, refreshToken, world.recorder.name('refresh', refreshToken));
    if (chance(50)) forget(world, signIn);
    return;
  }
  const old = used.find(({ at }) => performance.now() - at > 32_000);
  if (old && chance(10)) {
    await refresh(world, signIn, old.text);
    return;
  }
  const recent = used.at(-1);
  if (recent && chance(15)) await refresh(world, signIn, recent.text);
  await Promise.all(
    Array.from({ length: chance(20) ? 3 : 1 }, async () => {
      const { outcome } = await refresh(world, signIn, refreshToken);
      if (outcome === 'unknown') await refresh(world, signIn, refreshToken);
    }),
  );
}

async function ask(world: World, device: Member): Promise<Code | undefined> {
  const resource = chance(50) ? resources.opaque : resources.jwt;
  let code: Code | undefined;
  await world.recorder.record({ kind: 'ask', client: device.id }, async () => {
    const form = { scope: 'read offline_access', resource };
    const answer = await send(world, '/oauth/device_authorization', device, form);
    const result = resultOf(world, answer);
    if (result.outcome === 'done') {
      const { device_code: text, user_code: userCode } = answer?.body ?? {};
      code = { text, name: world.recorder.name('code', text), userCode, device };
    }
    return result;
  });
  return code;
}

/** The time of the code is over, by the database's clock. */
function expire({ cluster, recorder }: World, { text, name }: Code): Promise<Operation> {
  return recorder.record({ kind: 'expire', code: name }, async () => {
    const statement = sql`update device_codes set expires_at = now() where digest = ${sha256(text)}`;
    return await cluster.db.query(statement).then(
      () => ({ outcome: 'done' }) as const,
      () => ({ outcome: 'unknown' }) as const,
    );
  });
}

/** Decides on the pages of one server, in a browser that is signed in, or signs in there. */
async function decide(
  { cluster }: World,
  { userCode }: Code,
  account: Somebody,
  decision: 'allow' | 'deny',
): Promise<Result> {
  const person = createPerson(pick(cluster.addresses) ?? '', { origin: cluster.issuer });
  for (const [name, value] of account.cookies) person.cookies.set(name, value);
  const answer = async () => {
    const page = await person.enterCode(userCode, account);
    account.cookies = new Map(person.cookies);
    return page.html.includes('/device/confirm') ? await person.decide(decision) : page;
  };
  const page = await answer().catch(() => undefined);
  const wrong = person.hops.find(
    ({ status, headers }) => status >= 500 && !(status === 503 && headers.get('retry-after')),
  );
  const fault = wrong && `${wrong.method} ${new URL(wrong.url).pathname}: ${wrong.status}`;
  if (page?.html.includes(headings[decision])) return { outcome: 'done', fault };
  const isRefused = page?.status === 400 || page?.html.includes('This code');
  return { outcome: isRefused ? 'refused' : 'unknown', fault };
}

/** What the page says to somebody whose decision counts. Refusals begin with `This code`. */
const headings = { allow: 'Your device is connected', deny: 'You denied it' };

/** Polls once, and again after the interval where the answer was lost. */
async function redeem(world: World, code: Code, person: Somebody): Promise<void> {
  const { device, text, name } = code;
  const form = { grant_type: deviceGrant, device_code: text };
  for (let tries = 0; tries < 3; tries += 1) {
    let refreshToken: string | undefined;
    const { outcome } = await world.recorder.record(
      { kind: 'redeem', code: name, client: device.id },
      async () => {
        const answer = await send(world, '/oauth/token', device, form);
        refreshToken = answer?.body.refresh_token;
        return tokenResultOf(world, answer, device);
      },
    );
    if (refreshToken) world.signIns.push({ device, person, refreshToken, used: [] });
    if (outcome !== 'unknown' || world.isOver()) return;
    await wait(intervalMs);
  }
}

async function refresh(world: World, signIn: SignIn, text: string): Promise<Operation> {
  const { device } = signIn;
  const form = { grant_type: 'refresh_token', refresh_token: text };
  const deed = { kind: 'refresh', token: world.recorder.name('refresh', text), client: device.id } as const;
  return await world.recorder.record(deed, async () => {
    const answer = await send(world, '/oauth/token', device, form);
    const next: string | undefined = answer?.body.refresh_token;
    if (next && text === signIn.refreshToken) {
      signIn.used.push({ text, at: performance.now() });
      signIn.refreshToken = next;
    }
    const result = tokenResultOf(world, answer, device);
    if (result.outcome === 'refused') forget(world, signIn);
    return result;
  });
}

function forget({ signIns }: World, signIn: SignIn): void {
  const index = signIns.indexOf(signIn);
  if (index >= 0) signIns.splice(index, 1);
}
