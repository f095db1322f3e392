import assert from 'node:assert/strict';
import { demoUser } from '../../src/development.ts';
import { createPerson } from '../support/person.ts';
import { makeHome, type Outcome, type Owner, runCommand, startCommand } from './terminal.ts';

/** A home in which somebody is signed in. */
export type SignedIn = {
  env: Record<string, string | undefined>;
  /** Runs a command line there. */
  run(...argv: string[]): Promise<Outcome>;
  /** Runs one that succeeds, and resolves to its data. */
  read(...argv: string[]): Promise<string>;
  /** Runs one with `--json` that succeeds, and resolves to what it printed. */
  // biome-ignore lint/suspicious/noExplicitAny: tests look into whatever JSON comes back
  json(...argv: string[]): Promise<any>;
};

/** Signs somebody in by `postern login` with these flags, in a new home or in that of `env`. */
export async function signInByCommand(
  owner: Owner,
  issuer: string,
  {
    flags = [],
    account = demoUser,
    env,
  }: { flags?: string[]; account?: typeof demoUser; env?: SignedIn['env'] } = {},
): Promise<SignedIn> {
  const home = env ?? { ...(await makeHome(owner)), POSTERN_ISSUER: issuer };
  const login = startCommand(['login', ...flags], { env: home });
  const [userCode] = await login.heard(/[A-Z]{4}-[A-Z]{4}/);
  const person = createPerson(issuer);
  await person.enterCode(userCode, account);
  await person.decide('allow');
  const { exitCode, stderr } = await login.outcome;
  assert.equal(exitCode, 0, stderr);
  return inHome(home);
}

/** Whoever has this environment. */
export function inHome(env: SignedIn['env']): SignedIn {
  const run = (...argv: string[]) => runCommand(argv, { env });
  const read = async (...argv: string[]) => {
    const { exitCode, stdout, stderr } = await run(...argv);
    assert.equal(exitCode, 0, stderr);
    return stdout.trimEnd();
  };
  return { env, run, read, json: async (...argv) => JSON.parse(await read(...argv, '--json')) };
}
