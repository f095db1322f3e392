import { endClientTokens, getClient } from '../../clients/client.ts';
import type { Config } from '../../config.ts';
import { AppError } from '../../errors.ts';
import { listPublicKeys } from '../../keys/signing-key.ts';
import { countGrants, type GrantSelection, listGrants, revokeGrants } from '../../oauth/grant.ts';
import { createJwtReader } from '../../oauth/jwt.ts';
import { revokeToken } from '../../oauth/token-revocation.ts';
import type { Database, Pool } from '../../postgres/pool.ts';
import { createTokenFormat } from '../../secret.ts';
import {
  disableTokensOfPerson,
  listTokensOfPerson,
  type NamedToken,
  type PersonsTokens,
} from '../../tokens/person.ts';
import { endSessionsOfUser } from '../../users/session.ts';
import type { Io } from '../io.ts';
import { confirm } from './confirmation.ts';
import { withDatabase } from './database.ts';
import { getNamedUser } from './named-user.ts';
import { type OperatorLog, type OperatorsAct, openOperatorLog } from './operator.ts';

/** What `postern revoke` was given. */
export type RevokeOptions = {
  user?: string;
  client?: string;
  grant?: string;
  token?: boolean;
  yes?: boolean;
  json?: boolean;
};

/** What was ended besides grants: how many of what, and what was done to each thing of an organization. */
type Ended = { counts: Record<string, number>; acts: OperatorsAct[] };

/** What is to be ended: how it is named, which grants, and what else. */
type Target = {
  name: string;
  selection: GrantSelection;
  also: string;
  /** What becomes of API tokens, for people. */
  tokens?: string;
  finish(db: Database): Promise<Ended | undefined>;
  act: Pick<OperatorsAct, 'action' | 'target'>;
};

/** `postern revoke`: says how much it will end before it does. */
export async function revoke(io: Io, options: RevokeOptions): Promise<void> {
  const kinds = [options.user, options.client, options.grant, options.token].filter(
    (kind) => kind !== undefined,
  );
  if (kinds.length !== 1)
    throw new AppError('usage', 'Say what: --user, --client, --grant or --token, one of them');
  const text = options.token ? (await io.readInput()).trim() : '';
  await withDatabase(io, async (db, config) => {
    const record = await openOperatorLog(io, db, config);
    if (options.token) return await endToken(io, db, { config, record, text }, options);
    const target = await findTarget(db, options);
    const count = await countGrants(db, target.selection);
    const question = `This ends ${grantsText(count)} of ${target.name}${target.also}, with every token under them${target.tokens ?? ''}.`;
    await confirm(io, { question, word: 'revoke', isAgreed: options.yes });
    const ended = await db.transaction(async (tx) => {
      const grants = await revokeGrants(tx, target.selection);
      const { counts = {}, acts = [] } = (await target.finish(tx)) ?? {};
      await record(tx, { ...target.act, details: { grants, ...counts } }, ...acts);
      return { grants, ...counts };
    });
    if (options.json) io.json(ended);
    io.say(`Ended ${grantsText(ended.grants)} of ${target.name}${target.also}${target.tokens ?? ''}.`);
  });
}

async function findTarget(db: Pool, { user, client, grant = '' }: RevokeOptions): Promise<Target> {
  if (user !== undefined) {
    const { id, email } = await getNamedUser(db, user);
    return {
      name: email,
      selection: { accountId: id },
      also: ' and their sessions in browsers',
      tokens: tokensText(await listTokensOfPerson(db, id)),
      async finish(tx) {
        await endSessionsOfUser(tx, id);
        return endedTokens(await disableTokensOfPerson(tx, id, 'operator'));
      },
      act: { action: 'user.tokens_revoked', target: { kind: 'user', id, name: email } },
    };
  }
  if (client !== undefined) {
    const { id } = await getClient(db, client);
    const also = ' and every token that it got for itself';
    return {
      name: id,
      selection: { clientId: id },
      also,
      async finish(tx) {
        await endClientTokens(tx, id);
        return undefined;
      },
      act: { action: 'client.tokens_revoked', target: { kind: 'client', id } },
    };
  }
  if (!/^[0-9a-f]{8,64}$/.test(grant)) {
    throw new AppError('usage', 'Write at least the first 8 letters of the id that postern grant list shows');
  }
  const found = await listGrants(db, { idPrefix: grant }, {}, { limit: 2 });
  const [one] = found;
  if (!one || found.length > 1) {
    throw new AppError(
      'not_found',
      found.length === 0 ? `There is no grant ${grant}` : `More than one grant begins with ${grant}`,
    );
  }
  return {
    name: `client ${one.clientId}`,
    selection: { idPrefix: grant },
    also: '',
    finish: async () => undefined,
    act: { action: 'grant.revoked', target: { kind: 'grant', id: one.id.slice(0, 16), name: one.accountId } },
  };
}

async function endToken(
  io: Io,
  db: Pool,
  { config, record, text }: { config: Config; record: OperatorLog; text: string },
  options: RevokeOptions,
): Promise<void> {
  if (text === '') throw new AppError('usage', 'Give the token on stdin');
  const keys = { keys: await listPublicKeys(db) };
  const ended = await revokeToken(db, text, {
    format: createTokenFormat(config.tokenPrefix),
    readJwt: createJwtReader(config.issuer, () => keys),
    tell: (tx, ended, id, organizationId) => record(tx, { ...acts[ended](id), organizationId }),
  });
  if (options.json) io.json({ ended });
  const words = {
    access_token: 'Ended this access token.',
    grant: 'Ended the grant of this refresh token, with every token under it.',
    api_token_value: 'Ended this value of an API token; the token itself can be given another.',
    nothing: 'This is no live token of this server; nothing was changed.',
  };
  io.say(words[ended]);
}

const acts = {
  access_token: (id: string) => ({ action: 'access_token.revoked', target: { kind: 'client', id } }) as const,
  api_token_value: (id: string) =>
    ({ action: 'token.value_revoked', target: { kind: 'token', id } }) as const,
  grant: (id: string) => ({ action: 'grant.revoked', target: { kind: 'grant', id } }) as const,
};

/** Each in the log of its organization, whose administrators should know. */
function endedTokens({ own, shared }: PersonsTokens): Ended {
  const actOf = (action: 'token.disabled' | 'token.values_removed') => (token: NamedToken) => ({
    action,
    target: { kind: 'token' as const, id: token.id, name: token.name },
    organizationId: token.organizationId,
  });
  return {
    counts: { api_tokens: own.length, shared_tokens: shared.length },
    acts: [...own.map(actOf('token.disabled')), ...shared.map(actOf('token.values_removed'))],
  };
}

function tokensText({ own, shared }: PersonsTokens): string {
  const disabled = own.length > 0 ? `; ${tokenCount(own.length, 'API')} disabled` : '';
  const ended = shared.length > 0 ? `; their values of ${tokenCount(shared.length, 'shared')} ended` : '';
  return disabled + ended;
}

function tokenCount(count: number, kind: 'API' | 'shared'): string {
  return `${count} ${kind} ${count === 1 ? 'token' : 'tokens'}`;
}

function grantsText(count: number): string {
  return count === 1 ? '1 grant' : `${count} grants`;
}
