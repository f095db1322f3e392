import type { Adapter } from 'oidc-provider';
import type { Database } from '../postgres/pool.ts';
import { createDeviceCodeStore } from './device-code-store.ts';
import { createGrantStore } from './grant-store.ts';
import { createRecordStore } from './record-store.ts';
import type { StoreOptions } from './store.ts';
import { createTokenStore } from './token-store.ts';

/**
 * The engine's storage on PostgreSQL: returns its `name => adapter`. Behaves as the engine's in-memory adapter does,
 * except where that would be unsafe: `consume` succeeds once, a decided device code and a revoked token of ours stay so,
 * a replay record is written once, and a device code found by its user code has a `jti` that only this process reads.
 * A token, device code, uid or user code is held as a digest only. Rows outlive their expiry by an hour or more.
 */
export function createAdapter(db: Database, options: StoreOptions): (name: string) => Adapter {
  const accessTokens = createTokenStore(db, 'access_tokens', options);
  const refreshTokens = createTokenStore(db, 'refresh_tokens', options);
  return (name) => {
    const records = createRecordStore(db, name, options);
    switch (name) {
      case 'AccessToken':
      case 'ClientCredentials':
        return accessTokens(name, records);
      case 'RefreshToken':
        return refreshTokens(name, records);
      case 'DeviceCode':
        return createDeviceCodeStore(db, options);
      case 'Grant':
        return createGrantStore(db, options);
      default:
        return records;
    }
  };
}
