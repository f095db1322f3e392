import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { resolve } from 'node:path';
import { z } from 'zod';
import { type Brand, brandSettings } from './brand.ts';
import { AppError } from './errors.ts';
import { inRoot } from './root.ts';

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

const loopbackNames = new Set(['localhost', '127.0.0.1', '[::1]']);

const secretAdvice = 'at least 32 random bytes, for instance what `openssl rand -base64 48` prints';
const smtpAdvice = 'a URL such as smtps://user:password@mail.example.com';
const databaseAdvice = 'a URL such as postgres://user:password@host:5432/postern';

const settings = {
  POSTERN_MODE: z
    .enum(['development', 'production'], 'write development or production')
    .default('production'),
  POSTERN_ISSUER: z.string().default('http://localhost:8628').superRefine(checkIssuer),
  POSTERN_HOST: z.string().min(1, 'write an address to listen on, such as 127.0.0.1 or ::').optional(),
  POSTERN_PORT: z
    .string()
    .refine((text) => /^\d{1,5}$/.test(text) && Number(text) <= 65535, 'write a port number from 0 to 65535')
    .transform(Number)
    .optional(),
  DATABASE_URL: z.string().refine(isPostgresUrl, `write ${databaseAdvice}`).optional(),
  POSTERN_SECRET: z.string().refine(isRandomLooking, `write ${secretAdvice}`).optional(),
  POSTERN_PREVIOUS_SECRET: z.string().refine(isRandomLooking, `write ${secretAdvice}`).optional(),
  POSTERN_TLS_CERT: z.string().refine(isReadable, 'write the path of a PEM file that can be read').optional(),
  POSTERN_TLS_KEY: z.string().refine(isReadable, 'write the path of a PEM file that can be read').optional(),
  POSTERN_TLS_ASK_CLIENT_CERT: z.enum(['true', 'false'], 'write true or false').default('false'),
  POSTERN_TLS_CLIENT_CERT_HEADER: z
    .string()
    .regex(/^[\w-]+$/, 'write the name of a header, such as Client-Cert')
    .optional(),
  POSTERN_TLS_CLIENT_CA: z
    .string()
    .refine(isReadable, 'write the path of a PEM file that can be read')
    .optional(),
  POSTERN_MTLS_ORIGIN: z
    .string()
    .refine(
      (text) => URL.parse(text)?.origin === text && text.startsWith('https:'),
      'write an https URL without a path, such as https://mtls.login.example.com',
    )
    .optional(),
  POSTERN_SIGN_IN: z.enum(['accounts', 'none'], 'write accounts or none').default('accounts'),
  POSTERN_TRUSTED_PROXIES: z.string().default('').transform(splitList).superRefine(checkAddresses),
  POSTERN_ALLOW_PRIVATE_NETWORKS: z.enum(['true', 'false'], 'write true or false').default('false'),
  POSTERN_TOKEN_HEADER: z
    .string()
    .regex(/^X-[\w-]{1,60}$/i, 'write the name of a header, such as X-Example-Token')
    .optional(),
  POSTERN_API_RATE_LIMIT: z
    .string()
    .default('60')
    .refine((text) => /^[1-9]\d{0,6}$/.test(text), 'write requests a minute, such as 60')
    .transform(Number),
  POSTERN_API_RATE_LIMITS: z
    .string()
    .default('')
    .transform(splitList)
    .refine(
      (list) => list.every((entry) => /^[a-zA-Z]+=[1-9]\d{0,6}$/.test(entry)),
      'write operations with their requests a minute, such as createToken=10 listAuditEvents=30',
    )
    .transform((list) => Object.fromEntries(list.map((entry) => entry.split('=') as [string, string])))
    .transform((limits) =>
      Object.fromEntries(Object.entries(limits).map(([id, text]) => [id, Number(text)])),
    ),
  POSTERN_SMTP_URL: z.string().refine(isSmtpUrl, `write ${smtpAdvice}`).optional(),
  POSTERN_MAIL_FROM: z
    .string()
    .refine(isSender, 'write an address such as postern@example.com or Example <postern@example.com>')
    .optional(),
  POSTERN_NETWORK_DATABASE: z
    .string()
    .default('')
    .transform((text) =>
      text
        .split(',')
        .map((path) => path.trim())
        .filter(Boolean),
    ),
  POSTERN_REGISTRATION: z.enum(['on', 'off'], 'write on or off').default('off'),
  POSTERN_AUDIT_RETENTION_DAYS: z
    .string()
    .default('400')
    .refine((text) => /^[1-9]\d{0,4}$/.test(text), 'write a number of days, such as 400')
    .transform(Number),
  POSTERN_TOKEN_PREFIX: z
    .string()
    .regex(/^[a-z][a-z0-9]{1,15}$/, 'write 2 to 16 lower-case letters and digits, a letter first')
    .default('pst'),
  ...brandSettings,
  POSTERN_LOG_LEVEL: z
    .enum(
      ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'],
      'write a level such as info or warn',
    )
    .default('info'),
  POSTERN_DATA: z.string().min(1, 'write the path of a folder').optional(),
};

/** Settings that may be given as the path of a file instead, under `NAME_FILE`. */
const fileSettings = [
  'POSTERN_SECRET',
  'POSTERN_PREVIOUS_SECRET',
  'POSTERN_SMTP_URL',
  'DATABASE_URL',
] as const;

const schema = z.object(settings);

/** Reads and checks every setting, or throws one AppError `configuration` that names each wrong one and what to write. */
export function loadConfig(env: Environment): Config {
  const problems: string[] = [];
  const given = readFiles(env, problems);
  const parsed = schema.safeParse(given);
  for (const { path, message } of parsed.error?.issues ?? []) problems.push(`${path.join('.')}: ${message}`);
  problems.push(...listContradictions(given));
  if (!parsed.success || problems.length > 0) throw configurationError(problems);
  const values = parsed.data;
  const issuer = new URL(values.POSTERN_ISSUER);
  const { POSTERN_TLS_CERT: cert, POSTERN_TLS_KEY: key } = values;
  const { POSTERN_SMTP_URL: smtpUrl, POSTERN_MAIL_FROM: from } = values;
  const asksClients = values.POSTERN_TLS_ASK_CLIENT_CERT === 'true';
  return {
    mode: values.POSTERN_MODE,
    issuer: values.POSTERN_ISSUER,
    host:
      values.POSTERN_HOST ??
      (loopbackNames.has(issuer.hostname) ? issuer.hostname.replace(/[[\]]/g, '') : '0.0.0.0'),
    port:
      values.POSTERN_PORT ?? (loopbackNames.has(issuer.hostname) && issuer.port ? Number(issuer.port) : 8628),
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

/** Whether a URL's host can be reached from this machine only. */
export function isLoopback(url: string): boolean {
  const parsed = URL.parse(url);
  return parsed !== null && loopbackNames.has(parsed.hostname);
}

/** Settings that are missing or wrong only beside others. Looks at the raw text, so that no other mistake hides these. */
function listContradictions(given: Record<string, string>): string[] {
  const problems: string[] = [];
  if ((given.POSTERN_TLS_CERT === undefined) !== (given.POSTERN_TLS_KEY === undefined)) {
    problems.push(`${given.POSTERN_TLS_CERT ? 'POSTERN_TLS_KEY' : 'POSTERN_TLS_CERT'}: set both or neither`);
  }
  if ((given.POSTERN_SMTP_URL === undefined) !== (given.POSTERN_MAIL_FROM === undefined)) {
    problems.push(
      `${given.POSTERN_SMTP_URL ? 'POSTERN_MAIL_FROM' : 'POSTERN_SMTP_URL'}: set both or neither`,
    );
  }
  if (given.POSTERN_TLS_CLIENT_CERT_HEADER !== undefined && given.POSTERN_TRUSTED_PROXIES === undefined) {
    problems.push('POSTERN_TLS_CLIENT_CERT_HEADER: set POSTERN_TRUSTED_PROXIES too; nobody else is believed');
  }
  const asksClients = given.POSTERN_TLS_ASK_CLIENT_CERT === 'true';
  if (asksClients && given.POSTERN_TLS_CERT === undefined) {
    problems.push('POSTERN_TLS_ASK_CLIENT_CERT: set POSTERN_TLS_CERT too; a proxy asks in its own way');
  }
  if (given.POSTERN_TLS_CLIENT_CERT_HEADER === undefined && !asksClients) {
    for (const name of ['POSTERN_TLS_CLIENT_CA', 'POSTERN_MTLS_ORIGIN'].filter((name) => given[name])) {
      problems.push(
        `${name}: set POSTERN_TLS_CLIENT_CERT_HEADER too, or POSTERN_TLS_ASK_CLIENT_CERT: no certificate reaches it`,
      );
    }
  }
  if (given.POSTERN_SIGN_IN === 'none') problems.push(...listExposures(given));
  if (given.POSTERN_MODE === 'development') return problems;
  if (given.POSTERN_SECRET === undefined) problems.push(`POSTERN_SECRET: set ${secretAdvice}`);
  if (given.DATABASE_URL === undefined) problems.push(`DATABASE_URL: set ${databaseAdvice}`);
  const issuer = given.POSTERN_ISSUER;
  if (issuer && URL.parse(issuer)?.protocol === 'http:' && !isLoopback(issuer)) {
    problems.push('POSTERN_ISSUER: write an https URL; plain http is for loopback addresses only');
  }
  return problems;
}

/** What would let others than the person at this machine in, where nobody signs in. */
function listExposures(given: Record<string, string>): string[] {
  const { POSTERN_ISSUER: issuer, POSTERN_HOST: host } = given;
  const problems: string[] = [];
  if (issuer !== undefined && !isLoopback(issuer)) {
    problems.push(
      'POSTERN_SIGN_IN: none is for an issuer on a loopback address, such as http://localhost:8628',
    );
  }
  if (host !== undefined && !isLoopback(`http://${isIP(host) === 6 ? `[${host}]` : host}`)) {
    problems.push('POSTERN_HOST: leave it out with POSTERN_SIGN_IN=none, or write a loopback address');
  }
  if (given.POSTERN_TRUSTED_PROXIES !== undefined) {
    problems.push(
      'POSTERN_TRUSTED_PROXIES: leave it out with POSTERN_SIGN_IN=none; others would come through a proxy',
    );
  }
  return problems;
}

function readFiles(env: Environment, problems: string[]): Record<string, string> {
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

function checkIssuer(text: string, context: z.RefinementCtx<string>): void {
  const url = URL.parse(text);
  if (!url || !['http:', 'https:'].includes(url.protocol) || url.username || url.password) {
    context.addIssue('write a URL such as https://login.example.com');
  } else if (/[?#]/.test(text)) {
    context.addIssue('write it without a query or a fragment');
  } else if (text.endsWith('/') || /\/[./]|%/.test(url.pathname)) {
    context.addIssue('write it without a slash at the end, dots or percent signs in the path');
  } else if (url.href.replace(/\/$/, '') !== text) {
    context.addIssue(`write it in its normal form: ${url.href.replace(/\/$/, '')}`);
  }
}

function checkAddresses(list: string[], context: z.RefinementCtx<string[]>): void {
  for (const entry of list) {
    const [address = '', bits] = entry.split('/');
    const family = isIP(address);
    const ok =
      family !== 0 &&
      (bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128)));
    if (!ok) context.addIssue(`write addresses or ranges such as 10.0.0.0/8, not ${entry}`);
  }
}

function splitList(text: string): string[] {
  return text.split(/[\s,]+/).filter(Boolean);
}

function isReadable(path: string): boolean {
  try {
    return readFileSync(path).length > 0;
  } catch {
    return false;
  }
}

function isPostgresUrl(text: string): boolean {
  return ['postgres:', 'postgresql:'].includes(URL.parse(text)?.protocol ?? '');
}

function isSmtpUrl(text: string): boolean {
  const url = URL.parse(text);
  if (!url || !['smtp:', 'smtps:'].includes(url.protocol) || url.hostname === '') return false;
  if (!['', '/'].includes(url.pathname) || /[?#]/.test(text)) return false;
  if ((url.username === '') !== (url.password === '')) return false;
  try {
    return !/\p{Cc}/u.test(decodeURIComponent(url.username + url.password));
  } catch {
    return false;
  }
}

function isSender(text: string): boolean {
  const address = '[\\w.+-]{1,64}@[\\w-]+(\\.[\\w-]+)*';
  return new RegExp(`^(${address}|[^<>"\\p{Cc}]{1,100} <${address}>)$`, 'u').test(text);
}

function isRandomLooking(text: string): boolean {
  return Buffer.byteLength(text) >= 32 && new Set(text).size >= 12;
}
