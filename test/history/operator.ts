import { disableClient } from '../../src/clients/client.ts';
import { revokeGrants } from '../../src/oauth/grant.ts';
import { disableUser } from '../../src/users/user.ts';
import type { Result } from './operation.ts';
import { pick, type World } from './world.ts';

const choices = ['person', 'grants', 'devices', 'gateways', 'grants', 'machines'] as const;

/** In turn, an operator disables a person or a client, after adding another one, or ends a person's grants. */
export async function playOperator(world: World, turn: number): Promise<void> {
  const { population, cluster, recorder } = world;
  const { db } = cluster;
  const choice = choices[turn % choices.length];
  try {
    if (choice === 'grants') {
      const person = pick(population.people);
      if (!person) return;
      await recorder.record({ kind: 'end grants', user: person.email }, () =>
        outcomeOf(revokeGrants(db, { accountId: person.id })),
      );
    } else if (choice === 'person') {
      const { id, email } = await population.replacePerson();
      await recorder.record({ kind: 'disable', whom: email }, () => outcomeOf(disableUser(db, id)));
    } else if (choice) {
      const { id } = await population.replace(choice);
      await recorder.record({ kind: 'disable', whom: id }, () => outcomeOf(disableClient(db, id)));
    }
  } catch {
    // Nobody could be added: the database is away. Nobody has been disabled either.
  }
}

async function outcomeOf(work: Promise<unknown>): Promise<Result> {
  return await work.then(
    () => ({ outcome: 'done' }) as const,
    () => ({ outcome: 'unknown' }) as const,
  );
}
