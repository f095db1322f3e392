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
 * The database cannot answer now, though the statement may be right: connection (08), resources (53), operator
 * intervention (57), read-only standby after a failover (25006), system error (58), or no SQLSTATE at all (the socket).
 */
export function isUnavailable(error: unknown): boolean {
  const state = sqlstate(error);
  if (state === undefined) return !mistakes.some((kind) => error instanceof kind);
  return /^(08|53|57|58)/.test(state) || state === '25006' || state === '3D000' || state === '28P01';
}

/** Errors of the program, not of the connection. */
const mistakes = [TypeError, RangeError, SyntaxError, ReferenceError];

function matches(error: unknown, constraint?: string): boolean {
  return constraint === undefined || (error as { constraint?: string }).constraint === constraint;
}
