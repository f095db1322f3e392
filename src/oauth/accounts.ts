import type { Account } from 'oidc-provider';
import type { Database } from '../postgres/pool.ts';
import { findUser, type User } from '../users/user.ts';

/** The people behind the engine's account ids. */
export type Accounts = {
  /** An enabled user, as the engine wants it, with the address for the audit log. */
  find(id: string): Promise<(Account & { email: string }) | undefined>;
  /** An enabled user. */
  findUser(id: string): Promise<User | undefined>;
};

/** Accounts from `users`; a disabled user is not found. */
export function createAccounts(db: Database): Accounts {
  async function findEnabled(id: string): Promise<User | undefined> {
    const user = await findUser(db, id);
    return user?.disabledAt ? undefined : user;
  }
  return {
    findUser: findEnabled,
    async find(id) {
      const user = await findEnabled(id);
      return user && { accountId: user.id, email: user.email, claims: async () => ({ sub: user.id }) };
    },
  };
}
