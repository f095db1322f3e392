import * as client from 'openid-client';
import { AppError } from '../errors.ts';
import { type Account, accountTokens } from './account.ts';
import { type Approval, awaitApproval } from './approval.ts';
import { namedAuthFile, openSignIns } from './auth-file.ts';
import { discoverServer, failureOf, knownServer, proving, wordsOf } from './authorization-server.ts';
import { openBrowser } from './browser.ts';
import { startCountdown } from './countdown.ts';
import { instantText } from './duration.ts';
import { Interrupted } from './exit.ts';
import { showInstructions, showNumber } from './instructions.ts';
import type { Io } from './io.ts';
import { chooseClient, chooseIssuer, managementApi } from './issuer.ts';
import { preparePrivateFolder } from './private-file.ts';
import { createProofKey, type ProofKey } from './proof-key.ts';
import { harmless } from './terminal-text.ts';

/** What `postern login` was told. */
export type SignInRequest = {
  issuer?: string;
  client?: string;
  scope: string;
  resource?: string;
  /** Whether it is for the management API, in place of a resource. */
  manage?: boolean;
  /** Whether the tokens are to be bound to a new key, where the server can do that. */
  dpop: boolean;
  browser: boolean;
  /** Where a file with nothing but the token is to be written. */
  file?: string;
  json?: boolean;
};

/** Signs in by the device authorization grant (RFC 8628) and keeps the tokens. Every other ending is a failure of its own words. */
export async function signIn(io: Io, flags: SignInRequest): Promise<void> {
  const issuer = chooseIssuer(flags.issuer, io);
  const file = namedAuthFile(flags.file, io);
  const request = requestOf(flags, issuer, file);
  const clientId = chooseClient(request.client, issuer, io);
  const credentials = openSignIns(io, flags.file);
  // A store that cannot take the tokens is better known before anybody walks to a browser.
  await preparePrivateFolder(credentials.path);
  if (file === undefined) await credentials.listIssuers();

  const signal = io.interruption();
  const waiting = { patienceMs: io.patienceMs, signal };
  const server = await discoverServer(issuer, clientId, waiting);
  const metadata = server.serverMetadata();
  const offersProofs = metadata.dpop_signing_alg_values_supported?.includes('ES256');
  const key = request.dpop && offersProofs ? createProofKey() : undefined;
  const tokens = await authorize(io, server, request, key, signal);

  const account: Account = {
    issuer,
    client_id: clientId,
    ...(request.resource && { resource: request.resource }),
    token_endpoint: metadata.token_endpoint ?? '',
    ...(metadata.revocation_endpoint && { revocation_endpoint: metadata.revocation_endpoint }),
    ...(metadata.introspection_endpoint && { introspection_endpoint: metadata.introspection_endpoint }),
    ...accountTokens(tokens, request, io.clock.now()),
    ...(key && tokens.token_type === 'dpop' && { dpop_key: key }),
  };
  const previous = await credentials.exclusively(issuer, () => credentials.add(account));

  const name = await findName(io, account);
  const until = instantText(new Date(account.expires_at), io.clock.now());
  io.say(`${io.paint('green', '✓')} Signed in to ${issuer}${name ? ` as ${name}` : ''}.`);
  io.say(`  Scopes: ${harmless(account.scope) || 'none'}`);
  io.say(`  Until:  ${until}${account.refresh_token ? ', renewed as you use it' : ''}`);
  if (request.json) {
    const { client_id, resource, scope, expires_at } = account;
    io.json({ issuer, client_id, resource, scope, expires_at, ...(name && { account: name }) });
  }
  if (previous) await revokeQuietly(io, previous);
}

/** In a file there is no key and nothing to renew a token with: what it holds is a bearer token, and the only one. */
function requestOf(flags: SignInRequest, issuer: string, file: string | undefined): SignInRequest {
  const request = flags.manage ? { ...flags, resource: managementApi(issuer) } : flags;
  if (file === undefined) return request;
  const scope = request.scope.split(' ').filter((name) => name !== 'offline_access');
  return { ...request, dpop: false, scope: scope.join(' ') };
}

async function authorize(
  io: Io,
  server: client.Configuration,
  request: SignInRequest,
  key: ProofKey | undefined,
  signal: AbortSignal,
): Promise<client.TokenEndpointResponse> {
  const { issuer, device_authorization_endpoint } = server.serverMetadata();
  if (!device_authorization_endpoint) {
    throw new AppError('failure', `${issuer} does not offer the device login`);
  }
  const proofs = await proving(server, key);
  // From the first request on, so that a device code that is stolen is worth nothing without the key.
  const thumbprint = await proofs.DPoP?.calculateThumbprint();
  const parameters = {
    ...(request.scope && { scope: request.scope }),
    ...(request.resource && { resource: request.resource }),
    ...(thumbprint && { dpop_jkt: thumbprint }),
  };
  const device = await client.initiateDeviceAuthorization(server, parameters).catch((error) => {
    if (signal.aborted) throw new Interrupted();
    const failure = failureOf(error);
    const verb = failure.kind === 'refused' ? 'refused this login' : 'cannot be reached';
    throw new AppError('failure', `${issuer} ${verb}: ${wordsOf(failure)}`, { cause: error });
  });
  const expiresAt = new Date(io.clock.now().getTime() + device.expires_in * 1000);

  const address = await showInstructions(io, issuer, device);
  if (request.browser && io.isTerminal) openBrowser(address, io.env);

  const countdown = startCountdown(io, expiresAt);
  const approval = await awaitApproval(server, device, {
    clock: io.clock,
    expiresAt,
    signal,
    proofs,
    onLoss: (reason) => countdown.note(`${harmless(issuer)} is away (${reason}), trying again`),
    onReturn: () => countdown.note(undefined),
    onNumber: (number) => showNumber(io, number),
  }).finally(() => countdown.stop());

  if (approval.kind === 'interrupted') await withdraw(server, device.device_code);
  return tokensOf(approval, issuer);
}

/** Each ending has its own sentence. */
function tokensOf(approval: Approval, issuer: string): client.TokenEndpointResponse {
  switch (approval.kind) {
    case 'approved':
      return approval.tokens;
    case 'interrupted':
      throw new Interrupted();
    case 'denied':
      throw new AppError('failure', 'The login was denied in the browser; nobody is signed in');
    case 'expired':
      throw new AppError('failure', 'The code expired before anybody approved it; run: postern login');
    case 'unreachable':
      throw new AppError('failure', `${issuer} stayed away until the code expired: ${approval.reason}`);
    case 'refused':
      throw new AppError('failure', `${issuer} ended this login: ${approval.words}`);
  }
}

/** A code that nobody waits for should not be approvable: a Postern revokes it, other servers ignore it (RFC 7009 section 2.2). */
async function withdraw(server: client.Configuration, deviceCode: string): Promise<void> {
  if (!server.serverMetadata().revocation_endpoint) return;
  server[client.customFetch] = (url, options) =>
    fetch(url, { ...options, signal: AbortSignal.timeout(1500) } as RequestInit);
  await client.tokenRevocation(server, deviceCode, { token_type_hint: 'device_code' }).catch(() => {});
}

/** The person behind the token as the server names them (RFC 7662), where it tells. */
async function findName(io: Io, account: Account): Promise<string | undefined> {
  if (!account.introspection_endpoint) return undefined;
  const answer = await client
    .tokenIntrospection(knownServer(account, io), account.access_token)
    .catch(() => undefined);
  const name = answer?.username ?? answer?.sub;
  return name === undefined ? undefined : harmless(name);
}

async function revokeQuietly(io: Io, account: Account): Promise<void> {
  if (!account.revocation_endpoint) return;
  const token = account.refresh_token ?? account.access_token;
  await client.tokenRevocation(knownServer(account, io), token).catch(() => {});
}
