import { isIP } from 'node:net';
import { isLoopback } from './loopback.ts';
import { databaseAdvice, secretAdvice } from './settings.ts';

/** Settings that are missing or wrong only beside others. Looks at the raw text, so that no other mistake hides these. */
export function listContradictions(given: Record<string, string>): string[] {
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
