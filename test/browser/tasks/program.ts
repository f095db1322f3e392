import assert from 'node:assert/strict';
import { post } from '../../support/client.ts';
import type { Hands } from '../hands.ts';
import type { World } from '../world.ts';

/** Registers a program, replaces its secret, changes it, and removes it. */
export async function keepProgram(hands: Hands, { server }: World): Promise<void> {
  const { page } = hands;
  const valueOn = () => page.locator('#value').innerText();
  await hands.open('/admin');
  await hands.go('Clients');
  await hands.follow('Register a program');
  await hands.write('Name', '');
  await hands.send('Register');
  await hands.see(/some fields are wrong/);
  await hands.choose('How long its access tokens live', '5 minutes');
  await hands.tick('See your data');
  await hands.write('Name', 'Nightly import');
  await hands.send('Register');
  const first = await valueOn();
  await hands.follow('To the program');
  const id = await page.locator('dd code').first().innerText();
  const ask = async (secret: string) => {
    const form = { grant_type: 'client_credentials' };
    return (await post(`${server.issuer}/oauth/token`, form, { basic: `${id}:${secret}` })).status;
  };
  await hands.press('Add a second secret');
  const second = await valueOn();
  assert.deepEqual([await ask(first), await ask(second)], [200, 200]);
  await hands.follow('To the program');
  await hands.follow('End this secret');
  await hands.press('End this secret');
  assert.deepEqual([await ask(first), await ask(second)], [401, 200]);
  await hands.follow('Edit');
  await hands.write('Name', 'Import');
  await hands.send('Save');
  await hands.press('Disable');
  assert.equal(await ask(second), 401);
  await hands.press('Enable');
  await hands.follow('Remove');
  await hands.press('Remove it for good');
  assert.equal(await ask(second), 401);
}

/** Registers a program for devices, with what is demanded of who lets them in, and takes a demand back. */
export async function demandOfDevices(hands: Hands, { administrator }: World): Promise<void> {
  await hands.open('/admin/clients/new');
  await hands.choose('Kind', 'Device or command line');
  await hands.write('Name', 'Tablet');
  await hands.tick('See your data');
  await hands.tick('They type the number');
  await hands.write('Only with a second factor', 'write');
  await hands.send('Register');
  await hands.see(/Write names of permissions that it may ask for/);
  await hands.write('Only with a second factor', 'read');
  await hands.send('Register');
  await hands.see(/They type the number that the device shows/);
  await hands.follow('Edit');
  await hands.tick('They type the number');
  await hands.press('Save');
  const { body } = await administrator.call('GET', '/clients?search=tablet');
  const [{ number_matching, step_up_scopes, token_endpoint_auth_method }] = body.items;
  assert.deepEqual([number_matching, step_up_scopes, token_endpoint_auth_method], [false, ['read'], 'none']);
}

/** Registers an API and changes it. */
export async function keepApi(hands: Hands): Promise<void> {
  await hands.open('/admin/resources');
  await hands.follow('Register an API');
  await hands.write('URI', 'nonsense');
  await hands.send('Register');
  await hands.see(/Write an absolute URI/);
  await hands.write('What can be done there', 'read See your bills\npay Pay your bills');
  await hands.choose('Access tokens', 'JWT: checked by the API itself');
  await hands.write('Name', 'Billing');
  await hands.write('URI', `https://billing.example.com/${crypto.randomUUID()}`);
  await hands.send('Register');
  await hands.see(/Pay your bills/);
  await hands.follow('Edit');
  await hands.write('What can be done there', 'read See your bills');
  await hands.press('Save');
  await hands.see(/See your bills/);
  assert.equal(await hands.page.getByText('Pay your bills').count(), 0);
}
