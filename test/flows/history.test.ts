import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { sql } from '../../src/postgres/sql.ts';
import { checkHistory } from '../history/checker.ts';
import { type Cluster, startCluster } from '../history/cluster.ts';
import { playDevice, playSignIn } from '../history/device.ts';
import { playApi, playMachine } from '../history/machine.ts';
import { playOperator } from '../history/operator.ts';
import { populate } from '../history/population.ts';
import { createRecorder, describeOperation } from '../history/recorder.ts';
import { introspect, type World } from '../history/world.ts';

/** How long workers and accidents go on. */
const minuteMs = 60_000;

/** Between two accidents. */
const calmMs = 3_000;

/** How long the last look at all tokens may take. */
const lookMs = 5_000;

let cluster: Cluster;
before(async () => {
  cluster = await startCluster(2);
});
after(() => cluster?.stop());

type Play = (world: World, turn: number) => Promise<void>;

/** Does something over and over, with so much rest in between, and more while nobody answers. */
async function keep(world: World, play: Play, restMs: number): Promise<void> {
  for (let turn = 0; !world.isOver(); turn += 1) {
    await play(world, turn);
    const isOutage = world.recorder.history.at(-1)?.outcome === 'unknown';
    await wait(isOutage ? restMs + 200 : restMs);
  }
}

/** One accident after the other; tells how many there were of each kind. */
async function haveAccidents(world: World): Promise<Record<string, number>> {
  const accidents = [
    ['server kills', () => cluster.killServer(0)],
    ['database crashes', () => cluster.crashDatabase()],
    ['server kills', () => cluster.killServer(1)],
    ['database restarts', () => cluster.restartDatabase()],
    ['crashes of both', () => Promise.all([cluster.killServer(0), cluster.crashDatabase()])],
  ] as const;
  const counts: Record<string, number> = {};
  for (let next = 0; !world.isOver(); next += 1) {
    await wait(calmMs);
    const [name, happen] = accidents[next % accidents.length] ?? [];
    await happen?.();
    if (name) counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}

/** When all is calm, asks once more about every token, in any order, or as many as there is time for. */
async function lookAround(world: World): Promise<void> {
  const left = [...world.tokens];
  const end = performance.now() + lookMs;
  const look = async () => {
    while (left.length > 0 && performance.now() < end) {
      const [token] = left.splice(Math.floor(Math.random() * left.length), 1);
      if (token) await introspect(world, token);
    }
  };
  await Promise.all(Array.from({ length: 8 }, look));
}

describe('a minute of everything, while servers are killed and the database is restarted', () => {
  it('keeps every promise to everybody', { timeout: minuteMs + 58_000 }, async (t) => {
    const [durability] = await cluster.db.query(
      sql`select current_setting('fsync') as fsync, current_setting('synchronous_commit') as synchronous_commit`,
    );
    assert.deepEqual(durability, { fsync: 'on', synchronous_commit: 'on' });
    const population = await populate(cluster.db);
    const end = performance.now() + minuteMs;
    const world: World = {
      cluster,
      population,
      recorder: createRecorder(),
      tokens: [],
      signIns: [],
      isOver: () => performance.now() > end,
    };
    const [counts] = await Promise.all([
      haveAccidents(world),
      ...Array.from({ length: 3 }, () => keep(world, playMachine, 200)),
      ...Array.from({ length: 3 }, () => keep(world, playDevice, 200)),
      ...Array.from({ length: 3 }, () => keep(world, playSignIn, 200)),
      ...Array.from({ length: 3 }, () => keep(world, playApi, 120)),
      keep(world, playOperator, 1_500),
    ]);
    await lookAround(world);

    const { history } = world.recorder;
    const kinds = Map.groupBy(history, ({ kind, outcome }) => `${kind} ${outcome}`);
    const summary = [...kinds].map(([kind, { length }]) => `${length} × ${kind}`).sort();
    const accidents = Object.entries(counts).map(([name, count]) => `${count} ${name}`);
    t.diagnostic(`${history.length} operations (${summary.join(', ')}), ${accidents.join(', ')}`);
    const violations = checkHistory(history).map(({ rule, operations }) =>
      [rule, ...operations.map(describeOperation)].join('\n  '),
    );
    assert.equal(violations.length, 0, violations.slice(0, 10).join('\n'));
  });
});
