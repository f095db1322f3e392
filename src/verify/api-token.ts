import type { Database } from '../postgres/pool.ts';
import { sha256, type TokenFormat } from '../secret.ts';
import { findLiveApiToken, type LiveApiToken, legacyDigest, valueDigest } from '../tokens/check.ts';
import { normalizeEmail } from '../users/user.ts';
import type { Presentation } from './presentation.ts';

/** The API token that is presented, if it lives and may be used from there. */
export async function findPresentedApiToken(
  db: Database,
  format: TokenFormat,
  presentation: Presentation,
  address: string | undefined,
): Promise<LiveApiToken | undefined> {
  switch (presentation.kind) {
    case 'token':
      return isApiToken(format, presentation.text) && presentation.scheme === 'bearer'
        ? await findLiveApiToken(db, valueDigest(presentation.text), address)
        : undefined;
    case 'named_token': {
      if (!isApiToken(format, presentation.text)) return undefined;
      const token = await findLiveApiToken(db, valueDigest(presentation.text), address);
      return token?.holderEmail === normalizeEmail(presentation.username) ? token : undefined;
    }
    case 'legacy': {
      const { id, secret } = presentation;
      return await findLiveApiToken(db, legacyDigest(id, sha256(secret)), address);
    }
    default:
      return undefined;
  }
}

function isApiToken(format: TokenFormat, text: string): boolean {
  return format.parse(text)?.kind === 'api';
}
