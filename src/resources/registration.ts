import { z } from 'zod';
import { listProblems } from '../problems.ts';

/** Everything that is chosen about a resource, checked. */
export type ResourceRegistration = {
  /** Compared letter by letter: with a slash at the end it is another resource. */
  uri: string;
  name: string;
  /** What each scope allows, in words that the person who approves it reads. */
  scopes: Record<string, string>;
  /** How long access tokens for it live, where their client does not say. */
  accessTokenSeconds?: number | undefined;
  /** A JWT (RFC 9068) can be checked offline; an opaque token is worth an introspection. Opaque where it is not said. */
  accessTokenFormat?: AccessTokenFormat | undefined;
  /** What JWTs are signed with; ES256 where it is not said. */
  accessTokenAlgorithm?: SigningAlgorithm | undefined;
  /** Whether the server's metadata names it to anybody who asks; not where it is not said. */
  listed?: boolean | undefined;
};

/** What access tokens for a resource can be. */
const accessTokenFormats = ['opaque', 'jwt'] as const;

/** What access tokens for a resource are. */
export type AccessTokenFormat = (typeof accessTokenFormats)[number];

/** What JWTs can be signed with (RFC 7518, RFC 8037). */
const signingAlgorithms = ['ES256', 'EdDSA', 'RS256'] as const;

/** What JWTs for a resource are signed with. */
export type SigningAlgorithm = (typeof signingAlgorithms)[number];

/** Scopes that belong to the protocol, not to a resource. */
const reserved = ['openid', 'offline_access'];

const year = 31_536_000;
const lifetime = `write a number of seconds from 1 to ${year}`;
const absolute = 'write an absolute URI without a fragment, such as https://api.example.com';
const words = 'write 1 to 200 characters, none of them a control character';

/** How each field of a registration is checked, by its name in a file. */
export const fields = z.strictObject(
  {
    resource: z
      .string(absolute)
      .max(500, 'write at most 500 characters')
      .regex(/^[a-z][a-z0-9+.-]*:\/[^\s#\p{Cc}]+$/u, absolute)
      .refine((uri) => URL.canParse(uri), absolute),
    resource_name: z
      .string('write the name that people will see')
      .regex(/^(?=.*[^\s\p{C}])\P{Cc}{1,200}$/u, words),
    scopes: z
      .record(
        z.string(),
        z.string('write in words what the scope allows').regex(/^\P{Cc}{1,200}$/u, words),
        'write scopes with what each allows in words, such as {"read": "See your projects"}',
      )
      .superRefine((scopes, context) => {
        for (const scope of Object.keys(scopes)) {
          const complain = (message: string) => context.addIssue({ code: 'custom', path: [scope], message });
          if (reserved.includes(scope)) complain('leave it out: this scope belongs to the protocol');
          // RFC 6749 section 3.3.
          else if (!/^[!#-[\]-~]{1,100}$/.test(scope)) {
            complain('write 1 to 100 visible ASCII characters without spaces, quotes and backslashes');
          }
        }
      })
      .default({}),
    access_token_lifetime: z.int(lifetime).min(1, lifetime).max(year, lifetime).optional(),
    access_token_format: z
      .enum(accessTokenFormats, `write one of ${accessTokenFormats.join(', ')}`)
      .optional(),
    access_token_signing_alg: z
      .enum(signingAlgorithms, `write one of ${signingAlgorithms.join(', ')}`)
      .optional(),
    listed: z.boolean('write true or false').optional(),
  },
  { error: (issue) => (issue.code === 'invalid_type' ? 'write a JSON object' : undefined) },
);

/** The names of a registration's fields in a file; `resource` and `resource_name` are those of RFC 9728. */
const resourceFields = Object.keys(fields.shape);

/** Checks what was read from a file or put together from flags; every problem at once, one line each. */
export function parseResource(
  input: unknown,
): { registration: ResourceRegistration } | { problems: string[] } {
  const parsed = fields.safeParse(input);
  if (!parsed.success) return { problems: listProblems(parsed.error, resourceFields) };
  const { resource, resource_name, scopes, ...given } = parsed.data;
  return {
    registration: {
      uri: resource,
      name: resource_name,
      scopes,
      accessTokenSeconds: given.access_token_lifetime,
      accessTokenFormat: given.access_token_format,
      accessTokenAlgorithm: given.access_token_signing_alg,
      listed: given.listed,
    },
  };
}
