import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { z } from 'zod';
import type { Brand } from './brand.ts';
import { listContradictions } from './contradictions.ts';
import { AppError } from './errors.ts';
import { isLoopback } from './loopback.ts';
import { inRoot } from './root.ts';
import { fileSettings, settings } from './settings.ts';

/** Environment variables, as `process.env` has them. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Every setting of the server, checked. */
export type Config = {
  mode: 'development' | 'production';
  /** Exactly as tokens and metadata spell it (RFC 8414 section 2): no trailing slash, no query. */
  issuer: string;
  /** The address to listen on. */
  host: string;
  port: number;
  /** Absent in development: then a PostgreSQL of our own runs under `dataDirectory`. */
  databaseUrl: string | undefined;
  /** The master secret. Absent in development until one has been made under `dataDirectory`. */
  secret: string | undefined;
  /** The master secret before or after it: what was sealed under this one can be opened too. */
  previousSecret: string | undefined;
  /** Paths of PEM files, and whether callers are asked for a certificate of theirs. */
  tls: { cert: string; key: string; asksClients: boolean } | undefined;
  /** Absent where no certificate of a client can reach the server. */
  mutualTls: MutualTlsConfig | undefined;
  /** `none`: whoever opens a page on this machine is the one person that there is. */
  signIn: 'accounts' | 'none';
  /** Addresses or CIDR ranges whose `X-Forwarded-For` is believed. */
  trustedProxies: string[];
  /** Whether clients' keys and identity providers may be fetched from networks that are not public. */
  allowsPrivateNetworks: boolean;
  /** A header of the operator's own name that takes tokens, besides `Authorization`. */
  tokenHeader: string | undefined;
  /** Device authorizations that one network may ask for in five minutes. */
  deviceRequests: number;
  /** How many requests a minute a credential may send to the management API, in all and to single operations. */
  apiRequests: { requestsAMinute: number; byOperation: Readonly<Record<string, number>> };
  /** Absent where no mail can be sent. */
  mail: MailConfig | undefined;
  /** Paths of databases (MaxMind format) that tell the owner and the country of a network. */
  networkDatabases: string[];
  /** Whether clients may register themselves with an initial access token (RFC 7591). */
  offersRegistration: boolean;
  /** How many days the audit log reaches back at least; what is older goes by the month. */
  auditRetentionDays: number;
  /** What tokens begin with, `pst` unless set. */
  tokenPrefix: string;
  /** The operator's own name, logo and colour. */
  brand: Brand;
  logLevel: string;
  /** Where development keeps its database, master secret and logs. */
  dataDirectory: string;
};

/** How clients show certificates (RFC 8705). */
export type MutualTlsConfig = {
  /** The header in which a trusted proxy hands on the certificate of the caller. */
  header: string | undefined;
  /** The path of a PEM file: the authorities that vouch for clients. */
  authorities: string | undefined;
  /** Where clients that show one should go, if that is not the issuer's own origin. */
  origin: string | undefined;
};

/** How mail is sent. */
export type MailConfig = {
  /** `smtp:` or `smtps:`, with user and password where the mail server wants them. */
  smtpUrl: string;
  /** Whose mail it is: an address, or a name with the address in angle brackets. */
  from: string;
};

const schema = z.object(settings);

/** Reads and checks every setting, or throws one AppError `configuration` that names each wrong one and what to write. */
export function loadConfig(env: Environment): Config {
  const problems: string[] = [];
  const given = readGiven(env, problems);
  const parsed = schema.safeParse(given);
  for (const { path, message } of parsed.error?.issues ?? []) problems.push(`${path.join('.')}: ${message}`);
  problems.push(...listContradictions(given));
  if (!parsed.success || problems.length > 0) throw configurationError(problems);
  const values = parsed.data;
  const issuer = new URL(values.POSTERN_ISSUER);
  const isLocal = isLoopback(values.POSTERN_ISSUER);
  const { POSTERN_TLS_CERT: cert, POSTERN_TLS_KEY: key } = values;
  const { POSTERN_SMTP_URL: smtpUrl, POSTERN_MAIL_FROM: from } = values;
  const asksClients = values.POSTERN_TLS_ASK_CLIENT_CERT === 'true';
  return {
    mode: values.POSTERN_MODE,
    issuer: values.POSTERN_ISSUER,
    host: values.POSTERN_HOST ?? (isLocal ? issuer.hostname.replace(/[[\]]/g, '') : '0.0.0.0'),
    port: values.POSTERN_PORT ?? (isLocal && issuer.port ? Number(issuer.port) : 8628),
    databaseUrl: values.DATABASE_URL,
    secret: values.POSTERN_SECRET,
    previousSecret: values.POSTERN_PREVIOUS_SECRET,
    tls: cert && key ? { cert, key, asksClients } : undefined,
    mutualTls:
      asksClients || values.POSTERN_TLS_CLIENT_CERT_HEADER
        ? {
            header: values.POSTERN_TLS_CLIENT_CERT_HEADER,
            authorities: values.POSTERN_TLS_CLIENT_CA,
            origin: values.POSTERN_MTLS_ORIGIN,
          }
        : undefined,
    signIn: values.POSTERN_SIGN_IN,
    trustedProxies: values.POSTERN_TRUSTED_PROXIES,
    allowsPrivateNetworks: values.POSTERN_ALLOW_PRIVATE_NETWORKS === 'true',
    tokenHeader: values.POSTERN_TOKEN_HEADER,
    deviceRequests: values.POSTERN_DEVICE_RATE_LIMIT,
    apiRequests: {
      requestsAMinute: values.POSTERN_API_RATE_LIMIT,
      byOperation: values.POSTERN_API_RATE_LIMITS,
    },
    mail: smtpUrl && from ? { smtpUrl, from } : undefined,
    networkDatabases: values.POSTERN_NETWORK_DATABASE,
    offersRegistration: values.POSTERN_REGISTRATION === 'on',
    auditRetentionDays: values.POSTERN_AUDIT_RETENTION_DAYS,
    tokenPrefix: values.POSTERN_TOKEN_PREFIX,
    brand: { name: values.POSTERN_NAME, logo: values.POSTERN_LOGO, palette: values.POSTERN_ACCENT },
    logLevel: values.POSTERN_LOG_LEVEL,
    dataDirectory: values.POSTERN_DATA ? resolve(values.POSTERN_DATA) : inRoot('.postern'),
  };
}

/** What is wrong with the configuration, one line each. */
export function configurationError(problems: readonly string[], cause?: unknown): AppError {
  return new AppError('configuration', ['The configuration is not valid.', ...problems].join('\n  '), {
    cause,
  });
}

/** The AppError for something sealed that none of the master secrets opens. */
export function wrongSecretError(): AppError {
  return configurationError([
    'POSTERN_SECRET: write the master secret that this database was set up with; where it was changed, POSTERN_PREVIOUS_SECRET is the one before',
  ]);
}

function readGiven(env: Environment, problems: string[]): Record<string, string> {
  const given: Record<string, string> = {};
  for (const name of Object.keys(settings)) {
    const value = env[name];
    // A variable that is set to nothing counts as not set, as shells and compose files do it.
    if (value !== undefined && value !== '') given[name] = value;
  }
  for (const name of fileSettings) {
    const path = env[`${name}_FILE`];
    if (!path) continue;
    if (given[name] !== undefined) problems.push(`${name}_FILE: set either this or ${name}`);
    try {
      given[name] = readFileSync(path, 'utf8').trim();
    } catch (error) {
      problems.push(
        `${name}_FILE: write the path of a readable file (${(error as NodeJS.ErrnoException).code})`,
      );
    }
  }
  return given;
}
