import { rotateClientSecret } from '../../src/clients/secret.ts';
import { demoApi, demoMachine, demoResource, demoUser } from '../../src/development.ts';
import { createKeySeal } from '../../src/keys/key-seal.ts';
import { listStoredKeys } from '../../src/keys/signing-key.ts';
import { sql } from '../../src/postgres/sql.ts';
import { createTokenFormat } from '../../src/secret.ts';
import { registerKeyHolder } from './assertion.ts';
import {
  credentials,
  introspect,
  poll,
  post,
  refresh,
  requestDevice,
  requestMachineToken,
} from './client.ts';
import { accessTokenType, exchangeGrant, registerGateway } from './exchange.ts';
import { createPerson, hiddenField } from './person.ts';
import { createBoundDevice, createProver } from './proof.ts';
import { type TestServer, testSecret } from './server.ts';

/** Everything secret that was shown to somebody, or that a server keeps for itself, by what it is. */
export type Secrets = Map<string, string>;

/** What of a server is needed to drive it. */
type Driven = Pick<TestServer, 'issuer' | 'db'>;

/** Drives the server through flows with secrets, so that rows in every state are left behind. */
export async function driveSecrets({ issuer, db }: Driven): Promise<Secrets> {
  const secrets: Secrets = new Map();
  const keep = (what: string, value: string) => secrets.set(what, value);
  keep('the master secret', testSecret);
  keep('the password', demoUser.password);
  keep('the secret of the machine', demoMachine.secret);
  keep('the secret of the API', demoApi.secret);
  const rotated = await rotateClientSecret(db, demoMachine.id, {
    overlapSeconds: 3_600,
    format: createTokenFormat('pst'),
  });
  keep('the new secret of the machine', 'secret' in rotated ? rotated.secret : '');

  const { body: machine } = await requestMachineToken(issuer);
  keep('a machine token', machine.access_token);
  const person = createPerson(issuer);
  for (const state of ['pending', 'opened', 'denied', 'approved', 'redeemed', 'refreshed']) {
    const { body: device } = await requestDevice(issuer);
    keep(`a device code, ${state}`, device.device_code);
    keep(`a user code, ${state}`, device.user_code);
    keep(`a user code as it is kept, ${state}`, device.user_code.replace('-', ''));
    await poll(issuer, device.device_code);
    if (state === 'pending') continue;
    const page = await person.enterCode(device.user_code);
    keep(`a CSRF token, ${state}`, hiddenField(page, 'csrf'));
    keep(`a ticket, ${state}`, hiddenField(page, 'ticket'));
    if (state === 'opened') continue;
    await person.decide(state === 'denied' ? 'deny' : 'allow');
    if (state === 'denied' || state === 'approved') continue;
    const { body: tokens } = await poll(issuer, device.device_code);
    keep(`an access token, ${state}`, tokens.access_token);
    keep(`a refresh token, ${state}`, tokens.refresh_token);
    if (state === 'redeemed') continue;
    const { body: renewed } = await refresh(issuer, tokens.refresh_token);
    keep('a renewed access token', renewed.access_token);
    keep('a renewed refresh token', renewed.refresh_token);
  }
  for (const [name, value] of person.cookies) keep(`the cookie ${name}`, value);
  const stranger = createPerson(issuer);
  await stranger.signIn({ email: 'nobody@example.com', password: 'a wrong password of somebody' });
  keep('a wrong password', 'a wrong password of somebody');
  // Somebody who confuses the fields.
  await stranger.signIn({ email: 'purple otters climb 8 ladders@', password: 'x' });
  keep('a password in the field for the address', 'purple otters climb 8 ladders');
  return secrets;
}

/** Like `driveSecrets`, for what has to do with keys: JWTs, assertions, proofs, exchanges. */
export async function driveKeySecrets({ issuer, db }: Driven): Promise<Secrets> {
  const secrets: Secrets = new Map();
  const keep = (what: string, value: string) => {
    secrets.set(what, value);
    // A JWT's last part is what makes it good; whoever has that can put the rest together.
    const signature = value.startsWith('eyJ') && value.split('.')[2];
    if (signature) secrets.set(`the signature of ${what}`, signature);
    return value;
  };
  const seal = createKeySeal([testSecret]);
  for (const { sealed } of (await listStoredKeys(db)).keys)
    keep('the signing key', sealed ? (seal.open(sealed).export({ format: 'jwk' }).d ?? '') : '');

  const tokenUrl = `${issuer}/oauth/token`;
  const prover = await createProver();
  const device = createBoundDevice(issuer, prover);
  const proof = keep('a DPoP proof', await prover.prove(`${issuer}/oauth/device_authorization`));
  keep('a bound device code', (await device.request({}, proof)).body.device_code);
  await device.request({}, proof);
  const tokens = await device.signIn();
  keep('a bound access token', tokens.access_token);
  keep('a bound refresh token', tokens.refresh_token);
  const spent = keep('the proof of a refresh', await prover.prove(tokenUrl));
  keep('a renewed bound token', (await device.refresh(tokens.refresh_token, spent)).body.access_token);

  const holder = await registerKeyHolder(db, {
    grantTypes: ['client_credentials', 'urn:ietf:params:oauth:grant-type:device_code'],
  });
  for (const [place, form] of [
    ['token', { grant_type: 'client_credentials' }],
    ['device_authorization', { scope: 'read' }],
  ] as const) {
    const assertion = await holder.credentials(issuer);
    keep(`an assertion at ${place}`, assertion.client_assertion ?? '');
    for (let times = 0; times < 2; times += 1)
      await post(`${issuer}/oauth/${place}`, { ...form, ...assertion });
  }

  const { gateway, inner } = await registerGateway(db, demoResource.uri);
  const exchange = async (form: Record<string, string>) => {
    const base = { grant_type: exchangeGrant, subject_token_type: accessTokenType, ...form };
    return (await post(tokenUrl, base, { basic: gateway.basic })).body.access_token;
  };
  keep('a secret of a gateway', gateway.secret);
  const subject = keep('a subject token', (await requestMachineToken(issuer)).body.access_token);
  const actor = { actor_token: tokens.access_token, actor_token_type: accessTokenType };
  const jwt = keep('an exchanged JWT', await exchange({ subject_token: subject, ...actor }));
  await exchange({ subject_token: jwt });
  await db.query(sql`update resources set access_token_format = 'opaque'`);
  keep('an exchanged opaque token', await exchange({ subject_token: jwt }));
  await db.query(sql`update resources set access_token_format = 'jwt'`);

  const own = keep('a JWT', (await requestMachineToken(issuer)).body.access_token);
  const accept = { accept: 'application/token-introspection+jwt' };
  const asked = { basic: credentials.api, headers: accept };
  keep('a signed answer', (await post(`${issuer}/oauth/introspect`, { token: own }, asked)).body);
  await post(`${issuer}/oauth/introspect`, { token: jwt }, { basic: inner.basic });
  const gone = keep('a revoked JWT', (await requestMachineToken(issuer)).body.access_token);
  await post(`${issuer}/oauth/revoke`, { token: gone }, { basic: credentials.machine });
  await introspect(issuer, gone);
  await db.query(sql`update resources set access_token_format = 'opaque' where uri = ${demoResource.uri}`);
  return secrets;
}
