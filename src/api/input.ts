import type { Context } from 'koa';
import { z } from 'zod';
import { AppError, type Problem } from '../errors.ts';
import { readJson, readNothing } from '../http/json.ts';
import { carriesToken, tokenAdvice } from '../secret.ts';
import type { Operation } from './operation.ts';

/** What an operation is called with, as its schemas have made it. */
export type Input = { params: unknown; query: unknown; body: unknown };

/**
 * Reads and checks path, query and body. AppError `unprocessable` names every wrong field at once; what is no JSON is
 * `bad_request` or `unsupported_media_type`, and so is a body where none is taken `bad_request`.
 */
export async function readInput(
  ctx: Context,
  operation: Operation,
  params: Record<string, string>,
): Promise<Input> {
  const body = operation.body === undefined ? await readNothing(ctx.req) : await readBody(ctx);
  const problems: Problem[] = [];
  return checkInput(operation, { params, query: readQuery(ctx, problems), body }, problems);
}

/** Checks what an operation is called with; `problems` are those that are known already. AppError `unprocessable`. */
export function checkInput(operation: Operation, given: Input, problems: Problem[] = []): Input {
  for (const [parameter, value] of Object.entries(given.query ?? {}))
    if (hasNul(value)) problems.push({ parameter, detail: 'leave out the NUL character' });
  const input = {
    params: check(operation.params ?? nothing, given.params, 'path', problems),
    query: check(operation.query ?? nothing, given.query, 'query', problems),
    body: operation.body && check(operation.body, given.body, '', problems),
  };
  if (!operation.takesCredentials) refuseTokens(given.body, problems);
  if (problems.length > 0) throw new AppError('unprocessable', undefined, { problems });
  return input;
}

type Place = { key: string; within: Place } | undefined;

/** What is stored is shown again, to others too. Without recursion, as `hasNul`. */
function refuseTokens(body: unknown, problems: Problem[]): void {
  const rest: { place: Place; value: unknown }[] = [{ place: undefined, value: body }];
  for (const { place, value } of rest) {
    if (typeof value === 'object' && value !== null)
      for (const [key, inner] of Object.entries(value))
        rest.push({ place: { key, within: place }, value: inner });
    const texts = [value, place?.key].filter((text) => typeof text === 'string');
    if (!texts.some(carriesToken)) continue;
    const problem = { pointer: pointerTo(pathTo(place)), detail: tokenAdvice };
    if (!problems.some((known) => placeOf(known) === problem.pointer)) problems.push(problem);
  }
}

function pathTo(place: Place): string[] {
  const path: string[] = [];
  for (let here = place; here; here = here.within) path.unshift(here.key);
  return path;
}

const nothing = z.strictObject({});

async function readBody(ctx: Context): Promise<unknown> {
  const body = await readJson(ctx.req);
  if (body === undefined || hasNul(body))
    throw new AppError(
      'bad_request',
      'The request body is no JSON in UTF-8, or has a NUL character in a text',
    );
  if (isDeep(body))
    throw new AppError('bad_request', `The request body is nested more than ${mostLevels} levels deep`);
  return body;
}

/** No operation takes more than a few, and what is written as JSON again cannot be as deep as it is long. */
const mostLevels = 100;

function isDeep(body: unknown): boolean {
  let level = [body];
  for (let depth = 0; depth < mostLevels; depth += 1)
    level = level.flatMap((value) =>
      typeof value === 'object' && value !== null ? Object.values(value) : [],
    );
  return level.length > 0;
}

/** No column of ours takes one. Without recursion: a body may be nested as deeply as it is long. */
function hasNul(body: unknown): boolean {
  const rest = [body];
  for (const value of rest) {
    if (typeof value === 'string' && value.includes('\0')) return true;
    if (typeof value === 'object' && value !== null)
      rest.push(...Object.keys(value), ...Object.values(value));
  }
  return false;
}

function readQuery(ctx: Context, problems: Problem[]): Record<string, string> {
  const query: Record<string, string> = {};
  for (const [name, value] of new URLSearchParams(ctx.querystring)) {
    if (Object.hasOwn(query, name)) problems.push({ parameter: name, detail: 'give it once' });
    Object.defineProperty(query, name, { value, enumerable: true, configurable: true });
  }
  return query;
}

function check(schema: z.ZodType, value: unknown, place: string, problems: Problem[]): unknown {
  const parsed = schema.safeParse(value);
  for (const issue of parsed.error?.issues ?? []) {
    for (const problem of describe(issue, place)) {
      // One entry for each wrong field, however much is wrong with it.
      if (!problems.some((known) => placeOf(known) === placeOf(problem))) problems.push(problem);
    }
  }
  return parsed.data;
}

function placeOf(problem: Problem): string {
  return 'pointer' in problem ? problem.pointer : problem.parameter;
}

function describe(issue: z.core.$ZodIssue, place: string): Problem[] {
  const paths =
    issue.code === 'unrecognized_keys' ? issue.keys.map((key) => [...issue.path, key]) : [issue.path];
  const detail = issue.code === 'unrecognized_keys' ? 'there is no such field' : issue.message;
  return paths.map((path) =>
    place === '' ? { pointer: pointerTo(path), detail } : { parameter: path.map(String).join('.'), detail },
  );
}

/** A JSON pointer as a URI fragment (RFC 6901 section 6). */
function pointerTo(path: readonly PropertyKey[]): string {
  const parts = path.map((part) =>
    encodeURIComponent(String(part).replaceAll('~', '~0').replaceAll('/', '~1')),
  );
  return `#${parts.map((part) => `/${part}`).join('')}`;
}
