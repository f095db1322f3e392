import type { Command } from 'commander';
import { AppError } from '../../errors.ts';
import { lifetimeText, parseLifetime } from '../admin/lifetime.ts';
import { card } from '../admin/table.ts';
import type { Io } from '../io.ts';
import { openApi } from './api.ts';
import { type ApiFlags, withApi } from './flags.ts';
import { type Permissions, permissionFlag, permissionRows, readPermission } from './permissions.ts';
import { print } from './print.ts';
import { registerSignInPolicy } from './sign-in-policy.ts';

type Policy = {
  longest_lifetime_seconds: number | null;
  expiry_required: boolean;
  approval_required: boolean;
  permissions: Permissions | null;
};

type SetFlags = ApiFlags & {
  longestLifetime?: string;
  expiryRequired?: boolean;
  approvalRequired?: boolean;
  permission?: Permissions;
  anyPermission?: boolean;
};

const path = '/policies/tokens';
const fields = {
  longest_lifetime_seconds: '--longest-lifetime',
  expiry_required: '--expiry-required',
  approval_required: '--approval-required',
  permissions: '--permission',
};

/** Adds `postern policy` with its commands. */
export function register(program: Command, io: Io): void {
  const policy = program
    .command('policy')
    .description('see and set what your organization demands of its tokens');

  withApi(policy.command('show'))
    .description('show what it demands')
    .action((flags: ApiFlags) => show(io, flags));

  withApi(policy.command('set'))
    .description('change what it demands; what is not named stays as it is')
    .option('--longest-lifetime <time>', 'of a new token, such as 90d; any for no limit')
    .option('--expiry-required', 'every new token must end some day')
    .option('--no-expiry-required', 'tokens may live for ever')
    .option('--approval-required', 'an administrator must approve a new token')
    .option('--no-approval-required', 'new tokens work at once')
    .option(
      `--permission ${permissionFlag}`,
      'what tokens may do at most, such as "https://api.example.com=read"; may be repeated',
      readPermission,
    )
    .option('--any-permission', 'tokens may do whatever their owners may')
    .action((flags: SetFlags) => set(io, flags));

  registerSignInPolicy(policy, io);
}

async function show(io: Io, flags: ApiFlags): Promise<void> {
  const api = await openApi(io, flags);
  print(io, (await api.ask<Policy>('GET', path)).body, flags, policyCard);
}

async function set(io: Io, flags: SetFlags): Promise<void> {
  const change = readChange(flags);
  const api = await openApi(io, flags);
  const { body: before, tag } = await api.ask<Policy>('GET', path);
  const body = { ...before, ...change };
  const { body: after } = await api.ask<Policy>('PUT', path, { body, ifMatch: tag, fields });
  print(io, after, flags, policyCard);
  io.say('Changed the policy.');
}

function readChange(flags: SetFlags): Partial<Policy> {
  const { longestLifetime, expiryRequired, approvalRequired, permission, anyPermission } = flags;
  if (permission && anyPermission) {
    throw new AppError('usage', 'Give either --permission or --any-permission, not both');
  }
  const change = {
    ...(longestLifetime !== undefined && { longest_lifetime_seconds: readLifetime(longestLifetime) }),
    ...(expiryRequired !== undefined && { expiry_required: expiryRequired }),
    ...(approvalRequired !== undefined && { approval_required: approvalRequired }),
    ...(permission && { permissions: permission }),
    ...(anyPermission && { permissions: null }),
  };
  if (Object.keys(change).length > 0) return change;
  throw new AppError('usage', 'Say what to change; postern policy set --help lists it');
}

function readLifetime(text: string): number | null {
  const seconds = text === 'any' ? null : parseLifetime(text);
  if (seconds !== undefined) return seconds;
  throw new AppError('usage', `--longest-lifetime "${text}" is no time: write one such as 90d, or any`);
}

function policyCard(policy: Policy): string {
  const { longest_lifetime_seconds: seconds, permissions } = policy;
  return card([
    ['longest lifetime', seconds === null ? 'any' : lifetimeText(seconds)],
    ['expiry', policy.expiry_required ? 'required' : 'not required'],
    ['approval', policy.approval_required ? 'required' : 'not required'],
    ...(permissions ? permissionRows('permissions', permissions) : [['permissions', 'any'] as const]),
  ]);
}
