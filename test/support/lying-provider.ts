import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose';
import { randomText } from '../../src/secret.ts';
import { findFreePort } from './port.ts';

/** How the next answer differs from an honest one. */
export type Lie = {
  claims?: Record<string, unknown>;
  /** What stands in the place of the signed ID token. */
  forge?(claims: JWTPayload): Promise<string> | string;
  /** The `iss` beside the code (RFC 9207); `null` leaves it out. */
  iss?: string | null;
  metadata?: Record<string, unknown>;
};

/** A provider on the loopback that says whatever a test wants, in well-formed messages. */
export type LyingProvider = {
  issuer: string;
  client: { id: string; secret: string };
  lie: Lie;
  /** How many codes were redeemed. */
  redeemed: number;
  /** The bodies of the token requests. */
  tokenRequests: URLSearchParams[];
  stop(): Promise<void>;
};

/** Starts one; whoever comes is Mallory, with a verified address. */
export async function startLyingProvider(): Promise<LyingProvider> {
  const port = await findFreePort();
  const issuer = `http://localhost:${port}`;
  const client = { id: 'postern', secret: randomText() };
  const { publicKey, privateKey } = await generateKeyPair('ES256');
  const jwk = { ...(await exportJWK(publicKey)), kid: 'one', alg: 'ES256', use: 'sig' };
  const nonces = new Map<string, string>();

  async function idToken(code: string): Promise<string> {
    const now = Math.floor(Date.now() / 1000);
    const claims = {
      iss: issuer,
      aud: client.id,
      sub: 'mallory',
      nonce: nonces.get(code),
      iat: now,
      exp: now + 300,
      email: 'mallory@evil.example',
      email_verified: true,
      ...running.lie.claims,
    };
    const { forge } = running.lie;
    if (forge) return await forge(claims);
    return await new SignJWT(claims).setProtectedHeader({ alg: 'ES256', kid: 'one' }).sign(privateKey);
  }

  async function answer(request: IncomingMessage): Promise<{ json: unknown } | { location: string }> {
    const url = new URL(request.url ?? '/', issuer);
    switch (url.pathname) {
      case '/authorize': {
        const code = randomText();
        nonces.set(code, url.searchParams.get('nonce') ?? '');
        const back = new URL(url.searchParams.get('redirect_uri') ?? '');
        back.searchParams.set('code', code);
        back.searchParams.set('state', url.searchParams.get('state') ?? '');
        const { iss = issuer } = running.lie;
        if (iss !== null) back.searchParams.set('iss', iss);
        return { location: back.href };
      }
      case '/token': {
        const body = new URLSearchParams(await text(request));
        running.tokenRequests.push(body);
        running.redeemed += 1;
        const id_token = await idToken(body.get('code') ?? '');
        return { json: { access_token: randomText(), token_type: 'Bearer', id_token } };
      }
      case '/jwks':
        return { json: { keys: [jwk] } };
      default:
        return {
          json: {
            issuer,
            authorization_endpoint: `${issuer}/authorize`,
            token_endpoint: `${issuer}/token`,
            jwks_uri: `${issuer}/jwks`,
            response_types_supported: ['code'],
            subject_types_supported: ['public'],
            id_token_signing_alg_values_supported: ['ES256', 'HS256', 'none'],
            authorization_response_iss_parameter_supported: true,
            ...running.lie.metadata,
          },
        };
    }
  }

  const server = createServer(async (request, response) => {
    const answered = await answer(request);
    if ('location' in answered) response.writeHead(303, { location: answered.location }).end();
    else response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answered.json));
  });
  const running: LyingProvider = {
    issuer,
    client,
    lie: {},
    redeemed: 0,
    tokenRequests: [],
    async stop() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
  server.listen(port, 'localhost');
  await once(server, 'listening');
  return running;
}
