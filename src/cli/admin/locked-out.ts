import { listLockedOut } from '../../organizations/able-administrator.ts';
import type { Database } from '../../postgres/pool.ts';
import type { Io } from '../io.ts';

/** What `work` has done, and who has nobody left by it who can sign in and lead them. */
export async function watchLockedOut<Result>(
  db: Database,
  work: () => Promise<Result>,
): Promise<{ result: Result; lockedOut: string[] }> {
  const before = new Set((await listLockedOut(db)).map(({ id }) => id));
  const result = await work();
  const after = await listLockedOut(db);
  return { result, lockedOut: after.filter(({ id }) => !before.has(id)).map(({ name }) => name) };
}

/** Says how they come in again. */
export function sayLockedOut(io: Io, names: readonly string[]): void {
  if (names.length === 0) return;
  io.say(
    `No administrator of ${names.join(', ')} can sign in there now: postern user enable, postern organization sign-in or postern member sign-in lets them in again.`,
  );
}
