import type { Command } from 'commander';

/** What a client's device codes demand of who approves them, as flags; `false` takes a demand back. */
export type DemandFlags = {
  typedCodes?: boolean;
  numberMatching?: boolean;
  sameNetwork?: boolean;
  stepUp?: string[] | false;
};

/** Adds the flags to a command; to one that changes a client, those that take a demand back too. */
export function withDemands(command: Command, { isChange }: { isChange: boolean }): Command {
  command
    .option('--typed-codes', 'have people type its device codes; a link with the code in it does not count')
    .option(
      '--number-matching',
      'have people type a number that the device shows once they look at the request',
    )
    .option('--same-network', 'let people approve it from the network that the device asks from only')
    .option('--step-up <scopes...>', 'scopes that people give its devices only with a second factor');
  if (!isChange) return command;
  return command
    .option('--no-typed-codes', 'let them follow a link, too')
    .option('--no-number-matching', 'demand no number')
    .option('--no-same-network', 'let people approve it from anywhere')
    .option('--no-step-up', 'demand no second factor');
}

/** The fields of a registration that these flags choose; the others are undefined. */
export function demandsFromFlags({ typedCodes, numberMatching, sameNetwork, stepUp }: DemandFlags) {
  return {
    verification_uri_complete: typedCodes === undefined ? undefined : !typedCodes,
    number_matching: numberMatching,
    same_network: sameNetwork,
    step_up_scopes: stepUp === false ? [] : stepUp?.flatMap((text) => text.split(/\s+/)),
  };
}

/** The flag for each of the fields. */
export const demandFields = {
  verification_uri_complete: '--typed-codes',
  number_matching: '--number-matching',
  same_network: '--same-network',
  step_up_scopes: '--step-up',
};

/** What a client demands, in the words of a registration, for people. */
export function demandRows(client: {
  verification_uri_complete?: boolean | undefined;
  number_matching?: boolean | undefined;
  same_network?: boolean | undefined;
  step_up_scopes?: readonly string[] | undefined;
}): [string, string | undefined][] {
  const { step_up_scopes: scopes = [] } = client;
  return [
    [
      'device codes',
      client.verification_uri_complete === false ? 'must be typed, never come in a link' : undefined,
    ],
    ['device codes', client.number_matching ? 'demand the number that the device shows' : undefined],
    ['device codes', client.same_network ? 'are approved in the network of the device only' : undefined],
    ['second factor', scopes.length > 0 ? `for ${scopes.join(' ')}` : undefined],
  ];
}
