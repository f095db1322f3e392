import { z } from 'zod';
import { isPlainName, plainNameAdvice } from '../plain-name.ts';
import { listProblems } from '../problems.ts';
import { deviceGrant } from '../urn.ts';
import { subjectFields } from './certificate.ts';
import { type GrantType, parseRegistration, type Registration, registrationWords } from './registration.ts';
import type { RegistrationPolicy } from './registration-policy.ts';

/** What a client says about itself and nothing depends on (RFC 7591 section 2). */
export type ClientAbout = z.infer<typeof aboutSchema>;

/** Why metadata was not taken, in the words of RFC 7591 section 3.2.2. */
export type MetadataRefusal = {
  refusal: 'metadata';
  error: 'invalid_client_metadata' | 'invalid_redirect_uri' | 'invalid_software_statement';
  description: string;
};

/** What a client decides of its own registration. All else is its policy's, or an operator's. */
const chosenFields = [
  'client_name',
  'token_endpoint_auth_method',
  'grant_types',
  'jwks',
  'jwks_uri',
  'dpop_bound_access_tokens',
  ...subjectFields,
  'tls_client_certificate_bound_access_tokens',
] as const;

const address = 'write a URL such as https://client.example.com/about';
const page = z
  .string(address)
  .max(1000, 'write at most 1000 characters')
  .refine((text) => /^https?:\/\/[!-~]+$/.test(text) && URL.canParse(text), address)
  .optional();
const line = 'write 1 to 200 characters, none of them a control character';
const text = z.string(line).regex(/^\P{C}{1,200}$/u, line);

const aboutSchema = z.object({
  client_uri: page,
  tos_uri: page,
  policy_uri: page,
  contacts: z.array(text, 'write a list of texts').max(10, 'write at most ten').optional(),
  software_id: text.optional(),
  software_version: text.optional(),
});

/**
 * Reads client metadata (RFC 7591 section 2) as a registration that keeps within the policy. What is absent or null is
 * filled in from the policy; what is not known here is ignored.
 */
export function parseClientMetadata(
  input: unknown,
  id: string,
  policy: RegistrationPolicy,
): { registration: Registration; about: ClientAbout } | MetadataRefusal {
  if (typeof input !== 'object' || input === null || Array.isArray(input))
    return refuse(['all: write a JSON object']);
  const given = Object.fromEntries(Object.entries(input).filter(([, value]) => value !== null));
  if (given.software_statement !== undefined)
    return refuse(['software_statement: leave it out: none is taken here'], 'invalid_software_statement');
  if (!isAbsentOrEmpty(given.redirect_uris))
    return refuse(['redirect_uris: leave it out: no grant here has a redirection'], 'invalid_redirect_uri');

  const asked: Record<string, unknown> = {
    client_name: id,
    ...Object.fromEntries(chosenFields.filter((name) => name in given).map((name) => [name, given[name]])),
  };
  asked.token_endpoint_auth_method ??= defaultMethod(policy);
  asked.grant_types ??= defaultGrants(policy, asked.token_endpoint_auth_method);
  const scope = readScope(given.scope, asked.grant_types, policy);
  const parsed = parseRegistration({
    ...asked,
    client_id: id,
    resources: scope.allowed,
    default_resource: defaultResource(scope.allowed, policy),
  });
  const about = aboutSchema.safeParse(given);
  const problems = [
    ...listBreaches(asked, policy),
    ...scope.problems,
    ...(isAbsentOrEmpty(given.response_types)
      ? []
      : ['response_types: leave it out: there is no authorization endpoint here']),
    ...('problems' in parsed ? parsed.problems : checkName(parsed.registration.name)),
    ...(about.error ? listProblems(about.error, []) : []),
  ];
  if (problems.length > 0 || 'problems' in parsed || !about.success) return refuse(problems);
  return { registration: parsed.registration, about: about.data };
}

/** The registered metadata of a client (RFC 7591 section 3.2.1), without anything secret. */
export function clientMetadata(registration: Registration, about: ClientAbout): Record<string, unknown> {
  const words = registrationWords(registration);
  const scopes = new Set(Object.values(registration.allowed).flat());
  if (registration.grantTypes.includes('refresh_token')) scopes.add(offlineAccess);
  return {
    client_id: registration.id,
    ...Object.fromEntries(chosenFields.map((name) => [name, words[name]])),
    scope: [...scopes].join(' '),
    response_types: [],
    ...about,
  };
}

const offlineAccess = 'offline_access';

function refuse(
  problems: string[],
  error: MetadataRefusal['error'] = 'invalid_client_metadata',
): MetadataRefusal {
  return { refusal: 'metadata', error, description: problems.join('; ') };
}

/** RFC 7591 section 2 says client_secret_basic; where the policy has no such clients, the first that it has. */
function defaultMethod({ authenticationMethods }: RegistrationPolicy): string | undefined {
  return authenticationMethods.find((method) => method === 'client_secret_basic') ?? authenticationMethods[0];
}

/**
 * The device grant is off unless it is asked for by name: a program that nobody meant to be let in by people cannot lead
 * them to let it in. Where the policy leaves nothing else, there is no other way to understand it.
 */
function defaultGrants({ grantTypes }: RegistrationPolicy, method: unknown): GrantType[] {
  const possible = grantTypes.filter((grant) => grant !== 'client_credentials' || method !== 'none');
  const alone = possible.filter((grant) => grant !== deviceGrant && grant !== 'refresh_token');
  return alone.length > 0 ? alone : possible;
}

function defaultResource(
  allowed: Record<string, string[]>,
  { defaultResource: uri }: RegistrationPolicy,
): string | undefined {
  return uri !== undefined && Object.hasOwn(allowed, uri) ? uri : undefined;
}

/** What the client asks for and its policy does not have; that it is well-formed is for the schema to say. */
function listBreaches(asked: Record<string, unknown>, policy: RegistrationPolicy): string[] {
  const method = asked.token_endpoint_auth_method;
  const grants = Array.isArray(asked.grant_types) ? asked.grant_types : [];
  const { authenticationMethods, grantTypes } = policy;
  return [
    ...(authenticationMethods.some((each) => each === method)
      ? []
      : [`token_endpoint_auth_method: write one of ${authenticationMethods.join(', ')}`]),
    ...(grants.every((grant) => grantTypes.includes(grant))
      ? []
      : [`grant_types: write one of ${grantTypes.join(', ')}`]),
  ];
}

/** Each scope is allowed at every resource of the policy that has it; without any, all of the policy's are. */
function readScope(
  scope: unknown,
  grants: unknown,
  policy: RegistrationPolicy,
): { allowed: Record<string, string[]>; problems: string[] } {
  if (scope !== undefined && typeof scope !== 'string')
    return { allowed: policy.allowed, problems: ['scope: write scopes with spaces between'] };
  const asked = new Set((scope ?? '').split(' ').filter(Boolean));
  const problems: string[] = [];
  if (asked.delete(offlineAccess) && !(Array.isArray(grants) && grants.includes('refresh_token')))
    problems.push(`scope: leave ${offlineAccess} out, or add the grant type refresh_token`);
  if (asked.size === 0) return { allowed: policy.allowed, problems };
  const pairs = Object.entries(policy.allowed).map(
    ([uri, scopes]) => [uri, scopes.filter((each) => asked.has(each))] as const,
  );
  const known = new Set(Object.values(policy.allowed).flat());
  if ([...asked].some((each) => !known.has(each)))
    problems.push(`scope: write some of ${[...known].join(' ')}`);
  return { allowed: Object.fromEntries(pairs.filter(([, scopes]) => scopes.length > 0)), problems };
}

function checkName(name: string): string[] {
  return isPlainName(name) ? [] : [`client_name: ${plainNameAdvice}`];
}

function isAbsentOrEmpty(value: unknown): boolean {
  return value === undefined || (Array.isArray(value) && value.length === 0);
}
