import type { Context } from 'koa';
import type { TokenFormat, TokenKind } from '../secret.ts';

/** The token of one kind in the Authorization header (RFC 6750 section 2.1); no look-up says whether it is good. */
export function presentedBearer(ctx: Context, format: TokenFormat, kind: TokenKind): string | undefined {
  const [, token] = /^bearer +([\w.~+/-]+=*)$/i.exec(ctx.req.headers.authorization ?? '') ?? [];
  return token !== undefined && format.parse(token)?.kind === kind ? token : undefined;
}

/** The answer to who has no good token (RFC 6750 section 3); who showed none is not told of an error. */
export function refuseBearer(ctx: Context, issuer: string): void {
  ctx.status = 401;
  const isPresented = ctx.req.headers.authorization !== undefined;
  ctx.set('WWW-Authenticate', `Bearer realm="${issuer}"${isPresented ? ', error="invalid_token"' : ''}`);
  ctx.body = { error: 'invalid_token', error_description: 'The access token is missing or not valid here' };
}
