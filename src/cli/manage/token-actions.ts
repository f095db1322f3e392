import { AppError } from '../../errors.ts';
import type { Io } from '../io.ts';
import { type Api, inPath, openApi } from './api.ts';
import { chooseOne, isId } from './choose.ts';
import { readExpiry } from './expiry.ts';
import type { ApiFlags, ListFlags } from './flags.ts';
import type { Permissions } from './permissions.ts';
import { print, printList } from './print.ts';
import { printValue, type Token, type TokenWithValue, tokenCard, tokenTable } from './token-view.ts';

type ChosenFlags = ApiFlags & {
  permission?: Permissions;
  note?: string;
  expires?: string;
  from?: string[];
  fromAnywhere?: boolean;
};

/** What `postern tokens create` was told. */
export type CreateFlags = ChosenFlags & { shared?: boolean; reason?: string };

/** What `postern tokens change` was told. */
export type ChangeFlags = ChosenFlags & { name?: string };

const fields = {
  permissions: '--permission',
  note: '--note',
  expires_at: '--expires',
  address_ranges: '--from',
  reason: '--reason',
};

/** `postern tokens create`. */
export async function create(io: Io, name: string, flags: CreateFlags): Promise<void> {
  if (!flags.permission) {
    throw new AppError('usage', 'Say what it may do: --permission "https://api.example.com=read"');
  }
  const { expires_at, ...chosen } = readChosen(io, flags);
  const body = {
    name,
    ...chosen,
    ...(expires_at && { expires_at }),
    ...(flags.reason !== undefined && { reason: flags.reason }),
  };
  const api = await openApi(io, flags);
  const path = flags.shared ? '/shared-tokens' : '/tokens';
  const { body: token } = await api.ask<TokenWithValue>('POST', path, {
    body,
    fields: { ...fields, name: '<name>' },
  });
  printValue(io, token, flags);
}

/** `postern tokens list`. */
export async function list(io: Io, flags: ListFlags & { shared?: boolean; all?: boolean }): Promise<void> {
  if (flags.shared && flags.all) throw new AppError('usage', 'Give either --shared or --all, not both');
  const api = await openApi(io, flags);
  const { limit } = flags;
  const tokens = flags.shared
    ? await api.list<Token>('/shared-tokens', { limit })
    : await api.list<Token>('/tokens', { limit, query: { owner: flags.all ? 'all' : 'me' } });
  const none = 'There are no tokens; postern tokens create makes one.';
  printList(io, tokens, flags, { textOf: tokenTable, none });
}

/** `postern tokens show`. */
export async function show(io: Io, word: string, flags: ApiFlags): Promise<void> {
  const api = await openApi(io, flags);
  const { body: token } = await api.ask<Token>('GET', `/tokens/${inPath(await findTokenId(api, word))}`);
  print(io, token, flags, tokenCard);
}

/** `postern tokens change`. */
export async function change(io: Io, word: string, flags: ChangeFlags): Promise<void> {
  const body = { ...(flags.name !== undefined && { name: flags.name }), ...readChosen(io, flags) };
  if (Object.keys(body).length === 0) {
    throw new AppError('usage', 'Say what to change; postern tokens change --help lists it');
  }
  const api = await openApi(io, flags);
  const { body: token } = await api.ask<Token>('PATCH', `/tokens/${inPath(await findTokenId(api, word))}`, {
    body,
    fields: { ...fields, name: '--name' },
  });
  print(io, token, flags, tokenCard);
  io.say(`Changed ${token.name}.`);
}

/** The id of the token that a word names: any by its id, one's own and the shared ones by their names. */
export async function findTokenId(api: Api, word: string): Promise<string> {
  if (isId(word)) return word;
  const own = await api.list<Token>('/tokens');
  const shared = await api.list<Token>('/shared-tokens');
  const byId = new Map([...own, ...shared].map((token) => [token.id, token]));
  return chooseOne([...byId.values()], 'token', ({ name }) => name === word).id;
}

function readChosen(io: Io, flags: ChosenFlags) {
  const { permission, note, expires, from, fromAnywhere } = flags;
  if (from && fromAnywhere) throw new AppError('usage', 'Give either --from or --from-anywhere, not both');
  const ranges = fromAnywhere ? [] : from;
  return {
    ...(permission && { permissions: permission }),
    ...(note !== undefined && { note }),
    ...(expires !== undefined && { expires_at: readExpiry(io, expires) }),
    ...(ranges && { address_ranges: ranges }),
  };
}
