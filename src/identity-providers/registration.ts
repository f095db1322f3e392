import { z } from 'zod';
import { isLoopback } from '../loopback.ts';
import { listProblems } from '../problems.ts';
import { isProviderId } from './identity-provider.ts';

/** What an operator says of a provider, checked; the organization as they named it. */
export type ProviderFields = {
  id: string;
  name: string;
  issuer: string;
  clientId: string;
  scopes: string[];
  linksVerifiedEmail: boolean;
  organization: string | undefined;
  domains: string[];
  role: 'administrator' | 'member';
};

/** What can be changed of it, checked; what is absent stays as it is. */
export type ProviderFieldChanges = Partial<Omit<ProviderFields, 'id' | 'issuer' | 'organization'>>;

const issuerAdvice = 'write an https URL without query and fragment, such as https://accounts.example.com';
const domainAdvice = 'write what stands behind the @ of addresses, such as example.com';
const nameAdvice = 'write 1 to 100 characters, none of them a control character';

const changeable = {
  name: z
    .string('write the name that people will see')
    .regex(/^\P{Cc}*\S\P{Cc}*$/u, nameAdvice)
    .max(100, nameAdvice),
  client_id: z.string('write the client id that the provider has given').regex(/^[!-~]{1,500}$/),
  scopes: z
    .array(z.string().regex(/^[!#-[\]-~]{1,100}$/, 'write names of scopes'))
    .refine((scopes) => scopes.includes('openid'), 'let openid be among them'),
  link_verified_email: z.boolean('write true or false'),
  email_domains: z.array(
    z
      .string(domainAdvice)
      .transform((domain) => domain.trim().toLowerCase())
      .refine((domain) => /^[^\s@\p{Cc}]{1,253}$/u.test(domain), domainAdvice),
  ),
  role: z.enum(['administrator', 'member'], 'write administrator or member'),
};

const changes = z.strictObject(changeable).partial();

const registration = z
  .strictObject({
    ...changeable,
    id: z
      .string('write a short name for addresses, such as acme')
      .refine(isProviderId, 'write 1 to 40 lower-case letters, digits and hyphens, a letter first'),
    issuer: z
      .string(issuerAdvice)
      .max(500, issuerAdvice)
      .regex(/^https?:\/\/[^\s?#]+$/, issuerAdvice)
      .refine((issuer) => issuer.startsWith('https:') || isLoopback(issuer), issuerAdvice)
      .refine((issuer) => URL.parse(issuer)?.username === '', issuerAdvice),
    scopes: changeable.scopes.default(['openid', 'email', 'profile']),
    link_verified_email: changeable.link_verified_email.default(false),
    email_domains: changeable.email_domains.default([]),
    role: changeable.role.default('member'),
    organization: z.string().optional(),
  })
  .refine(({ role, organization }) => role === 'member' || organization !== undefined, {
    path: ['role'],
    message: 'leave it out, or name an organization: the role is one there',
  });

const fields = Object.keys(registration.shape);

/** Checks what was put together from flags; every problem at once, one line each. */
export function parseProvider(input: unknown): { fields: ProviderFields } | { problems: string[] } {
  const parsed = registration.safeParse(input);
  if (!parsed.success) return { problems: listProblems(parsed.error, fields) };
  const { client_id, link_verified_email, email_domains, ...rest } = parsed.data;
  return {
    fields: {
      ...rest,
      organization: rest.organization,
      clientId: client_id,
      linksVerifiedEmail: link_verified_email,
      domains: email_domains,
    },
  };
}

/** `parseProvider` for a change. */
export function parseProviderChange(
  input: unknown,
): { changes: ProviderFieldChanges } | { problems: string[] } {
  const parsed = changes.safeParse(input);
  if (!parsed.success) return { problems: listProblems(parsed.error, fields) };
  const { name, client_id, scopes, link_verified_email, email_domains, role } = parsed.data;
  return {
    changes: {
      ...(name !== undefined && { name }),
      ...(client_id !== undefined && { clientId: client_id }),
      ...(scopes && { scopes }),
      ...(link_verified_email !== undefined && { linksVerifiedEmail: link_verified_email }),
      ...(email_domains && { domains: email_domains }),
      ...(role && { role }),
    },
  };
}
