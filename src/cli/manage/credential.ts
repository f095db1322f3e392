import { AppError } from '../../errors.ts';
import { openSignIns } from '../auth-file.ts';
import { getFreshAccount } from '../fresh-account.ts';
import type { Io } from '../io.ts';
import { namedIssuer } from '../issuer.ts';
import { loginCommand } from '../not-signed-in.ts';
import { createProof } from '../proof-key.ts';

/** The request that a credential goes with; `nonce` is what the server asked to have in proofs (RFC 9449 section 9). */
export type Presented = { method: string; url: URL; nonce: string | undefined };

/** What lets us in at the management API of an issuer. */
export type ApiCredential = {
  issuer: string;
  /** Its headers for one request. */
  present(request: Presented): Record<string, string>;
  /** Another one in place of this one, which the server no longer takes; `not_signed_in` where there is none. */
  renew(): Promise<ApiCredential>;
};

/** Which sign-in flags name: at which server, or in which file. */
export type NamedSignIn = { issuer?: string | undefined; file?: string | undefined };

/**
 * The token in the file that is named, else that in POSTERN_TOKEN, else the sign-in for the management API;
 * `not_signed_in` with the way to get one.
 */
export async function openApiCredential(io: Io, { issuer, file }: NamedSignIn): Promise<ApiCredential> {
  const named = namedIssuer(issuer, io);
  const token = io.env.POSTERN_TOKEN;
  return token && !file ? givenToken(token, named) : signedIn(io, { issuer: named, file });
}

function givenToken(token: string, issuer: string | undefined): ApiCredential {
  if (!/^[\w.~+/-]+=*$/.test(token)) {
    throw new AppError('configuration', 'POSTERN_TOKEN holds no token: write an API token and nothing else');
  }
  // It is not sent to whichever server comes to mind.
  if (!issuer) {
    throw new AppError('usage', 'Whose token is in POSTERN_TOKEN? Give --issuer URL, or set POSTERN_ISSUER');
  }
  return {
    issuer,
    present: () => ({ Authorization: `Bearer ${token}` }),
    async renew() {
      throw new AppError(
        'not_signed_in',
        `Not signed in: ${issuer} does not take the token in POSTERN_TOKEN`,
      );
    },
  };
}

async function signedIn(
  io: Io,
  { issuer, file }: NamedSignIn,
  rejected?: { token: string },
): Promise<ApiCredential> {
  const account = await getFreshAccount(
    io,
    openSignIns(io, file),
    { issuer, manages: true },
    rejected?.token,
  );
  const { access_token, token_type, dpop_key } = account;
  return {
    issuer: account.issuer,
    present({ method, url, nonce }) {
      if (!dpop_key) return { Authorization: `${token_type} ${access_token}` };
      const proof = createProof(dpop_key, { method, url, accessToken: access_token, nonce }, io.clock);
      return { Authorization: `DPoP ${access_token}`, DPoP: proof };
    },
    async renew() {
      if (!rejected) return await signedIn(io, { issuer: account.issuer, file }, { token: access_token });
      throw new AppError(
        'not_signed_in',
        `Not signed in: ${account.issuer} no longer takes the token, run ${loginCommand(account)}`,
      );
    },
  };
}
