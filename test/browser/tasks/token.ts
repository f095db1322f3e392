import assert from 'node:assert/strict';
import { showMe } from '../../support/api-token.ts';
import type { Hands } from '../hands.ts';
import type { World } from '../world.ts';

const valueOn = ({ page }: Hands) => page.locator('#value').innerText();

async function statusOf({ server }: World, value: string): Promise<number> {
  return (await showMe(server.issuer, { authorization: `Bearer ${value}` })).status;
}

/** The whole life of a token of one's own. */
export async function keepToken(hands: Hands, world: World): Promise<void> {
  await hands.open('/account');
  await hands.go('Tokens');
  await hands.see(/You have no tokens yet/);
  await hands.follow('Make a token');
  await hands.write('Name', '');
  await hands.send('Make the token');
  await hands.see(/some fields are wrong/);
  await hands.tick('See your data');
  await hands.write('Ends on', '2031-05-01');
  await hands.write('Name', 'Nightly <b>backup</b>');
  await hands.send('Make the token');
  const first = await valueOn(hands);
  assert.equal(await statusOf(world, first), 200);
  await hands.follow('To the token');
  await hands.choose('The old value keeps working for', '1 hour');
  await hands.press('Make a new value');
  const second = await valueOn(hands);
  assert.deepEqual([await statusOf(world, first), await statusOf(world, second)], [200, 200]);
  await hands.follow('To the token');
  await hands.see(/Value before the present one/);
  await hands.press('Disable');
  assert.equal(await statusOf(world, second), 401);
  await hands.press('Enable');
  await hands.follow('Edit');
  await hands.write('Note', 'In the cellar');
  await hands.write('From which addresses', '192.0.2.0/24');
  await hands.press('Save');
  await hands.see(/192\.0\.2\.0\/24/);
  assert.equal(await statusOf(world, second), 401);
  await hands.go('Tokens');
  await hands.write('Search', 'CELLAR');
  await hands.send('Find');
  await hands.follow('Nightly <b>backup</b>');
  await hands.follow('Remove');
  await hands.follow('Cancel');
  await hands.follow('Remove');
  await hands.press('Remove it for good');
  await hands.see(/You have no tokens yet/);
}

/** Makes a token that everybody may use, takes a value of it, and gives that back. */
export async function shareToken(hands: Hands, world: World): Promise<void> {
  await hands.open('/account');
  await hands.go('Shared tokens');
  await hands.follow('Make a shared token');
  await hands.tick('See your data');
  await hands.write('Name', 'Reports');
  await hands.send('Make the token');
  await hands.follow('To the token');
  await hands.press('Take a value of your own');
  const value = await valueOn(hands);
  assert.equal(await statusOf(world, value), 200);
  await hands.follow('To the token');
  await hands.press('Give back my values');
  assert.equal(await statusOf(world, value), 401);
}

/** Approves one token of a member, and refuses another. */
export async function decideOnTokens(hands: Hands, { member }: World): Promise<void> {
  for (const name of ['Wanted', 'Unwanted'])
    await member.call('POST', '/tokens', { name, permissions: {}, reason: 'We need it' });
  await hands.open('/admin');
  await hands.follow('Tokens to approve: 2');
  await hands.follow('Wanted');
  await hands.press('Approve');
  await hands.see(/Active/);
  await hands.go('All tokens');
  await hands.follow('Unwanted');
  await hands.press('Refuse');
  await hands.see(/Refused/);
}

/** Gets an access token as a file, for another API than the one that is offered first. */
export async function getToken(hands: Hands, { server }: World): Promise<void> {
  await hands.open('/account');
  await hands.openAccountMenu();
  await hands.in('.account-menu').follow('Get token');
  await hands.pick('Example Jobs');
  const file = JSON.parse(await hands.take('button', 'Download auth.json'));
  assert.deepEqual([file.issuer, file.scope], [server.issuer, 'run']);
}
