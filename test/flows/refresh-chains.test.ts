import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import fc from 'fast-check';
import { disableClient, enableClient } from '../../src/clients/client.ts';
import { demoUser } from '../../src/development.ts';
import { revokeGrants } from '../../src/oauth/grant.ts';
import { sql } from '../../src/postgres/sql.ts';
import { sha256 } from '../../src/secret.ts';
import { disableUser, enableUser, findUserByEmail } from '../../src/users/user.ts';
import { type Answer, introspect, poll, refresh, requestDevice, revoke } from '../support/client.ts';
import { createPerson, type Person } from '../support/person.ts';
import { createBoundDevice, createProver, type Prover } from '../support/proof.ts';
import { registerClient } from '../support/registration.ts';
import { startServer, type TestServer } from '../support/server.ts';

let server: TestServer;
let person: Person;
let userId: string;
let provers: [owner: Prover, thief: Prover];
before(async () => {
  server = await startServer();
  person = createPerson(server.issuer);
  await person.signIn();
  userId = (await findUserByEmail(server.db, demoUser.email))?.id ?? '';
  provers = [await createProver(), await createProver()];
});
after(() => server.stop());

/** What can happen to the refresh tokens of a sign-in. `which` counts back from the newest. */
type Event =
  | { event: 'refresh'; times: number }
  | { event: 'repeat' | 'steal' | 'revoke'; which: number }
  | { event: 'revoke access'; which: number }
  | { event: 'time'; seconds: number }
  | { event: 'end grant' }
  | { event: 'disable' | 'enable'; whom: 'user' | 'client' };

const which = fc.nat({ max: 3 });
const event: fc.Arbitrary<Event> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ event: fc.constant('refresh' as const), times: fc.constantFrom(1, 1, 3) }),
  },
  { weight: 6, arbitrary: fc.record({ event: fc.constant('repeat' as const), which }) },
  { weight: 3, arbitrary: fc.record({ event: fc.constantFrom('steal', 'revoke access'), which }) },
  {
    weight: 3,
    arbitrary: fc.record({ event: fc.constant('time' as const), seconds: fc.constantFrom(12, 40) }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      event: fc.constantFrom('disable', 'enable', 'enable'),
      whom: fc.constantFrom('user', 'client'),
    }),
  },
  { weight: 1, arbitrary: fc.record({ event: fc.constant('revoke' as const), which }) },
  { weight: 1, arbitrary: fc.constant({ event: 'end grant' as const }) },
);

type Device = {
  clientId: string;
  request(): Promise<Answer>;
  poll(code: string): Promise<Answer>;
  refresh(token: string): Promise<Answer>;
  /** Somebody else who has the token, but not what it is bound to. */
  steal(token: string): Promise<Answer>;
};

async function createDevice(isBound: boolean): Promise<Device> {
  const client = {
    authentication: 'none',
    grantTypes: ['urn:ietf:params:oauth:grant-type:device_code', 'refresh_token'],
  } as const;
  const { id: clientId } = await registerClient(server.db, { ...client, grantTypes: [...client.grantTypes] });
  const { issuer } = server;
  if (isBound) {
    const [owner, thief] = provers.map((prover) => createBoundDevice(issuer, prover, clientId));
    assert.ok(owner && thief);
    return {
      clientId,
      request: owner.request,
      poll: owner.poll,
      refresh: owner.refresh,
      steal: thief.refresh,
    };
  }
  const form = { client_id: clientId };
  return {
    clientId,
    request: () => requestDevice(issuer, form),
    poll: (code) => poll(issuer, code, form),
    refresh: (token) => refresh(issuer, token, form),
    steal: (token) => refresh(issuer, token),
  };
}

/** One refresh token: what its first use answered, how long ago, and whether the access token beside it was revoked. */
type Link = { refresh: string; access: string; isAccessRevoked: boolean; answer?: object; age: number };

/** A sign-in and what must hold of it. */
class SignIn {
  readonly links: Link[] = [];
  isOver = false;
  isUserEnabled = true;
  isClientEnabled = true;
  readonly device: Device;

  constructor(device: Device) {
    this.device = device;
  }

  async begin(): Promise<void> {
    const { body: asked } = await this.device.request();
    await person.enterCode(asked.user_code);
    await person.decide('allow');
    const { status, body } = await this.device.poll(asked.device_code);
    assert.equal(status, 200, JSON.stringify(body));
    this.extend(body);
  }

  async play(event: Event): Promise<void> {
    switch (event.event) {
      case 'refresh': {
        const newest = this.link(0);
        const uses = Array.from({ length: event.times }, () => this.device.refresh(newest.refresh));
        const answers = await Promise.all(uses);
        if (!this.isServed()) {
          for (const answer of answers) this.assertRefused(answer);
          return;
        }
        for (const { status, body } of answers) assert.deepEqual([status, body], [200, answers[0]?.body]);
        newest.answer = answers[0]?.body;
        return this.extend(answers[0]?.body);
      }
      case 'repeat': {
        const link = this.link(event.which + 1);
        if (!link.answer) return;
        await this.pinAge(link);
        const answer = await this.device.refresh(link.refresh);
        if (this.isServed() && link.age <= 30) return assert.deepEqual(answer.body, link.answer);
        this.assertRefused(answer);
        if (this.isServed()) this.isOver = true;
        return;
      }
      case 'steal':
        return this.assertStolen(await this.device.steal(this.link(event.which).refresh));
      case 'revoke':
        return await this.revoke(this.link(event.which).refresh, () => (this.isOver = true));
      case 'revoke access': {
        const link = this.link(event.which);
        return await this.revoke(link.access, () => (link.isAccessRevoked = true));
      }
      case 'time':
        return await this.age(event.seconds);
      case 'end grant':
        await revokeGrants(server.db, { clientId: this.device.clientId });
        this.isOver = true;
        return;
      case 'disable':
      case 'enable':
        return await this.able(event.whom, event.event === 'enable');
    }
  }

  /** Exactly the access tokens that nothing has ended are active. */
  async assertActive(): Promise<void> {
    const answers = await Promise.all(this.links.map(({ access }) => introspect(server.issuer, access)));
    assert.deepEqual(
      answers.map(({ body }) => body.active),
      this.links.map(({ isAccessRevoked }) => this.isServed() && !isAccessRevoked),
    );
  }

  /** At most one refresh token of all brings a successor. */
  async assertOneLives(): Promise<void> {
    for (const { refresh } of [...this.links]) {
      await this.age(31);
      const { status } = await this.device.refresh(refresh);
      assert.equal(status === 200, this.isServed() && refresh === this.link(0).refresh);
      if (status !== 200 && this.isServed()) this.isOver = true;
    }
    await this.able('user', true);
  }

  private isServed(): boolean {
    return !this.isOver && this.isUserEnabled && this.isClientEnabled;
  }

  private link(back: number): Link {
    return this.links.at(-1 - back) ?? (this.links[0] as Link);
  }

  private extend(body: { access_token: string; refresh_token: string }): void {
    this.links.push({
      refresh: body.refresh_token,
      access: body.access_token,
      isAccessRevoked: false,
      age: 0,
    });
  }

  private assertRefused({ status, body }: Answer): void {
    const expected = this.isClientEnabled ? [400, 'invalid_grant'] : [401, 'invalid_client'];
    assert.deepEqual([status, body.error], expected);
  }

  private assertStolen({ status, body }: Answer): void {
    assert.ok(status === 400 || status === 401, JSON.stringify(body));
    assert.ok(['invalid_grant', 'invalid_client'].includes(body.error), body.error);
  }

  private async revoke(token: string, note: () => void): Promise<void> {
    const { status } = await revoke(server.issuer, token, { client_id: this.device.clientId });
    assert.equal(status, this.isClientEnabled ? 200 : 401);
    if (this.isClientEnabled) note();
  }

  private async age(seconds: number): Promise<void> {
    await server.db.query(
      sql`update refresh_tokens set consumed_at = consumed_at - make_interval(secs => ${seconds})
          where digest = any(${this.links.map(({ refresh }) => sha256(refresh))}::bytea[])`,
    );
    for (const link of this.links) if (link.answer) link.age += seconds;
  }

  /** Takes out of the age of a link how long this test has taken meanwhile. */
  private async pinAge({ refresh, age }: Link): Promise<void> {
    await server.db.query(sql`
      update refresh_tokens set consumed_at = now() - make_interval(secs => ${age})
      where digest = ${sha256(refresh)} and consumed_at is not null`);
  }

  private async able(whom: 'user' | 'client', isEnabled: boolean): Promise<void> {
    const { db } = server;
    if (whom === 'user') {
      this.isUserEnabled = isEnabled;
      await (isEnabled ? enableUser(db, userId) : disableUser(db, userId));
    } else {
      this.isClientEnabled = isEnabled;
      const { clientId } = this.device;
      await (isEnabled ? enableClient(db, clientId) : disableClient(db, clientId));
    }
  }
}

describe('the refresh tokens of a sign-in', () => {
  for (const isBound of [false, true]) {
    it(`have one live successor, whatever happens to them${isBound ? ', bound to a key' : ''}`, async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(event, { minLength: 1, maxLength: 12 }), async (events) => {
          const signIn = new SignIn(await createDevice(isBound));
          await enableUser(server.db, userId);
          await signIn.begin();
          for (const each of events) {
            await signIn.play(each);
            await signIn.assertActive();
          }
          await signIn.assertOneLives();
        }),
        { numRuns: 25 },
      );
    });
  }
});
