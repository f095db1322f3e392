import { randomUUID } from 'node:crypto';
import { calculateJwkThumbprint, exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose';
import { demoCli } from '../../src/development.ts';
import { type Answer, post } from './client.ts';
import { createPerson } from './person.ts';

/** What a test says of a proof that differs from an honest one; `undefined` leaves a claim out. */
export type ProofChanges = {
  claims?: Record<string, unknown>;
  header?: Record<string, unknown>;
};

/** Somebody with a key of their own, who makes DPoP proofs (RFC 9449 section 4.2). */
export type Prover = {
  thumbprint: string;
  publicJwk: JWK;
  privateJwk: JWK;
  /** A fresh proof for a POST to the address. */
  prove(url: string, changes?: ProofChanges): Promise<string>;
};

/** A prover with a new key. */
export async function createProver(alg: 'ES256' | 'EdDSA' = 'ES256'): Promise<Prover> {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
  const publicJwk = await exportJWK(publicKey);
  return {
    thumbprint: await calculateJwkThumbprint(publicJwk),
    publicJwk,
    privateJwk: await exportJWK(privateKey),
    prove: (url, { claims, header } = {}) =>
      new SignJWT({ htm: 'POST', htu: url, jti: randomUUID(), iat: secondsFromNow(0), ...claims })
        .setProtectedHeader({ alg, typ: 'dpop+jwt', jwk: publicJwk, ...header })
        .sign(privateKey),
  };
}

/** Seconds since the epoch, so many from now. */
export function secondsFromNow(seconds: number): number {
  return Math.floor(Date.now() / 1000) + seconds;
}

/** The demo CLI on a device with a key: every request carries a fresh proof, or the one that is given. */
export function createBoundDevice(issuer: string, prover: Prover, clientId = demoCli.id) {
  const ask = async (path: string, form: Record<string, string>, proof?: string): Promise<Answer> => {
    const url = `${issuer}${path}`;
    const headers = { DPoP: proof ?? (await prover.prove(url)) };
    return post(url, { client_id: clientId, ...form }, { headers });
  };
  const device = {
    request: (form: Record<string, string> = {}, proof?: string) =>
      ask('/oauth/device_authorization', { scope: 'read write offline_access', ...form }, proof),
    poll: (deviceCode: string, proof?: string) =>
      ask(
        '/oauth/token',
        { grant_type: 'urn:ietf:params:oauth:grant-type:device_code', device_code: deviceCode },
        proof,
      ),
    refresh: (refreshToken: string, proof?: string) =>
      ask('/oauth/token', { grant_type: 'refresh_token', refresh_token: refreshToken }, proof),
    /** A device code that is bound to the key and that a person has approved. */
    async approvedCode(): Promise<string> {
      const { body } = await device.request();
      const person = createPerson(issuer);
      await person.enterCode(body.user_code);
      await person.decide('allow');
      return body.device_code;
    },
    /** The tokens of a device that was let in. */
    signIn: async (): Promise<Answer['body']> => (await device.poll(await device.approvedCode())).body,
  };
  return device;
}
