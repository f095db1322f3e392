import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { sql } from '../../src/postgres/sql.ts';
import { findOnlyOrganization, untilRecorded } from '../support/audit.ts';
import { poll, requestDevice } from '../support/client.ts';
import { ada, addAccount, createPerson, hiddenField, type Page, type Person } from '../support/person.ts';
import { registerClient } from '../support/registration.ts';
import { startServer, type TestServer } from '../support/server.ts';

let server: TestServer;
let client_id: string;
before(async () => {
  server = await startServer();
  const registered = await registerClient(server.db, {
    authentication: 'none',
    grantTypes: ['urn:ietf:params:oauth:grant-type:device_code'],
    numberMatching: true,
  });
  client_id = registered.id;
  await addAccount(server.db, ada);
});
after(() => server.stop());

type Device = { device_code: string; user_code: string };

async function ask(): Promise<Device> {
  return (await requestDevice(server.issuer, { client_id, scope: 'read' })).body;
}

async function askAgain(device: Device, form: Record<string, string> = { client_id }) {
  await server.db.query(sql`update device_codes set last_polled_at = null`);
  return (await poll(server.issuer, device.device_code, form)).body;
}

/** Somebody has opened the code, and the device shows its number. */
async function open(): Promise<{ device: Device; person: Person; number: string }> {
  const device = await ask();
  const person = createPerson(server.issuer);
  await person.enterCode(device.user_code);
  const { verification_number: number } = await askAgain(device);
  assert.match(number, /^[1-9]\d$/);
  return { device, person, number };
}

const type = (person: Person, number: string) =>
  person.submit('/device/confirm', { decision: 'allow', number });

/** Sends the number with the form of the page as it was, whatever page is open by then. */
async function keepForm(person: Person): Promise<(number: string) => Promise<Page>> {
  const page = await person.open('/device/confirm');
  const form = { csrf: hiddenField(page, 'csrf'), ticket: hiddenField(page, 'ticket') };
  return (number) => person.send('/device/confirm', { ...form, decision: 'allow', number });
}

const another = (number: string, step = 1) => String(10 + ((Number(number) - 10 + step) % 90));

describe('a number that the device shows', () => {
  it('lets the device in once it is typed, and stands nowhere on the page', async () => {
    const { device, person, number } = await open();
    const page = await person.open('/device/confirm');
    const shown = page.html.replaceAll(/value="[^"]*"|<time[\s\S]*?<\/time>/g, '');
    assert.doesNotMatch(shown, new RegExp(`\\b${number}\\b`));
    assert.match((await type(person, number)).html, /Your device is connected/);
    assert.ok((await askAgain(device)).access_token);
  });

  it('is told to nobody before a person looks at the request, so that no message can have it', async () => {
    const device = await ask();
    assert.equal('verification_number' in device, false);
    assert.deepEqual(Object.keys(await askAgain(device)), ['error', 'error_description']);
  });

  it('is not to be had by who opens the code first: it is theirs then, and nobody else’s to allow', async () => {
    const device = await ask();
    await createPerson(server.issuer).enterCode(device.user_code, ada);
    const { verification_number } = await askAgain(device);
    const page = await createPerson(server.issuer).enterCode(device.user_code);
    assert.match(page.html, /Another account opened this code/);
    assert.ok(verification_number);
  });

  it('is told to the client of the code alone', async () => {
    const { device } = await open();
    const { error, verification_number } = await askAgain(device, {});
    assert.deepEqual([error, verification_number], ['invalid_grant', undefined]);
  });

  it('may be mistaken twice; with the third mistake the code is dead, whatever follows', async () => {
    const { device, person, number } = await open();
    const decide = await keepForm(person);
    assert.match((await type(person, another(number))).html, /2 tries are left/);
    assert.match((await type(person, another(number, 2))).html, /One try is left/);
    assert.match((await type(person, another(number, 3))).html, /That was not the number/);
    assert.match((await decide(number)).html, /already used/);
    assert.equal((await askAgain(device)).error, 'access_denied');
    const [event] = await untilRecorded(server.db, await findOnlyOrganization(server.db), {
      action: 'device.denied',
    });
    assert.equal(event?.reason, 'too many wrong numbers');
  });

  it('is not mistaken by who types nothing, or no number of two digits', async () => {
    const { person, number } = await open();
    for (const text of ['', ' ', '1', '123', 'ab', '٤٢', '-1']) {
      assert.match((await type(person, text)).html, /Type the number of two digits/, text);
    }
    assert.match((await type(person, ` ${number} `)).html, /Your device is connected/);
  });

  it('is not found by trying all of them at once', async () => {
    const { device, person, number } = await open();
    const decide = await keepForm(person);
    const wrong = Array.from({ length: 20 }, (_, step) => another(number, step + 1));
    await Promise.all(wrong.map((guess) => decide(guess)));
    // Back to the page is another try; every other answer says that there is none left.
    const tries = person.hops.filter(
      ({ method, headers }) => method === 'POST' && headers.get('location')?.endsWith('/device/confirm'),
    );
    // One of them was the code.
    assert.equal(tries.length - 1, 2);
    await decide(number);
    assert.equal((await askAgain(device)).error, 'access_denied');
  });

  it('is demanded of a form that leaves it out', async () => {
    const { device, person } = await open();
    await person.submit('/device/confirm', { decision: 'allow' });
    assert.equal((await askAgain(device)).error, 'authorization_pending');
  });

  it('is not needed to decline', async () => {
    const { device, person } = await open();
    assert.match((await person.decide('deny')).html, /You denied it/);
    assert.equal((await askAgain(device)).error, 'access_denied');
  });
});
