import { resealKeys } from '../../keys/rotation.ts';
import { loadMasterSecrets } from '../../master-secret.ts';
import type { Io } from '../io.ts';
import { withDatabase } from './database.ts';

/** `postern secret rotate`. May be repeated: what is sealed under the present secret is left alone. */
export async function rotate(io: Io, options: { json?: boolean }): Promise<void> {
  const { resealed, isChanging } = await withDatabase(io, async (db, config) => {
    const secrets = await loadMasterSecrets(config);
    return { resealed: await resealKeys(db, secrets), isChanging: secrets.length > 1 };
  });
  if (options.json) io.json({ signing_keys: resealed });
  io.say(
    resealed === 0
      ? 'Everything is sealed under the present secret already.'
      : `Sealed ${resealed} signing ${resealed === 1 ? 'key' : 'keys'} under the present secret.`,
  );
  if (isChanging)
    io.say('POSTERN_PREVIOUS_SECRET is needed for one more hour, for device codes that are being entered.');
}
