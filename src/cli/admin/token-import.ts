import { AppError } from '../../errors.ts';
import type { Database } from '../../postgres/pool.ts';
import { importLegacyTokens, type LegacyOutcome } from '../../tokens/legacy.ts';
import type { Io } from '../io.ts';
import { harmless } from '../terminal-text.ts';
import { withDatabase } from './database.ts';
import { type LegacyLine, readLegacyFile } from './legacy-file.ts';
import { getNamedOrganization } from './named-organization.ts';

/** What `postern tokens import` was given. */
export type ImportOptions = { organization: string; dryRun?: boolean; json?: boolean };

type Outcome = LegacyOutcome | 'malformed';
type Report = { line: number; outcome: Outcome; uuid: string | undefined; reason?: string };

/** What an earlier import has done already is no failure of this one. */
const successes: readonly Outcome[] = ['imported', 'exists'];

// So many lines travel together: few round trips, and little in memory however long the file is.
const batchSize = 1_000;

/**
 * `postern tokens import`. Reports on each line as soon as it is done; what was imported stays imported, whatever
 * becomes of the rest. AppError `failure` after the last line if any failed.
 */
export async function importFile(io: Io, path: string, options: ImportOptions): Promise<void> {
  const counts = await withDatabase(io, async (db) => {
    const { id } = await getNamedOrganization(db, options.organization);
    const run = (target: Database) => importLines(io, target, id, path, options);
    return options.dryRun ? await undoing(db, run) : await run(db);
  });
  const total = [...counts.values()].reduce((sum, count) => sum + count, 0);
  const parts = [...counts].map(([outcome, count]) => `${count} ${words[outcome]}`).join(', ');
  io.say(`${total} ${total === 1 ? 'line' : 'lines'}${parts && `: ${parts}`}.`);
  if (options.dryRun) io.say('This was a dry run: nothing was changed.');
  const failures = [...counts].filter(([outcome]) => !successes.includes(outcome));
  if (failures.length === 0) return;
  const failed = failures.reduce((sum, [, count]) => sum + count, 0);
  throw new AppError('failure', `${failed} of ${total} lines ${failed === 1 ? 'is' : 'are'} not imported`);
}

const words: Record<Outcome, string> = {
  imported: 'imported',
  exists: 'there already',
  not_a_member: 'of nobody in the organization',
  identity_provider: 'of people who sign in by identity provider',
  malformed: 'malformed',
};

async function importLines(
  io: Io,
  db: Database,
  organizationId: string,
  path: string,
  { json }: ImportOptions,
): Promise<Map<Outcome, number>> {
  const counts = new Map<Outcome, number>();
  let batch: LegacyLine[] = [];
  const importBatch = async () => {
    const lines = batch;
    batch = [];
    const credentials = lines.flatMap((line) => ('credential' in line ? [line.credential] : []));
    const outcomes = (await importLegacyTokens(db, organizationId, credentials)).values();
    for (const line of lines) {
      const report = reportOn(line, () => outcomes.next().value);
      counts.set(report.outcome, (counts.get(report.outcome) ?? 0) + 1);
      if (json) io.json(report);
      else io.data(reportText(report));
    }
    // Whoever reads the report may be slower than the database.
    await io.flush();
  };
  for await (const line of readLegacyFile(path)) {
    batch.push(line);
    if (batch.length === batchSize) await importBatch();
  }
  if (batch.length > 0) await importBatch();
  return counts;
}

function reportOn(line: LegacyLine, nextOutcome: () => LegacyOutcome | undefined): Report {
  const { number } = line;
  if ('problem' in line) return { line: number, outcome: 'malformed', uuid: line.uuid, reason: line.problem };
  const outcome = nextOutcome();
  if (!outcome) throw new Error(`line ${number} has no outcome`);
  return { line: number, outcome, uuid: line.credential.id };
}

function reportText({ line, outcome, uuid = '-', reason = '' }: Report): string {
  return harmless([line, outcome, uuid, reason].join('  ').trimEnd());
}

/** Does the work in a transaction that is rolled back, so that a dry run tells exactly what would happen. */
async function undoing<Result>(db: Database, work: (tx: Database) => Promise<Result>): Promise<Result> {
  const undo = new Error('undone on purpose');
  let done: { result: Result } | undefined;
  try {
    await db.transaction(async (tx) => {
      done = { result: await work(tx) };
      throw undo;
    });
  } catch (error) {
    if (error !== undo || !done) throw error;
  }
  return (done as { result: Result }).result;
}
