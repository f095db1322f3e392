import assert from 'node:assert/strict';
import type { Hands } from '../hands.ts';
import type { World } from '../world.ts';

async function enterCode(hands: Hands, code: string): Promise<void> {
  await hands.open('/device');
  await hands.write('Code', code);
  await hands.send('Continue');
}

/** Finds where codes are entered, signs in on the way, chooses where to act, lets a device in, and takes that back. */
export async function connectFirstDevice(hands: Hands, world: World): Promise<void> {
  const { account } = world.administrator;
  const device = await world.ask();
  await hands.open('/');
  await hands.in('footer').press('Deutsch');
  await hands.see(/Code eingeben/);
  await hands.in('footer').press('English');
  await hands.follow('Enter a code');
  await hands.write('Code', '');
  await hands.send('Continue');
  await hands.see(/Enter the code that your device shows/);
  await hands.write('Code', 'BCDF-GHJK');
  await hands.send('Continue');
  await hands.see(/This code does not work/);
  await hands.write('Code', device.userCode);
  await hands.send('Continue');
  await hands.write('Email', account.email);
  await hands.write('Password', 'not the password at all');
  await hands.send('Sign in');
  await hands.see(/do not go together/);
  await hands.write('Password', account.password);
  await hands.send('Sign in');
  await hands.press(world.organization);
  await hands.see(new RegExp(`Allow Demo CLI.*${device.userCode}`, 's'));
  await hands.press('Allow');
  await hands.see(/Your device is connected/);
  assert.ok((await world.poll(device)).access_token);
  await hands.press('Undo');
  await hands.see(/You took it back/);
}

/** Says no to a device, and that nobody has started another. */
export async function refuseDevices(hands: Hands, world: World): Promise<void> {
  const denied = await world.ask();
  await enterCode(hands, denied.userCode);
  await hands.press('Deny');
  await hands.see(/You denied it/);
  assert.equal((await world.poll(denied)).error, 'access_denied');
  const reported = await world.ask();
  await enterCode(hands, reported.userCode);
  await hands.press('I did not start this');
  await hands.see(/Nobody gets in/);
  assert.equal((await world.poll(reported)).error, 'access_denied');
}

/** Types the number that a device shows: nothing, a wrong one, the right one. */
export async function matchNumber(hands: Hands, world: World): Promise<void> {
  const device = await world.ask(await world.registerDemanding({ numberMatching: true }));
  await enterCode(hands, device.userCode);
  const { verification_number: number } = await world.poll(device);
  assert.ok(number);
  const type = async (text: string) => {
    await hands.write('Number on your device', text);
    await hands.send('Allow');
  };
  await type('');
  await hands.see(/Type the number of two digits/);
  await type(number === '42' ? '43' : '42');
  await hands.see(/2 tries are left/);
  assert.equal((await world.poll(device)).error, 'authorization_pending');
  await type(number);
  await hands.see(/Your device is connected/);
  await hands.press('I did not start this');
  await hands.see(/Nobody gets in/);
  assert.equal((await world.poll(device)).error, 'invalid_grant');
}

/** Takes back from the first page what was allowed lately; signs out one device of several, then all. */
export async function signOutDevices(hands: Hands, world: World): Promise<void> {
  for (let count = 0; count < 4; count += 1) await world.allowDevice();
  const notices = hands.page.locator('.notice');
  const cards = hands.page.locator('.device');
  await hands.open('/account');
  const before = await notices.count();
  await hands.in('.notices').see(/You allowed Demo CLI .* from/);
  await hands.in('.notices').press('Undo');
  await hands.go('Devices and apps');
  assert.equal(await notices.count(), before - 1);
  const left = await cards.count();
  await hands.in('.devices').press('Sign out');
  await hands.in('.devices').press('I did not start this');
  assert.equal(await cards.count(), left - 2);
  await hands.follow('Sign out all');
  await hands.follow('Leave them signed in');
  await hands.follow('Sign out all');
  await hands.press('Sign out all');
  await hands.see(/Nothing is signed in/);
}
