import assert from 'node:assert/strict';
import { createPerson } from '../../support/person.ts';
import { ageSessions, codeOf, forgetUsedCode } from '../../support/second-factor.ts';
import type { Hands } from '../hands.ts';
import type { World } from '../world.ts';

const newPassword = 'nine purple kites over the harbour';

/** Changes the password: with a wrong one, with two that differ, then well. */
export async function changePassword(hands: Hands, { administrator: { account } }: World): Promise<void> {
  const change = async (present: string, again = newPassword) => {
    await hands.write('Present password', present);
    await hands.write('New password', newPassword);
    await hands.write('The new password again', again);
    await hands.send('Change the password');
  };
  await hands.open('/account');
  await hands.go('Security');
  await change('not the password at all');
  await hands.see(/The present password is not right/);
  await change(account.password, 'another one than before');
  await hands.see(/are not the same/);
  await change(account.password);
  await hands.see(/Your password is changed/);
  account.password = newPassword;
}

/** Wants to let in a device whose program demands more than a password. */
export async function lackSecondFactor(hands: Hands, world: World): Promise<void> {
  const device = await world.ask(await world.registerDemanding({ stepUpScopes: ['read'] }));
  await hands.open('/device');
  await hands.write('Code', device.userCode);
  await hands.send('Continue');
  await hands.press('Prove a second factor');
  await hands.see(/A second factor is needed/);
  await hands.follow('Set one up');
}

/** Sets up an authenticator app, after a wrong code, and returns its secret. */
async function setUpApp(hands: Hands): Promise<string> {
  await hands.open('/account/security');
  await hands.follow('Set up an app');
  await hands.write('Code', '12');
  await hands.send('Set up');
  await hands.see(/This code does not fit/);
  const secret = (await hands.page.locator('.secret').innerText()).replaceAll(' ', '');
  await hands.write('Code', codeOf(secret));
  await hands.send('Set up');
  await hands.see(/Your recovery codes/);
  await hands.follow('I have kept them');
  return secret;
}

/** Protects the account with a second factor, proves it where that is wanted anew, and takes it away. */
export async function useSecondFactor(hands: Hands, { administrator, server }: World): Promise<void> {
  const { id, account } = administrator;
  const secret = await setUpApp(hands);
  await hands.press('Make new ones');
  const [recoveryCode = ''] = await hands.page.locator('.recovery code').allInnerTexts();
  await hands.follow('I have kept them');

  const prove = async (password: string) => {
    await forgetUsedCode(server, id);
    await hands.write('Password', password);
    await hands.write('Code', codeOf(secret));
    await hands.send('Continue');
  };
  await ageSessions(server, id);
  await hands.follow('Set up another app');
  await hands.see(/Is it still you\?/);
  await prove('not the password at all');
  await hands.see(/This is not your password/);
  await prove(account.password);
  await hands.see(/Set up an authenticator app/);

  await hands.openAccountMenu();
  await hands.in('.account-menu').press('Sign out');
  await hands.see(/You are signed out/);
  await hands.open('/account/security');
  await hands.write('Email', account.email);
  await hands.write('Password', account.password);
  await hands.send('Sign in');
  await hands.write('Code', '12');
  await hands.send('Continue');
  await hands.see(/This code does not work/);
  await hands.write('Code', recoveryCode);
  await hands.send('Continue');
  await hands.see(/9 are left/);
  await hands.press('Remove the app');
  await hands.see(/Set up an app/);
}

/** Ends the session of another browser, then all others. */
export async function endSessions(hands: Hands, { administrator, server }: World): Promise<void> {
  const sessions = hands.page.locator('[aria-labelledby="sessions-title"] .thing');
  for (let count = 0; count < 3; count += 1) await createPerson(server.issuer).signIn(administrator.account);
  await hands.open('/account/security');
  const before = await sessions.count();
  await hands.press('Sign out: Unknown browser');
  assert.equal(await sessions.count(), before - 1);
  await hands.press(`Sign out everywhere else (${before - 2})`);
  assert.equal(await sessions.count(), 1);
}

/** Adds a passkey, gives it another name, signs in with it, and removes it. */
export async function keepPasskey(hands: Hands): Promise<void> {
  const { page } = hands;
  await hands.open('/account/security');
  await hands.follow('Add a passkey');
  await hands.write('Name', 'Laptop');
  await hands.send('Make the passkey');
  await hands.follow('I have kept them');
  await hands.unfold('Rename');
  await hands.write('Name', 'Telephone');
  await hands.send('Rename');
  await hands.openAccountMenu();
  await hands.in('.account-menu').press('Sign out');
  await hands.open('/account/security');
  await hands.press('Use a passkey');
  assert.equal(new URL(page.url()).pathname, '/account/security');
  await hands.press('Remove: Telephone');
  assert.equal(await page.getByText('Telephone').count(), 0);
}

/** Wants to add a passkey where there can be none, and reads why. */
export async function missPasskey(hands: Hands): Promise<void> {
  await hands.open('/account/security');
  await hands.follow('Add a passkey');
  await hands.see(/Passkeys need a browser that knows them, with scripts switched on/);
  assert.equal(await hands.page.locator('main button:visible').count(), 0);
}

/** Opens the reference of the API, and reads where else it is. */
export async function missReference(hands: Hands): Promise<void> {
  await hands.page.goto(`${new URL(hands.page.url()).origin}/api/docs`);
  assert.match(
    await hands.page.locator('section').innerText(),
    /drawn by a script, and this browser runs none/,
  );
}
