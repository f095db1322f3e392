import { Readable } from 'node:stream';
import type { Context } from 'koa';
import { type Form, readForm } from '../http/form.ts';

/** Parameters of a request as the engine's hooks want to see them: a repeated one is a list. */
export type Parameters = Record<string, string | string[]>;

/** Reads the form of a protocol request into `ctx.state.form`. Parameters without a value count as absent (RFC 6749 section 3.2). */
export async function readParameters(ctx: Context): Promise<Form> {
  const form = await readForm(ctx.req);
  ctx.state.form = toParameters(form);
  return form;
}

/** The one value of a parameter, if there is exactly one. */
export function parameterOf(ctx: Context, name: string): string | undefined {
  const value = (ctx.state.form as Parameters | undefined)?.[name];
  return typeof value === 'string' ? value : undefined;
}

/** Lets the engine read the request's body again, with parameters replaced; `undefined` removes one. */
export function presentForm(
  ctx: Context,
  form: Form,
  changes: Record<string, string | undefined> = {},
): void {
  const kept = form.pairs.filter(([name]) => !Object.hasOwn(changes, name));
  const added = Object.entries(changes).filter((pair): pair is [string, string] => pair[1] !== undefined);
  const pairs = [...kept, ...added];
  const body = Buffer.from(new URLSearchParams(pairs).toString());
  ctx.state.form = toParameters({ ...form, pairs });
  const { headers } = ctx.req;
  delete headers['transfer-encoding'];
  headers['content-length'] = String(body.length);
  headers['content-type'] = 'application/x-www-form-urlencoded';
  // The request has been read to its end; the engine is to see a stream that has not.
  const again = Readable.from([body], { objectMode: false });
  Object.defineProperties(ctx.req, {
    readable: { value: true, configurable: true },
    iterator: { value: () => again.iterator(), configurable: true },
  });
}

function toParameters({ pairs }: Form): Parameters {
  const parameters: Parameters = Object.create(null);
  for (const [name, value] of pairs) {
    if (value === '') continue;
    const earlier = parameters[name];
    parameters[name] = earlier === undefined ? value : [earlier, value].flat();
  }
  return parameters;
}
