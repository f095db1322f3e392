import type { IdentityProvider } from '../../identity-providers/identity-provider.ts';
import { card } from './table.ts';

/** The flag for each field of a provider. */
export const providerFlags: Readonly<Record<string, string>> = {
  id: '<id>',
  name: '--name',
  issuer: '--issuer',
  client_id: '--client-id',
  scopes: '--scope',
  link_verified_email: '--link-verified-email',
  email_domains: '--email-domain',
  role: '--role',
  organization: '--organization',
};

/** A provider as JSON; `issuer` is this server's own. Nothing of its secret is in it. */
export function providerJson(provider: IdentityProvider, issuer: string): Record<string, unknown> {
  return {
    id: provider.id,
    name: provider.name,
    issuer: provider.issuer,
    client_id: provider.clientId,
    has_client_secret: provider.sealedSecret !== undefined,
    scopes: provider.scopes,
    link_verified_email: provider.linksVerifiedEmail,
    organization_id: provider.organizationId,
    email_domains: provider.domains,
    role: provider.role,
    redirect_uri: redirectUriOf(provider, issuer),
    sign_in_uri: signInUriOf(provider, issuer),
    created_at: provider.createdAt.toISOString(),
    disabled_at: provider.disabledAt?.toISOString(),
  };
}

/** A provider for people. */
export function providerCard(provider: IdentityProvider, issuer: string): string {
  return card([
    ['identity provider', provider.id],
    ['name', provider.name],
    ['issuer', provider.issuer],
    ['client id', provider.clientId],
    ['client secret', provider.sealedSecret ? 'kept' : 'none'],
    ['scopes', provider.scopes.join(' ')],
    ['verified email', provider.linksVerifiedEmail ? 'is who has it here' : 'links nobody'],
    ['organization', provider.organizationName ?? 'any'],
    ['domains', provider.domains.join(' ') || 'none'],
    ['role', provider.organizationId === undefined ? undefined : provider.role],
    ['redirect URI', redirectUriOf(provider, issuer)],
    ['sign-in', signInUriOf(provider, issuer)],
    ['state', stateOf(provider)],
  ]);
}

/** Providers as rows of a table, with its heads. */
export function providerRows(providers: readonly IdentityProvider[]): string[][] {
  const rows = providers.map((provider) => [
    provider.id,
    provider.name,
    provider.issuer,
    provider.organizationName ?? 'any',
    stateOf(provider),
  ]);
  return [['ID', 'NAME', 'ISSUER', 'ORGANIZATION', 'STATE'], ...rows];
}

function stateOf({ disabledAt }: IdentityProvider): string {
  return disabledAt ? 'disabled' : 'enabled';
}

/** Where it is among the choices. */
function signInUriOf({ organizationId }: IdentityProvider, issuer: string): string {
  return `${issuer}/sign-in${organizationId === undefined ? '' : `?organization=${organizationId}`}`;
}

function redirectUriOf({ id }: IdentityProvider, issuer: string): string {
  return `${issuer}/sign-in/callback/${id}`;
}
