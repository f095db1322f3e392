import { createSign, generateKeyPairSync, randomBytes } from 'node:crypto';
import { sha256 } from '../../src/secret.ts';

/** What an authenticator and its browser may get wrong. */
export type Deviation = {
  origin?: string;
  rpId?: string;
  type?: string;
  challenge?: string;
  counter?: number;
  isVerified?: boolean;
  userHandle?: string;
};

type Options = { challenge: string; user?: { id: string } };

/** An authenticator with one passkey in software, and the browser around it. */
export type Authenticator = {
  create(options: Options, deviation?: Deviation): Record<string, unknown>;
  get(options: Options, deviation?: Deviation): Record<string, unknown>;
};

/** An authenticator that answers pages of an issuer, and counts as high as it is told; it is device-bound unless `isSynced`. */
export function createAuthenticator(issuer: string, { isSynced = false } = {}): Authenticator {
  const { origin, hostname } = new URL(issuer);
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const { x = '', y = '' } = publicKey.export({ format: 'jwk' });
  const credentialId = randomBytes(32);
  let userHandle = '';
  let count = 0;

  function clientData(type: string, { challenge }: Options, deviation: Deviation): Buffer {
    const data = {
      type: deviation.type ?? type,
      challenge: deviation.challenge ?? challenge,
      origin: deviation.origin ?? origin,
      crossOrigin: false,
    };
    return Buffer.from(JSON.stringify(data));
  }

  function authenticatorData({ rpId, counter, isVerified = true }: Deviation, attested?: Buffer): Buffer {
    const synced = isSynced ? 0x18 : 0;
    const flags = 0x01 | (isVerified ? 0x04 : 0) | synced | (attested ? 0x40 : 0);
    const head = Buffer.alloc(5);
    head.writeUInt8(flags, 0);
    head.writeUInt32BE(counter ?? count, 1);
    return Buffer.concat([sha256(rpId ?? hostname), head, attested ?? Buffer.alloc(0)]);
  }

  function credential(response: Record<string, unknown>): Record<string, unknown> {
    const id = credentialId.toString('base64url');
    return { id, rawId: id, type: 'public-key', response, clientExtensionResults: {} };
  }

  return {
    create(options, deviation = {}) {
      userHandle = options.user?.id ?? '';
      const cose = Buffer.concat([
        Buffer.from('a5010203262001215820', 'hex'),
        Buffer.from(x, 'base64url'),
        Buffer.from('225820', 'hex'),
        Buffer.from(y, 'base64url'),
      ]);
      const length = Buffer.from([0, credentialId.length]);
      const data = authenticatorData(
        deviation,
        Buffer.concat([Buffer.alloc(16), length, credentialId, cose]),
      );
      const attestation = Buffer.concat([
        Buffer.from('a363666d74646e6f6e656761747453746d74a06861757468446174615900', 'hex'),
        Buffer.from([data.length]),
        data,
      ]);
      return credential({
        clientDataJSON: clientData('webauthn.create', options, deviation).toString('base64url'),
        attestationObject: attestation.toString('base64url'),
        transports: ['internal'],
      });
    },
    get(options, deviation = {}) {
      count += 1;
      const data = authenticatorData(deviation);
      const client = clientData('webauthn.get', options, deviation);
      const signature = createSign('sha256')
        .update(Buffer.concat([data, sha256(client)]))
        .sign(privateKey);
      return credential({
        clientDataJSON: client.toString('base64url'),
        authenticatorData: data.toString('base64url'),
        signature: signature.toString('base64url'),
        userHandle: deviation.userHandle ?? userHandle,
      });
    },
  };
}
