import { z } from 'zod';
import { isLoopback } from '../loopback.ts';
import { listProblems } from '../problems.ts';
import { carriesToken, tokenAdvice } from '../secret.ts';
import { deviceGrant, exchangeGrant } from '../urn.ts';
import {
  type CertificateSubject,
  certificateSubject,
  haveCertificates,
  subjectFields,
  subjectShape,
} from './certificate.ts';
import { type PublicKeys, publicKeys } from './public-keys.ts';

/** How a client proves who it is (RFC 7591 section 2); `none` is a public client. */
export const authenticationMethods = [
  'client_secret_basic',
  'client_secret_post',
  'private_key_jwt',
  'tls_client_auth',
  'self_signed_tls_client_auth',
  'none',
] as const;

/** The grant types that a client can have, spelled as on the wire. */
export const grantTypes = ['client_credentials', 'refresh_token', deviceGrant, exchangeGrant] as const;

/** One of `authenticationMethods`. */
export type AuthenticationMethod = (typeof authenticationMethods)[number];

/** One of `grantTypes`. */
export type GrantType = (typeof grantTypes)[number];

/** Everything that is chosen about a client, checked. */
export type Registration = {
  id: string;
  name: string;
  /** Who answers for the client, as people see it on the approval page. */
  publisher?: string | undefined;
  authentication: AuthenticationMethod;
  grantTypes: GrantType[];
  /** What a token is for when the request names no resource (RFC 8707). */
  defaultResource?: string | undefined;
  /** The scopes that the client may ask for, by resource. */
  allowed: Record<string, string[]>;
  /** Resources whose tokens it may introspect. */
  audiences: string[];
  /** For which resources it may exchange tokens (RFC 8693), by the resource that the subject's token is for. */
  exchanges?: Record<string, string[]> | undefined;
  accessTokenSeconds?: number | undefined;
  refreshTokenSeconds?: number | undefined;
  deviceCodeSeconds?: number | undefined;
  /** The keys of a client that authenticates with one, or with a certificate in it; or else where it publishes them. */
  jwks?: PublicKeys | undefined;
  jwksUri?: string | undefined;
  /** Whether it gets tokens only with a DPoP proof (RFC 9449 section 5.2). */
  dpopBoundAccessTokens?: boolean | undefined;
  /** Whether its DPoP proofs must carry a nonce of ours (RFC 9449 section 8). */
  requireDpopNonce?: boolean | undefined;
  /** Whether its device codes may come in a link, or must be typed (RFC 8628 section 3.3.1); `true` unless said otherwise. */
  verificationUriComplete?: boolean | undefined;
  /** Whether who approves its device codes must type the number that the device shows once they look at the request. */
  numberMatching?: boolean | undefined;
  /** Whether its device codes are approved only from the network that the device asked from. */
  sameNetwork?: boolean | undefined;
  /** Scopes that a person lets its devices have only after signing in with a second factor. */
  stepUpScopes?: string[] | undefined;
  /** What the certificate of a client that authenticates by tls_client_auth names. */
  certificateSubject?: CertificateSubject | undefined;
  /** Whether it gets tokens only with a certificate, and bound to that (RFC 8705 section 3). */
  certificateBoundAccessTokens?: boolean | undefined;
};

/** Whether a text can be a client's id at all. PostgreSQL would choke on some that cannot (those with NUL bytes). */
export function isClientId(text: string): boolean {
  return /^[!-9;-~]{1,100}$/.test(text);
}

const keysAddress = 'write an https URL, such as https://client.example.com/jwks.json';
const year = 31_536_000;
const visible = 'write 1 to 100 characters, none of them a control character';
const strings = { error: 'write a list of texts' };
const exchangeAdvice =
  'write targets by subject, such as {"https://api.example.com": ["https://inner.example.com"]}';
const clean = [/^\P{Cc}+$/u, 'write it without control characters'] as const;

/** How each field of a registration is checked, by its name in a file. */
export const fields = z.strictObject(
  {
    client_id: z
      .string('write a name without spaces, such as billing-worker')
      .refine(isClientId, 'write 1 to 100 visible ASCII characters without spaces and colons')
      .refine(
        (id) => !/^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i.test(id),
        'write something that is not shaped like a UUID: those are the ids of people',
      ),
    client_name: z
      .string('write the name that people will see')
      .regex(/^(?=.*[^\s\p{C}])\P{Cc}{1,100}$/u, visible)
      .refine((name) => !carriesToken(name), tokenAdvice),
    publisher: z
      .string(visible)
      .regex(/^(?=.*[^\s\p{C}])\P{Cc}{1,100}$/u, visible)
      .refine((name) => !carriesToken(name), tokenAdvice)
      .optional(),
    token_endpoint_auth_method: z
      .enum(authenticationMethods, `write one of ${authenticationMethods.join(', ')}`)
      .default('client_secret_basic'),
    grant_types: z.array(z.enum(grantTypes, `write one of ${grantTypes.join(', ')}`), strings).default([]),
    default_resource: z.string('write the URI of one of its resources').optional(),
    resources: z
      .record(
        z.string().regex(...clean),
        z
          .array(
            z.string('write a scope such as read').regex(...clean),
            'write a list of scopes such as ["read"]',
          )
          .min(1, 'write at least one scope'),
        'write scopes by resource, such as {"https://api.example.com": ["read"]}',
      )
      .default({}),
    audiences: z.array(z.string('write the URI of a resource').regex(...clean), strings).default([]),
    exchanges: z
      .record(
        z.string(),
        z.array(z.string('write the URI of a resource'), strings).min(1, 'write at least one resource'),
        exchangeAdvice,
      )
      .optional(),
    access_token_lifetime: seconds(1, year),
    refresh_token_lifetime: seconds(60, year),
    device_code_lifetime: seconds(60, 3600),
    jwks: publicKeys.optional(),
    jwks_uri: z
      .string(keysAddress)
      .max(1000, 'write at most 1000 characters')
      .refine((text) => URL.parse(text)?.protocol === 'https:' || isLoopback(text), keysAddress)
      .optional(),
    dpop_bound_access_tokens: z.boolean('write true or false').default(false),
    require_dpop_nonce: z.boolean('write true or false').default(false),
    verification_uri_complete: z.boolean('write true or false').default(true),
    number_matching: z.boolean('write true or false').default(false),
    same_network: z.boolean('write true or false').default(false),
    step_up_scopes: z.array(z.string('write a scope such as write'), strings).default([]),
    ...subjectShape,
    tls_client_certificate_bound_access_tokens: z.boolean('write true or false').default(false),
  },
  { error: (issue) => (issue.code === 'invalid_type' ? 'write a JSON object' : undefined) },
);

/** Whether a client authenticates by something else than a secret, or not at all. */
export function hasNoSecret({ authentication }: Pick<Registration, 'authentication'>): boolean {
  return authentication !== 'client_secret_basic' && authentication !== 'client_secret_post';
}

/** The names of a registration's fields in a file; those of RFC 7591 where it has one. */
const registrationFields = Object.keys(fields.shape);

// Also beside other mistakes, so that all are reported at once: it must take any value.
const schema = fields.superRefine(checkTogether, { when: ({ value }) => isRecord(value) });

/** Checks what was read from a file or put together from flags; every problem at once, one line each. */
export function parseRegistration(input: unknown): { registration: Registration } | { problems: string[] } {
  const parsed = schema.safeParse(input);
  if (!parsed.success) return { problems: listProblems(parsed.error, registrationFields) };
  const given = parsed.data;
  const allowed = Object.fromEntries(
    Object.entries(given.resources).map(([resource, scopes]) => [resource, [...new Set(scopes)].sort()]),
  );
  const [only, ...others] = Object.keys(allowed);
  return {
    registration: {
      id: given.client_id,
      name: given.client_name,
      publisher: given.publisher,
      authentication: given.token_endpoint_auth_method,
      grantTypes: [...new Set(given.grant_types)],
      defaultResource: given.default_resource ?? (others.length === 0 ? only : undefined),
      allowed,
      audiences: [...new Set(given.audiences)].sort(),
      exchanges: given.exchanges,
      accessTokenSeconds: given.access_token_lifetime,
      refreshTokenSeconds: given.refresh_token_lifetime,
      deviceCodeSeconds: given.device_code_lifetime,
      jwks: given.jwks,
      jwksUri: given.jwks_uri,
      dpopBoundAccessTokens: given.dpop_bound_access_tokens,
      requireDpopNonce: given.require_dpop_nonce,
      verificationUriComplete: given.verification_uri_complete,
      numberMatching: given.number_matching,
      sameNetwork: given.same_network,
      stepUpScopes: [...new Set(given.step_up_scopes)].sort(),
      certificateSubject: certificateSubject(given),
      certificateBoundAccessTokens: given.tls_client_certificate_bound_access_tokens,
    },
  };
}

/** A registration in the words of a file: what `parseRegistration` reads. */
export function registrationWords(registration: Registration): Record<string, unknown> {
  return {
    client_id: registration.id,
    client_name: registration.name,
    publisher: registration.publisher,
    token_endpoint_auth_method: registration.authentication,
    grant_types: registration.grantTypes,
    default_resource: registration.defaultResource,
    resources: registration.allowed,
    audiences: registration.audiences,
    exchanges: registration.exchanges,
    access_token_lifetime: registration.accessTokenSeconds,
    refresh_token_lifetime: registration.refreshTokenSeconds,
    device_code_lifetime: registration.deviceCodeSeconds,
    jwks: registration.jwks,
    jwks_uri: registration.jwksUri,
    dpop_bound_access_tokens: registration.dpopBoundAccessTokens,
    require_dpop_nonce: registration.requireDpopNonce,
    verification_uri_complete: registration.verificationUriComplete,
    number_matching: registration.numberMatching,
    same_network: registration.sameNetwork,
    step_up_scopes: registration.stepUpScopes,
    ...(registration.certificateSubject && {
      [registration.certificateSubject.field]: registration.certificateSubject.value,
    }),
    tls_client_certificate_bound_access_tokens: registration.certificateBoundAccessTokens,
  };
}

type Given = Record<keyof typeof fields.shape, unknown>;
type Complain = (field: keyof typeof fields.shape, message: string) => void;

function checkTogether(value: unknown, context: z.RefinementCtx): void {
  const given = value as Given;
  const complain: Complain = (field, message) => context.addIssue({ code: 'custom', path: [field], message });
  const grants = Array.isArray(given.grant_types) ? given.grant_types : [];
  const resources = isRecord(given.resources) ? Object.keys(given.resources) : [];
  const audiences = Array.isArray(given.audiences) ? given.audiences : [];

  if (given.token_endpoint_auth_method === 'none') {
    if (grants.includes('client_credentials')) {
      complain(
        'token_endpoint_auth_method',
        'write client_secret_basic or client_secret_post: client_credentials is for clients with a secret (RFC 6749 section 4.4)',
      );
    }
    if (audiences.length > 0) {
      complain('audiences', 'leave it out: a client without a secret may not introspect tokens of others');
    }
  }
  checkKeys(given, complain);
  checkCertificates(given, complain);
  checkStepUp(given, complain);
  const targets = isRecord(given.exchanges) ? Object.values(given.exchanges).flat() : [];
  if (grants.includes(exchangeGrant) !== targets.length > 0) {
    complain('exchanges', `write it together with the grant type ${exchangeGrant}: what for what`);
  }
  const strangers = targets.filter((target) => typeof target === 'string' && !resources.includes(target));
  if (strangers.length > 0)
    complain('exchanges', `write targets among its resources, not ${strangers.join(', ')}`);
  if (given.token_endpoint_auth_method === 'none' && grants.includes(exchangeGrant)) {
    complain('grant_types', 'leave token-exchange out: it is for clients that authenticate');
  }
  if (grants.includes('refresh_token') && !grants.includes(deviceGrant)) {
    complain('grant_types', `add ${deviceGrant} or leave out refresh_token: no other grant yields one`);
  }
  if (grants.length === 0 && audiences.length === 0) {
    complain(
      'grant_types',
      'write at least one, or the audiences that it serves: this client could do nothing',
    );
  }
  if (grants.length > 0 && resources.length === 0) {
    complain(
      'resources',
      'write which scopes of which resources it may ask for: without any it could get no token',
    );
  }
  if (typeof given.default_resource === 'string' && !resources.includes(given.default_resource)) {
    complain('default_resource', `write one of its resources (${resources.join(', ') || 'it has none'})`);
  }
}

/** A scope that it can never ask for is a slip of the pen, and the one that was meant would stand open. */
function checkStepUp({ step_up_scopes, resources }: Given, complain: Complain): void {
  const known = new Set(['offline_access', ...Object.values(isRecord(resources) ? resources : {}).flat()]);
  const strangers = Array.isArray(step_up_scopes) ? step_up_scopes.filter((scope) => !known.has(scope)) : [];
  if (strangers.length > 0)
    complain('step_up_scopes', `write scopes that it may ask for, not ${strangers.join(', ')}`);
}

const keyedMethods: unknown[] = ['private_key_jwt', 'self_signed_tls_client_auth'];

function checkKeys(given: Given, complain: Complain): void {
  const method = given.token_endpoint_auth_method;
  const keys = [given.jwks, given.jwks_uri].filter((value) => value !== undefined).length;
  if (!keyedMethods.includes(method)) {
    if (keys > 0)
      complain('jwks', `leave jwks and jwks_uri out: only ${keyedMethods.join(' and ')} have a use for keys`);
  } else if (keys !== 1) {
    complain('jwks', `write either this or jwks_uri: ${method} needs the keys of the client`);
  } else if (method === 'self_signed_tls_client_auth') {
    const jwks = publicKeys.safeParse(given.jwks);
    if (jwks.success && !haveCertificates(jwks.data))
      complain(
        'jwks',
        'write each key with its certificate in x5c: self_signed_tls_client_auth compares those',
      );
  }
}

function checkCertificates(given: Given, complain: Complain): void {
  const subjects = subjectFields.filter((name) => given[name] !== undefined);
  const [first = subjectFields[0]] = subjects;
  if (given.token_endpoint_auth_method === 'tls_client_auth') {
    if (subjects.length !== 1) complain(first, `write exactly one of ${subjectFields.join(', ')}`);
  } else if (subjects.length > 0) {
    complain(first, 'leave it out: only tls_client_auth has a use for it');
  }
  if (given.tls_client_certificate_bound_access_tokens === true && given.dpop_bound_access_tokens === true) {
    complain(
      'tls_client_certificate_bound_access_tokens',
      'write either this or dpop_bound_access_tokens: a token is bound to one thing',
    );
  }
}

function seconds(least: number, most: number) {
  const message = `write a number of seconds from ${least} to ${most}`;
  return z.int(message).min(least, message).max(most, message).optional();
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
