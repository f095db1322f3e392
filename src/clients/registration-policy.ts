import { z } from 'zod';
import { listProblems } from '../problems.ts';
import { exchangeGrant } from '../urn.ts';
import { type AuthenticationMethod, authenticationMethods, fields, type GrantType } from './registration.ts';

/** What a client may be that registers itself (RFC 7591). */
export type RegistrationPolicy = {
  authenticationMethods: AuthenticationMethod[];
  grantTypes: GrantType[];
  /** The scopes that it may have, by resource. */
  allowed: Record<string, string[]>;
  defaultResource?: string | undefined;
};

/** Everything that is chosen about an initial access token (RFC 7591 section 1.2), checked. */
export type InitialAccessTokenRequest = {
  name: string;
  policy: RegistrationPolicy;
  /** How many clients may be registered with it; absent for any number. */
  uses?: number | undefined;
  lifetimeSeconds?: number | undefined;
};

const name = 'write a name without spaces, such as build-farm';
const most = 1_000_000;
const uses = `write how many clients may be registered with it, from 1 to ${most}`;
const decade = 315_360_000;
const lifetime = `write a number of seconds from 1 to ${decade}`;

const fieldsOfToken = z.strictObject(
  {
    name: z.string(name).regex(/^[!-~]{1,100}$/, name),
    token_endpoint_auth_methods: z
      .array(
        z.enum(authenticationMethods, `write one of ${authenticationMethods.join(', ')}`),
        'write a list of texts',
      )
      .min(1, 'write at least one')
      .default(['client_secret_basic']),
    grant_types: fields.shape.grant_types,
    resources: fields.shape.resources,
    default_resource: fields.shape.default_resource,
    uses: z.int(uses).min(1, uses).max(most, uses).optional(),
    lifetime: z.int(lifetime).min(1, lifetime).max(decade, lifetime).optional(),
  },
  { error: (issue) => (issue.code === 'invalid_type' ? 'write a JSON object' : undefined) },
);

// Also beside other mistakes, so that all are reported at once: it must take any value.
const schema = fieldsOfToken.superRefine(checkTogether, { when: ({ value }) => value instanceof Object });

/** Checks what was put together from flags; every problem at once, one line each. */
export function parseInitialAccessToken(
  input: unknown,
): { request: InitialAccessTokenRequest } | { problems: string[] } {
  const parsed = schema.safeParse(input);
  if (!parsed.success) return { problems: listProblems(parsed.error, Object.keys(fieldsOfToken.shape)) };
  const given = parsed.data;
  return {
    request: {
      name: given.name,
      policy: {
        authenticationMethods: [...new Set(given.token_endpoint_auth_methods)],
        grantTypes: [...new Set(given.grant_types)],
        allowed: given.resources,
        defaultResource: given.default_resource,
      },
      uses: given.uses,
      lifetimeSeconds: given.lifetime,
    },
  };
}

function checkTogether(value: unknown, context: z.RefinementCtx): void {
  const given = value as Record<keyof typeof fieldsOfToken.shape, unknown>;
  const complain = (field: keyof typeof fieldsOfToken.shape, message: string) =>
    context.addIssue({ code: 'custom', path: [field], message });
  const grants = Array.isArray(given.grant_types) ? given.grant_types : [];
  const resources = Object.keys(given.resources ?? {});
  if (grants.length === 0) complain('grant_types', 'write at least one');
  // Which API trusts which other one is for an operator to say, not for a program.
  if (grants.includes(exchangeGrant))
    complain('grant_types', 'leave token-exchange out: such clients are added by an operator');
  if (resources.length === 0)
    complain('resources', 'write which scopes of which resources the clients may ask for');
  if (typeof given.default_resource === 'string' && !resources.includes(given.default_resource))
    complain('default_resource', `write one of the resources (${resources.join(', ') || 'there are none'})`);
}
