import type { Command } from 'commander';
import { card } from '../admin/table.ts';
import type { Io } from '../io.ts';
import { openApi } from './api.ts';
import { type ApiFlags, withApi } from './flags.ts';
import { print } from './print.ts';

type SignInPolicy = { identity_provider_required: boolean };

const path = '/policies/sign-in';

/** Adds `postern policy sign-in`, which shows how members must sign in, or changes it. */
export function registerSignInPolicy(policy: Command, io: Io): void {
  withApi(policy.command('sign-in'))
    .description('show how members must sign in, or change it')
    .option('--identity-provider-required', 'at an identity provider; whatever came in otherwise ends')
    .option('--no-identity-provider-required', 'in any way')
    .action((flags: ApiFlags & { identityProviderRequired?: boolean }) => showOrSet(io, flags));
}

async function showOrSet(io: Io, flags: ApiFlags & { identityProviderRequired?: boolean }): Promise<void> {
  const api = await openApi(io, flags);
  const { body: before, tag } = await api.ask<SignInPolicy>('GET', path);
  const isRequired = flags.identityProviderRequired;
  if (isRequired === undefined) return print(io, before, flags, policyCard);
  const body = { identity_provider_required: isRequired };
  const { body: after } = await api.ask<SignInPolicy>('PUT', path, { body, ifMatch: tag });
  print(io, after, flags, policyCard);
  io.say('Changed the policy.');
}

function policyCard({ identity_provider_required: isRequired }: SignInPolicy): string {
  return card([['signs in', isRequired ? 'by an identity provider alone' : 'in any way']]);
}
