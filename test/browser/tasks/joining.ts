import { hire } from '../../support/company.ts';
import type { Hands } from '../hands.ts';
import type { World } from '../world.ts';

const password = 'nine purple kites over the harbour';

async function pasteLink(hands: Hands, link: string): Promise<void> {
  await hands.open('/join');
  await hands.write('Link', link);
  await hands.send('Continue');
}

/** Joins by an invitation: with a link that is wrong, with passwords that differ, then well; and signs out. */
export async function join(hands: Hands, world: World): Promise<void> {
  const button = `Join ${world.organization}`;
  await pasteLink(hands, 'nonsense');
  await hands.see(/This invitation does not work/);
  await hands.write('Link', await world.invite());
  await hands.send('Continue');
  const choose = async (again: string) => {
    await hands.write('Choose a password', password);
    await hands.write('The same password again', again);
    await hands.send(button);
  };
  await choose('another one than before');
  await hands.see(/are not the same/);
  await choose(password);
  await hands.follow('Enter a code');
  await hands.in('header').press('Sign out');
  await hands.see(/You are signed out/);
}

/** Joins with the account that somebody has already, after another account in the way has gone. */
export async function joinWithAccount(hands: Hands, world: World): Promise<void> {
  const { account } = await hire(world.server);
  await pasteLink(hands, await world.invite(account.email));
  await hands.follow('Sign in');
  await hands.write('Email', account.email);
  await hands.write('Password', account.password);
  await hands.send('Sign in');
  await hands.press(`Join ${world.organization}`);
  await hands.see(new RegExp(`Welcome to ${world.organization}`));
  await pasteLink(hands, await world.invite());
  await hands.see(/Sign out, then open the link/);
  await hands.press('Sign out');
}
