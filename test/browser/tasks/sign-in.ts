import assert from 'node:assert/strict';
import type { Hands } from '../hands.ts';

/** Signs in at an identity provider, where the browser does not go there by itself, and out again. */
export async function chooseProvider(hands: Hands): Promise<void> {
  const { page } = hands;
  await page.route('**/sign-in/provider', async (route) => {
    const response = await route.fetch();
    const { refresh: _, ...headers } = response.headers();
    await route.fulfill({ response, headers });
  });
  await hands.open('/sign-in');
  await hands.press('Sign in with Acme Accounts');
  await hands.follow('Go on to Acme Accounts');
  assert.equal(new URL(page.url()).pathname, '/account');
  await hands.openAccountMenu();
  await hands.in('.account-menu').press('Sign out');
  await hands.see(/You are signed out/);
}
