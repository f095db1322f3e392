import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type AuditEvent, type PlainEvent, toPlain } from '../../src/audit/event.ts';
import { createRecorder } from '../../src/audit/recorder.ts';
import { databaseUnavailable } from '../../src/errors.ts';
import { captureLog } from '../support/server.ts';

const event = (organizationId: string, name: string, requestId = 'a-request'): AuditEvent => ({
  action: 'sign_in.failed',
  actor: { kind: 'nobody' },
  target: { kind: 'user', id: name },
  organizationId,
  origin: { requestId },
  details: { amr: ['pwd'] },
});

/** A recorder whose writes end as `outcome` says. */
function start(outcome: () => Error | undefined = () => undefined) {
  const { log, logged } = captureLog();
  const written: [chain: string, events: PlainEvent[]][] = [];
  const recorder = createRecorder({
    log,
    async write(chainId, events) {
      const error = outcome();
      if (error) throw error;
      written.push([chainId, [...events]]);
    },
  });
  const all = () => written.flatMap(([, events]) => events);
  return { recorder, written, all, logged };
}

const times = ({ details }: PlainEvent): number => JSON.parse(details).times ?? 1;

describe('the recorder of the audit log', () => {
  it('writes nothing where nothing has happened', async () => {
    const { recorder, written } = start();
    await recorder.flush();
    assert.deepEqual(written, []);
  });

  it('makes one event of what differs in the request alone, and tells how many there were', async () => {
    const { recorder, all } = start();
    for (const id of ['one', 'two', 'three']) recorder.add(event('a', 'ada', id));
    recorder.add(event('a', 'bob'));
    recorder.add(event('b', 'ada'));
    await recorder.flush();
    assert.deepEqual(
      all().map((each) => [each.targetId, each.requestId, times(each)]),
      [
        ['ada', 'one', 3],
        ['bob', 'a-request', 1],
        ['ada', 'a-request', 1],
      ],
    );
    assert.deepEqual(JSON.parse(all()[0]?.details ?? ''), { amr: ['pwd'], times: 3 });
  });

  it('writes in pieces that do not keep the others waiting', async () => {
    const { recorder, written } = start();
    for (let count = 0; count < 1_200; count += 1) recorder.add(event('a', `user ${count}`));
    await recorder.flush();
    assert.deepEqual(
      written.map(([, events]) => events.length),
      [500, 500, 200],
    );
  });

  it('keeps what the database is not there for, and says so once', async () => {
    let error: Error | undefined = databaseUnavailable(new Error('away'));
    const { recorder, all, logged } = start(() => error);
    recorder.add(event('a', 'ada'));
    await recorder.flush();
    recorder.add(event('a', 'ada'));
    await recorder.flush();
    assert.equal(logged().match(/could not write to the audit log/g)?.length, 1);
    error = undefined;
    await recorder.flush();
    assert.deepEqual(all().map(times), [2]);
  });

  it('waits for a database that is away once, however many chains there are', async () => {
    let tries = 0;
    const { recorder, written } = start(() =>
      tries++ === 0 ? databaseUnavailable(new Error('away')) : undefined,
    );
    for (const chain of ['a', 'b', 'c']) recorder.add(event(chain, 'ada'));
    await recorder.flush();
    assert.deepEqual([tries, written], [1, []]);
    await recorder.flush();
    assert.deepEqual(written.map(([chain]) => chain).sort(), ['a', 'b', 'c']);
  });

  it('has bounded memory, and writes down how much found no room', async () => {
    let error: Error | undefined = databaseUnavailable(new Error('away'));
    const { recorder, all } = start(() => error);
    for (let count = 0; count < 10_250; count += 1) {
      recorder.add(event('a', `user ${count}`));
      if (count === 5_000) await recorder.flush();
    }
    error = undefined;
    await recorder.flush();
    assert.equal(all().filter(({ action }) => action === 'sign_in.failed').length, 10_000);
    assert.deepEqual(
      all().flatMap((each) => (each.action === 'events.lost' ? [times(each)] : [])),
      [250],
    );
  });

  it('gives up what the database refuses, and goes on with the rest', async () => {
    let count = 0;
    const { recorder, all } = start(() => (count++ === 0 ? new Error('refused') : undefined));
    recorder.add(event('a', 'ada'));
    recorder.add(event('b', 'bob'));
    await recorder.flush();
    await recorder.flush();
    assert.deepEqual(
      all().map(({ action, targetId }) => [action, targetId]),
      [
        ['sign_in.failed', 'bob'],
        ['events.lost', null],
      ],
    );
  });
});

describe('an event', () => {
  it('holds no token, whatever a caller calls itself', () => {
    const token = `pst_api_${'A'.repeat(55)}`;
    const plain = toPlain({
      action: 'token.created',
      actor: { kind: 'person', id: token, name: `me ${token}`, via: token },
      target: { kind: 'token', id: token, name: `${token} and eyJhbGciOiJFUzI1NiJ9.eyJhIjoxfQ.c2ln` },
      origin: { agent: `curl ${token}`, address: token, requestId: token },
      reason: token,
      details: { fields: [token], permissions: { [token]: [token] } },
    });
    assert.doesNotMatch(JSON.stringify(plain), /A{20}|eyJ/);
    assert.equal(plain.agent, 'curl [redacted]');
    assert.doesNotThrow(() => JSON.parse(plain.details));
  });

  it('is small, and text that a database takes', () => {
    const plain = toPlain({
      action: 'token.created',
      actor: { kind: 'operator', name: `\0${'\ud800'.repeat(400)}` },
      origin: { agent: 'x'.repeat(400) },
      details: { fields: Array.from({ length: 2_000 }, (_, index) => `field ${index}`) },
    });
    assert.equal(plain.actorName, '\ufffd'.repeat(300));
    assert.equal(plain.agent?.length, 300);
    assert.equal(plain.details, '{"shortened":true}');
  });
});
