import { AppError } from '../errors.ts';
import type { Credentials } from './credentials.ts';

/** The failure of having no sign-in where one is needed, with the way to get or name one. */
export async function notSignedIn(credentials: Credentials, issuer: string | undefined): Promise<AppError> {
  const others = issuer ? [] : await credentials.listIssuers();
  if (others.length > 0) {
    return new AppError(
      'not_signed_in',
      `No sign-in is the current one: name it with --issuer (${others.join(', ')})`,
    );
  }
  return new AppError(
    'not_signed_in',
    `Not signed in${issuer ? ` to ${issuer}` : ''}: run ${loginCommand(issuer)}`,
  );
}

/** The command line that signs in to an issuer. */
export function loginCommand(issuer: string | undefined): string {
  return issuer ? `postern login --issuer ${issuer}` : 'postern login';
}
