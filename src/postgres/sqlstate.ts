/** Errors of PostgreSQL by their five-letter SQLSTATE (PostgreSQL manual, appendix A). None begins with E, as EPIPE does. */
export function sqlstate(error: unknown): string | undefined {
  const code = (error as { code?: unknown } | undefined)?.code;
  return typeof code === 'string' && /^[0-9A-DF-Z][0-9A-Z]{4}$/.test(code) ? code : undefined;
}

/** A unique constraint (the named one, if given) was violated. */
export function isUniqueViolation(error: unknown, constraint?: string): boolean {
  return sqlstate(error) === '23505' && matches(error, constraint);
}

/** A row refers to something that is not there, or is still referred to. */
export function isForeignKeyViolation(error: unknown, constraint?: string): boolean {
  return sqlstate(error) === '23503' && matches(error, constraint);
}

/** No partition takes the row (23514 with no constraint's name). */
export function isPartitionMissing(error: unknown): boolean {
  return sqlstate(error) === '23514' && !(error as { constraint?: string }).constraint;
}

/** The table is not there: the migrations have not run. */
export function isTableMissing(error: unknown): boolean {
  return sqlstate(error) === '42P01';
}

/**
 * What says "not now" to a statement that may be right: the connection (08), whom it lets in (28) and to which database
 * (3D000), resources (53), operators (57), the system (58), a lock that they let nobody wait for (55P03), a transaction
 * that took too long for them (25P03, 25P04); and a standby after a failover, which writes nothing (25006), has no unlogged
 * table (0A000), and ends what its replay meets (40001).
 */
const notNow = /^(08|28|53|57|58)|^(0A000|25006|25P03|25P04|3D000|40001|55P03)$/;

/**
 * The database cannot answer now, by its SQLSTATE or, where the socket failed, without one. What says that the statement is
 * wrong, that data are damaged (XX) or that we wait for each other in a circle (40P01) is a fault of ours.
 */
export function isUnavailable(error: unknown): boolean {
  const state = sqlstate(error);
  if (state === undefined) return !mistakes.some((kind) => error instanceof kind);
  return notNow.test(state);
}

/** Errors of the program, not of the connection. */
const mistakes = [TypeError, RangeError, SyntaxError, ReferenceError];

function matches(error: unknown, constraint?: string): boolean {
  return constraint === undefined || (error as { constraint?: string }).constraint === constraint;
}
