import { AppError } from '../../errors.ts';
import { confirm } from '../admin/confirmation.ts';
import { parseLifetime } from '../admin/lifetime.ts';
import type { Io } from '../io.ts';
import { inPath, openApi } from './api.ts';
import type { ApiFlags } from './flags.ts';
import { findTokenId } from './token-actions.ts';
import { printValue, type Token, type TokenWithValue } from './token-view.ts';

const past = { disable: 'Disabled', enable: 'Enabled', approve: 'Approved', refuse: 'Refused' };

/** `postern tokens disable`, `enable`, `approve` and `refuse`. */
export async function decide(io: Io, verb: keyof typeof past, word: string, flags: ApiFlags): Promise<void> {
  const api = await openApi(io, flags);
  const path = `/tokens/${inPath(await findTokenId(api, word))}/${verb}`;
  const { body: token } = await api.ask<Token>('POST', path);
  if (flags.json) io.json(token);
  io.say(`${past[verb]} ${token.name}.`);
}

/** `postern tokens rotate`. */
export async function rotate(io: Io, word: string, flags: ApiFlags & { overlap: string }): Promise<void> {
  const seconds = parseLifetime(flags.overlap);
  if (seconds === undefined) {
    throw new AppError('usage', `--overlap "${flags.overlap}" is no time: write one such as 15m or 7d`);
  }
  const api = await openApi(io, flags);
  const path = `/tokens/${inPath(await findTokenId(api, word))}/rotate`;
  const body = { overlap_seconds: seconds };
  const fields = { overlap_seconds: '--overlap' };
  printValue(io, (await api.ask<TokenWithValue>('POST', path, { body, fields })).body, flags);
}

/** `postern tokens take`. */
export async function take(io: Io, word: string, flags: ApiFlags): Promise<void> {
  const api = await openApi(io, flags);
  const path = `/shared-tokens/${inPath(await findTokenId(api, word))}/values`;
  printValue(io, (await api.ask<TokenWithValue>('POST', path)).body, flags);
}

/** `postern tokens give-back`. */
export async function giveBack(io: Io, word: string, flags: ApiFlags): Promise<void> {
  const api = await openApi(io, flags);
  await api.ask('DELETE', `/shared-tokens/${inPath(await findTokenId(api, word))}/values`);
  io.say(`Ended your values of ${word}.`);
}

/** `postern tokens remove`. */
export async function remove(io: Io, word: string, flags: ApiFlags & { yes?: boolean }): Promise<void> {
  const api = await openApi(io, flags);
  const id = await findTokenId(api, word);
  const question = `This removes the token ${word} for good.`;
  await confirm(io, { question, word: 'remove', isAgreed: flags.yes });
  await api.ask('DELETE', `/tokens/${inPath(id)}`);
  io.say(`Removed ${word}.`);
}
