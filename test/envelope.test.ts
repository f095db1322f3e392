import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createEnvelope } from '../src/envelope.ts';

let now = new Date('2030-01-01T12:00:00Z');
const envelopeFor = (purpose: string, secret = 'one master secret') =>
  createEnvelope<{ code: string }>({ secrets: [secret], purpose, seconds: 60, clock: { now: () => now } });

test('an envelope opens for its purpose, context and time only', () => {
  const envelope = envelopeFor('ticket');
  const sealed = envelope.seal({ code: 'BCDF' }, 'visit');
  assert.deepEqual(envelope.open(sealed, 'visit'), { code: 'BCDF' });
  assert.doesNotMatch(Buffer.from(sealed, 'base64url').toString('latin1'), /BCDF/);
  assert.equal(envelope.open(sealed, 'another visit'), undefined);
  assert.equal(envelopeFor('step').open(sealed, 'visit'), undefined);
  assert.equal(envelopeFor('ticket', 'another master secret').open(sealed, 'visit'), undefined);
  for (const odd of [
    '',
    'x',
    sealed.slice(0, -2),
    `${sealed.slice(0, 50)}AAAA${sealed.slice(54)}`,
    '\u0000é',
  ]) {
    assert.equal(envelope.open(odd, 'visit'), undefined);
  }
  now = new Date('2030-01-01T12:01:00Z');
  assert.equal(envelope.open(sealed, 'visit'), undefined);
});
