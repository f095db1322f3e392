import assert from 'node:assert/strict';
import { demoResource } from '../../../src/development.ts';
import type { Hands } from '../hands.ts';
import type { World } from '../world.ts';

/** Invites somebody, takes that back, and changes, disables, enables and removes a member. */
export async function manageMembers(hands: Hands, world: World): Promise<void> {
  const { administrator, member, server } = world;
  const show = async () => (await administrator.call('GET', `/members/${member.id}`)).body;
  await hands.open('/admin');
  await hands.go('Members');
  await hands.follow('Invite somebody');
  await hands.write('Email', member.account.email);
  await hands.send('Make the link');
  await hands.see(/This person is a member already/);
  await hands.choose('Role', 'Administrator');
  await hands.write('Email', 'new@example.com');
  await hands.send('Make the link');
  await hands.see(/\/join#pst_in_/);
  await hands.follow('To the members');
  await hands.press('Take back');
  await hands.write('Search', member.account.email.slice(0, 20));
  await hands.send('Find');
  assert.equal(await hands.page.locator('.list tbody tr').count(), 1);
  await hands.follow(member.account.email);
  await hands.tick('Change your data');
  await hands.tick('Read the audit log of the organization');
  await hands.press('Save what they may do');
  await hands.see(/Taken from the role/);
  await hands.see(/Given beyond the role/);
  const { given, taken } = await show();
  assert.deepEqual(given, { [`${server.issuer}/api`]: ['audit:read'] });
  assert.deepEqual(taken, { [demoResource.uri]: ['write'] });
  await hands.choose('Role', 'Administrator');
  await hands.press('Change the role');
  await hands.press('Disable');
  assert.equal((await show()).disabled, true);
  await hands.press('Enable');
  const { role, disabled, given: still } = await show();
  assert.deepEqual([role, disabled, still], ['administrator', false, given]);
  await hands.follow('Remove');
  await hands.follow('Cancel');
  await hands.follow('Remove');
  await hands.see(/API tokens of theirs here: \d/);
  await hands.press('Remove them for good');
  assert.equal((await administrator.call('GET', `/members/${member.id}`)).status, 404);
}

/** Demands an approval of each token, and what cannot be demanded yet. */
export async function setPolicies(hands: Hands): Promise<void> {
  const longest = 'Longest life of a new token, in days';
  await hands.open('/admin');
  await hands.go('Policies');
  await hands.write(longest, '999999');
  await hands.send('Save');
  await hands.see(/some fields are wrong/);
  await hands.tick('An administrator approves each new token');
  await hands.write(longest, '');
  await hands.send('Save');
  await hands.see(/It is saved/);
  await hands.tick('Members sign in at an identity provider');
  await hands.press('Save', 1);
  await hands.see(/Members who sign in otherwise now: \d/);
  await hands.press('Demand it');
  await hands.see(/nobody could undo this/);
}

/** Rotates the signing keys and revokes one. */
export async function changeKeys(hands: Hands): Promise<void> {
  await hands.open('/admin');
  await hands.go('Keys');
  const keys = hands.page.locator('.list tbody tr');
  const before = await keys.count();
  await hands.follow('Begin a rotation');
  await hands.tick('Let it sign at once');
  await hands.press('Publish the next key');
  assert.ok((await keys.count()) > before);
  await hands.follow('Revoke');
  await hands.press('Revoke it for good');
  await hands.see(/Revoked/);
}

/** Reads what has happened: drawn, listed, filtered, and as a file. */
export async function readLog(hands: Hands, { administrator }: World): Promise<void> {
  await hands.open('/admin');
  await hands.unfold('As a table');
  await hands.follow('See each of them in the audit log');
  await hands.unfold('Details');
  await hands.write('To', '2020-01-01');
  await hands.write('Who', administrator.account.email);
  await hands.send('Show');
  await hands.see(/Nothing matches/);
  await hands.follow('Show everything');
  await hands.choose('What', 'Removed a member');
  await hands.write('Who', administrator.account.email);
  await hands.send('Show');
  assert.equal(await hands.page.locator('.list tbody tr').count(), 1);
  const lines = (await hands.take('link', 'Export as JSON lines')).trimEnd().split('\n');
  assert.deepEqual(
    lines.map((line) => JSON.parse(line).action),
    ['member.removed'],
  );
}
