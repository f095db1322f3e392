/** A statement: text with numbered parameters, and their values, which never become text. */
export class Sql {
  readonly text: string;
  readonly values: readonly unknown[];

  constructor(text: string, values: readonly unknown[]) {
    this.text = text;
    this.values = values;
  }
}

/** A name that code, never a caller of the service, has chosen. */
class Identifier {
  readonly name: string;

  constructor(name: string) {
    if (!/^[a-z_][a-z0-9_]{0,62}$/.test(name)) throw new TypeError(`not an SQL identifier: ${name}`);
    this.name = name;
  }
}

/** Builds a statement. A `${value}` is a parameter, a nested `Sql` is spliced in with its parameters renumbered. */
export function sql(strings: TemplateStringsArray, ...parts: unknown[]): Sql {
  const values: unknown[] = [];
  let text = strings[0] ?? '';
  parts.forEach((part, index) => {
    if (part instanceof Sql) text += renumber(part.text, values.length);
    else if (part instanceof Identifier) text += `"${part.name}"`;
    else text += `$${values.length + 1}`;
    if (part instanceof Sql) values.push(...part.values);
    else if (!(part instanceof Identifier)) values.push(part);
    text += strings[index + 1] ?? '';
  });
  return new Sql(text, values);
}

/** A table or column name chosen by code: lower-case letters, digits and underscores, or a TypeError. */
sql.identifier = (name: string): Identifier => new Identifier(name);

/** The start of a day in UTC as a literal, for statements that take no parameters (`create table … for values`). */
sql.day = (date: Date): Sql => new Sql(`'${date.toISOString().slice(0, 10)} 00:00:00+00'`, []);

function renumber(text: string, by: number): string {
  return by === 0 ? text : text.replace(/\$(\d+)/g, (_, digits: string) => `$${Number(digits) + by}`);
}
