import type { Command } from 'commander';
import { AppError } from '../errors.ts';
import { carriesToken, tokenAdvice } from '../secret.ts';

/**
 * Refuses a command line that holds a token: a `usage` failure that names the place and repeats nothing of it. Names are
 * shown to others, and shells keep what was typed.
 */
export function refuseTokens(command: Command): void {
  const given: [place: string, value: unknown][] = [
    ...command.registeredArguments.map((each, index): [string, unknown] => [
      each.name().toUpperCase(),
      each.variadic ? command.args.slice(index) : command.args[index],
    ]),
    ...command.options.map((each): [string, unknown] => [
      each.long ?? each.flags,
      command.getOptionValue(each.attributeName()),
    ]),
  ];
  const holds = (value: unknown) => typeof value === 'string' && carriesToken(value);
  const found = given.find(([, value]) => (Array.isArray(value) ? value.some(holds) : holds(value)));
  if (found) throw new AppError('usage', `${found[0]}: ${tokenAdvice}`);
}
