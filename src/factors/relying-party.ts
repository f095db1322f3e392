import { randomBytes } from 'node:crypto';
import type {
  AuthenticationResponseJSON,
  PublicKeyCredentialCreationOptionsJSON,
  PublicKeyCredentialRequestOptionsJSON,
  RegistrationResponseJSON,
} from '@simplewebauthn/server';
import type { NewPasskey, PasskeyCredential } from './passkey.ts';

/** What a passkey's answer tells: what its authenticator has counted to, and whether its key is on several devices. */
export type Assertion = { counter: number; isBackedUp: boolean };

/** Speaks WebAuthn for one origin. What a browser answers is hostile until a method here has said otherwise. */
export type RelyingParty = {
  /** What a browser makes a new passkey of this person from; `known` are those that they have. */
  registrationOptions(
    user: { id: string; email: string },
    known: readonly Pick<PasskeyCredential, 'credentialId' | 'transports'>[],
  ): Promise<PublicKeyCredentialCreationOptionsJSON>;
  /** The passkey that a browser has made for this challenge; `undefined` where anything about it is wrong. */
  verifyRegistration(answer: unknown, challenge: string): Promise<NewPasskey | undefined>;
  /** What a browser asks a passkey with: one of `known`, or whichever it has for us. */
  assertionOptions(
    known?: readonly Pick<PasskeyCredential, 'credentialId' | 'transports'>[],
  ): PublicKeyCredentialRequestOptionsJSON;
  /** Which passkey answers, by its own word, and which account its authenticator has it for. */
  readAssertion(answer: unknown): { credentialId: Buffer; userHandle: string | undefined } | undefined;
  /** Whether the passkey itself has answered this challenge, here, after its person was verified. */
  verifyAssertion(
    answer: unknown,
    challenge: string,
    passkey: PasskeyCredential,
  ): Promise<Assertion | undefined>;
};

/** Whether browsers offer passkeys to pages of this issuer: a name over https, or localhost (WebAuthn section 5.1.3). */
export function canHavePasskeys(issuer: string): boolean {
  const { protocol, hostname } = new URL(issuer);
  if (hostname === 'localhost') return true;
  return protocol === 'https:' && !/^[\d.]+$|^\[/.test(hostname);
}

// A tenth of what a server loads, and many meet no passkey all their life.
const loadWebAuthn = () => import('@simplewebauthn/server');

/** The relying party of an issuer: its host names it, its origin is the only one that counts. */
export function createRelyingParty(issuer: string, name: string): RelyingParty {
  const { hostname: id, origin } = new URL(issuer);
  const expected = (challenge: string) => ({
    expectedChallenge: challenge,
    expectedOrigin: origin,
    expectedRPID: id,
    requireUserVerification: true,
  });

  return {
    async registrationOptions(user, known) {
      const { generateRegistrationOptions } = await loadWebAuthn();
      return await generateRegistrationOptions({
        rpName: name,
        rpID: id,
        userID: userHandle(user.id),
        userName: user.email,
        userDisplayName: user.email,
        attestationType: 'none',
        excludeCredentials: known.map(describe),
        authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
        supportedAlgorithmIDs: algorithms,
      });
    },
    async verifyRegistration(answer, challenge) {
      if (!isAnswer(answer)) return undefined;
      const { verifyRegistrationResponse } = await loadWebAuthn();
      const verified = await verifyRegistrationResponse({
        response: answer as unknown as RegistrationResponseJSON,
        supportedAlgorithmIDs: algorithms,
        ...expected(challenge),
      }).catch(() => undefined);
      if (!verified?.verified) return undefined;
      const { credential, credentialDeviceType, credentialBackedUp } = verified.registrationInfo;
      return {
        credentialId: Buffer.from(credential.id, 'base64url'),
        publicKey: Buffer.from(credential.publicKey),
        counter: credential.counter,
        transports: (credential.transports ?? []).filter(isTransport).slice(0, 10),
        isSyncable: credentialDeviceType === 'multiDevice',
        isBackedUp: credentialBackedUp,
      };
    },
    assertionOptions: (known) => ({
      rpId: id,
      challenge: randomBytes(32).toString('base64url'),
      timeout: 60_000,
      userVerification: 'required',
      ...(known && {
        allowCredentials: known.map((passkey) => ({ ...describe(passkey), type: 'public-key' })),
      }),
    }),
    readAssertion(answer) {
      if (!isAnswer(answer)) return undefined;
      const { userHandle } = answer.response;
      const credentialId = Buffer.from(answer.id, 'base64url');
      if (credentialId.length === 0 || credentialId.length > 1023) return undefined;
      return {
        credentialId,
        userHandle: typeof userHandle === 'string' ? readHandle(userHandle) : undefined,
      };
    },
    async verifyAssertion(answer, challenge, passkey) {
      if (!isAnswer(answer)) return undefined;
      const { verifyAuthenticationResponse } = await loadWebAuthn();
      const verified = await verifyAuthenticationResponse({
        response: answer as unknown as AuthenticationResponseJSON,
        credential: {
          id: passkey.credentialId.toString('base64url'),
          publicKey: new Uint8Array(passkey.publicKey),
          // `countUse` judges the counter, in the statement that stores it.
          counter: 0,
        },
        ...expected(challenge),
      }).catch(() => undefined);
      if (!verified?.verified) return undefined;
      const { newCounter, credentialBackedUp } = verified.authenticationInfo;
      return { counter: newCounter, isBackedUp: credentialBackedUp };
    },
  };
}

// EdDSA, ES256, RS256 (RFC 9053, RFC 8812): what every authenticator has one of.
const algorithms = [-8, -7, -257];

const transports = new Set(['ble', 'cable', 'hybrid', 'internal', 'nfc', 'smart-card', 'usb']);

function isTransport(name: unknown): name is string {
  return typeof name === 'string' && transports.has(name);
}

function describe({ credentialId, transports }: Pick<PasskeyCredential, 'credentialId' | 'transports'>) {
  return { id: credentialId.toString('base64url'), transports };
}

/** The 16 bytes of the person's id, which say nothing about them. */
function userHandle(userId: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(Buffer.from(userId.replaceAll('-', ''), 'hex'));
}

function readHandle(handle: string): string {
  const hex = Buffer.from(handle, 'base64url').toString('hex');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

type Answer = { id: string; response: Record<string, unknown> };

function isAnswer(value: unknown): value is Answer {
  const { id, response } = (value ?? {}) as Partial<Answer>;
  return typeof id === 'string' && typeof response === 'object' && response !== null;
}
