import { AppError } from '../../errors.ts';
import type { Database } from '../../postgres/pool.ts';
import { importLegacyTokens, type LegacyCredential, type LegacyOutcome } from '../../tokens/legacy.ts';
import type { Io } from '../io.ts';
import { harmless } from '../terminal-text.ts';
import { withDatabase } from './database.ts';
import { type LegacyLine, readLegacyFile } from './legacy-file.ts';
import { getNamedOrganization } from './named-organization.ts';
import { type OperatorsAct, openOperatorLog } from './operator.ts';

/** What `postern tokens import` was given. */
export type ImportOptions = { organization: string; dryRun?: boolean; json?: boolean };

type Outcome = LegacyOutcome['outcome'] | 'malformed';
type Report = { line: number; outcome: Outcome; uuid: string | undefined; reason?: string };

/** What an earlier import has done already is no failure of this one. */
const successes: readonly Outcome[] = ['imported', 'exists'];

// So many lines travel together: few round trips, and little in memory however long the file is.
const batchSize = 500;

/** Imports credentials as a whole or not at all, in their order. */
type Importer = (credentials: readonly LegacyCredential[]) => Promise<LegacyOutcome[]>;

/**
 * `postern tokens import`. Reports on each line as soon as it is done; what was imported stays imported, whatever
 * becomes of the rest. AppError `failure` after the last line if any failed.
 */
export async function importFile(io: Io, path: string, options: ImportOptions): Promise<void> {
  const counts = await withDatabase(io, async (db, config) => {
    const { id } = await getNamedOrganization(db, options.organization);
    if (options.dryRun) {
      const run = (tx: Database) =>
        importLines(io, path, options, (credentials) => importLegacyTokens(tx, id, credentials));
      return await undoing(db, run);
    }
    const record = await openOperatorLog(io, db, config);
    return await importLines(io, path, options, (credentials) =>
      db.transaction(async (tx) => {
        const outcomes = await importLegacyTokens(tx, id, credentials);
        await record(tx, ...actsOf(id, credentials, outcomes));
        return outcomes;
      }),
    );
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

function actsOf(
  organizationId: string,
  credentials: readonly LegacyCredential[],
  outcomes: readonly LegacyOutcome[],
): OperatorsAct[] {
  return credentials.flatMap(({ name, ownerEmail }, index) => {
    const tokenId = outcomes[index]?.tokenId;
    if (tokenId === undefined) return [];
    const target = { kind: 'token' as const, id: tokenId, name };
    return [{ action: 'token.imported' as const, target, organizationId, details: { email: ownerEmail } }];
  });
}

async function importLines(
  io: Io,
  path: string,
  { json }: ImportOptions,
  importAll: Importer,
): Promise<Map<Outcome, number>> {
  const counts = new Map<Outcome, number>();
  let batch: LegacyLine[] = [];
  const importBatch = async () => {
    const lines = batch;
    batch = [];
    const credentials = lines.flatMap((line) => ('credential' in line ? [line.credential] : []));
    const outcomes = (await importAll(credentials)).values();
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
  const known = nextOutcome();
  if (!known) throw new Error(`line ${number} has no outcome`);
  return { line: number, outcome: known.outcome, uuid: line.credential.id };
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
