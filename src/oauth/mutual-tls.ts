import type { X509Certificate } from 'node:crypto';
import type { Context } from 'koa';
import { errors, type KoaContextWithOIDC } from 'oidc-provider';
import type { SubjectField } from '../clients/certificate.ts';
import type { MutualTlsConfig } from '../config.ts';
import { certificateOf } from '../http/client-certificate.ts';
import { sha256 } from '../secret.ts';
import { isIssuedBy, loadAuthorities } from './certificate-authority.ts';
import { hasSubject } from './certificate-subject.ts';

/** What of RFC 8705 is offered. The engine knows all of it in any case, so that what is switched off fails closed. */
export type MutualTls = {
  /** Whether certificates of clients can reach this server at all. */
  isOffered: boolean;
  /** Who vouches for clients that authenticate by tls_client_auth; nobody, where that is not offered. */
  authorities: readonly X509Certificate[];
  /** Another origin, where clients are asked for a certificate (RFC 8705 section 5). */
  origin: string | undefined;
};

/** Reads the authorities' file; AppError `configuration` where that is not what it should be. */
export function loadMutualTls(config: MutualTlsConfig | undefined): MutualTls {
  return {
    isOffered: config !== undefined,
    authorities: config?.authorities === undefined ? [] : loadAuthorities(config.authorities),
    origin: config?.origin,
  };
}

/** The ways of authentication (RFC 8705 section 2) that are offered. */
export function offeredMethods({ isOffered, authorities }: MutualTls): string[] {
  if (!isOffered) return [];
  return authorities.length > 0
    ? ['tls_client_auth', 'self_signed_tls_client_auth']
    : ['self_signed_tls_client_auth'];
}

/** The engine's feature, with our reading and our judgement of certificates. */
export function mutualTlsFeature({ authorities }: MutualTls) {
  return {
    enabled: true,
    certificateBoundAccessTokens: true,
    selfSignedTlsClientAuth: true,
    tlsClientAuth: true,
    getCertificate: certificateOf,
    certificateAuthorized: (ctx: KoaContextWithOIDC) => {
      const certificate = certificateOf(ctx);
      return certificate !== undefined && isIssuedBy(authorities, certificate);
    },
    certificateSubjectMatches: (ctx: KoaContextWithOIDC, field: SubjectField, expected: string) => {
      const certificate = certificateOf(ctx);
      return certificate !== undefined && hasSubject(certificate, field, expected);
    },
  } as const;
}

/** What the tokens of this request's client are bound to (RFC 8705 section 3.1), if they are and it shows a certificate. */
export function boundThumbprint(ctx: KoaContextWithOIDC): string | undefined {
  const isBound = ctx.oidc.client?.tlsClientCertificateBoundAccessTokens === true;
  return isBound ? shownThumbprint(ctx) : undefined;
}

/** The thumbprint of the certificate that the caller shows (RFC 8705 section 3.1), if it shows one. */
export function shownThumbprint(ctx: Pick<Context, 'state'>): string | undefined {
  const certificate = certificateOf(ctx);
  return certificate && sha256(certificate.raw).toString('base64url');
}

/** Like `boundThumbprint`; `invalid_grant` where the client's tokens are bound and it shows no certificate. */
export function demandThumbprint(ctx: KoaContextWithOIDC): string | undefined {
  const thumbprint = boundThumbprint(ctx);
  if (thumbprint === undefined && ctx.oidc.client?.tlsClientCertificateBoundAccessTokens)
    throw new errors.InvalidGrant('mutual TLS client certificate not provided');
  return thumbprint;
}
