import type { Database } from '../postgres/pool.ts';
import { sql } from '../postgres/sql.ts';

/** Remembers the language (BCP 47) that a person wants to be spoken to. */
export async function chooseLanguage(db: Database, userId: string, language: string): Promise<void> {
  await db.query(sql`update users set language = ${language} where id = ${userId}`);
}
