import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { z } from 'zod';
import { brandSettings } from './brand.ts';

/** What to write for a master secret. */
export const secretAdvice = 'at least 32 random bytes, for instance what `openssl rand -base64 48` prints';

/** What to write for a database. */
export const databaseAdvice = 'a URL such as postgres://user:password@host:5432/postern';

const smtpAdvice = 'a URL such as smtps://user:password@mail.example.com';

/** Every setting by its name: what may be written, what it becomes, what it is where nothing is written. */
export const settings = {
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
  POSTERN_DEVICE_RATE_LIMIT: z
    .string()
    .default('300')
    .refine((text) => /^[1-9]\d{0,6}$/.test(text), 'write logins of devices in five minutes, such as 300')
    .transform(Number),
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
export const fileSettings = [
  'POSTERN_SECRET',
  'POSTERN_PREVIOUS_SECRET',
  'POSTERN_SMTP_URL',
  'DATABASE_URL',
] as const;

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
