import { AppError } from '../../errors.ts';
import type { Database } from '../../postgres/pool.ts';
import { findUser, findUserByEmail, type User } from '../../users/user.ts';

/** The person of an email address or an id, as an operator names them; AppError `not_found`. */
export async function getNamedUser(db: Database, name: string): Promise<User> {
  const user = (await findUserByEmail(db, name)) ?? (await findUser(db, name));
  if (!user) throw new AppError('not_found', `There is no user ${name}`);
  return user;
}
