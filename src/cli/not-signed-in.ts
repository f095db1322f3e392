import { AppError } from '../errors.ts';
import { isForManagement, type SignInName } from './account.ts';
import type { Choice, Credentials } from './credentials.ts';

/** The failure of having no sign-in where one is needed, with the way to get or name one. */
export async function notSignedIn(credentials: Credentials, choice: Choice): Promise<AppError> {
  const issuer = choice.issuer ?? (await credentials.findCurrentIssuer());
  const others = issuer ? [] : await credentials.listIssuers();
  if (others.length > 0) {
    return new AppError(
      'not_signed_in',
      `No sign-in is the current one: name it with --issuer (${others.join(', ')})`,
    );
  }
  return new AppError(
    'not_signed_in',
    `Not signed in${issuer ? ` to ${issuer}` : ''}${choice.manages ? ' for managing' : ''}: run ${loginCommand({ ...choice, issuer })}`,
  );
}

/** The command line that signs in so. */
export function loginCommand(wanted: Choice | SignInName): string {
  const { issuer, resource } = wanted;
  const isManaging = ('manages' in wanted && wanted.manages) || isForManagement(wanted);
  return [
    'postern login',
    ...(issuer ? [`--issuer ${issuer}`] : []),
    ...(isManaging ? ['--manage'] : resource ? [`--resource ${resource}`] : []),
  ].join(' ');
}
