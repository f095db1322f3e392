import type { Page } from 'playwright-core';

const authenticator = {
  protocol: 'ctap2',
  transport: 'internal',
  hasResidentKey: true,
  hasUserVerification: true,
  isUserVerified: true,
  automaticPresenceSimulation: true,
} as const;

/** Gives the browser of a page an authenticator that verifies its person, as laptops have one. `lose` replaces it by an empty one. */
export async function plugAuthenticator(page: Page): Promise<{ lose(): Promise<void> }> {
  const session = await page.context().newCDPSession(page);
  const plug = () => session.send('WebAuthn.addVirtualAuthenticator', { options: authenticator });
  await session.send('WebAuthn.enable');
  const { authenticatorId } = await plug();
  return {
    async lose() {
      await session.send('WebAuthn.removeVirtualAuthenticator', { authenticatorId });
      await plug();
    },
  };
}
