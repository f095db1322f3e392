import { resealAuditKey } from '../../audit/audit-key.ts';
import { resealTotpSecrets } from '../../factors/totp.ts';
import { resealClientSecrets } from '../../identity-providers/client-secret.ts';
import { resealKeys } from '../../keys/rotation.ts';
import { resealMails } from '../../mail/outbox.ts';
import { loadMasterSecrets } from '../../master-secret.ts';
import type { Io } from '../io.ts';
import { change } from './operator.ts';

/** `postern secret rotate`. May be repeated: what is sealed under the present secret is left alone. */
export async function rotate(io: Io, options: { json?: boolean }): Promise<void> {
  const { signingKeys, auditKeys, totpSecrets, clientSecrets, mails, isChanging } = await change(
    io,
    async (db, tell, config) => {
      const secrets = await loadMasterSecrets(config);
      const resealed = {
        signingKeys: await resealKeys(db, secrets),
        auditKeys: await resealAuditKey(db, secrets),
        totpSecrets: await resealTotpSecrets(db, secrets),
        clientSecrets: await resealClientSecrets(db, secrets),
        mails: await resealMails(db, secrets),
      };
      if (Object.values(resealed).some((count) => count > 0)) tell({ action: 'secret.rotated' });
      return { ...resealed, isChanging: secrets.length > 1 };
    },
  );
  if (options.json) {
    io.json({
      signing_keys: signingKeys,
      audit_keys: auditKeys,
      totp_secrets: totpSecrets,
      client_secrets: clientSecrets,
      mails,
    });
  }
  const parts = [
    ...(signingKeys > 0 ? [`${signingKeys} signing ${signingKeys === 1 ? 'key' : 'keys'}`] : []),
    ...(auditKeys > 0 ? ['the key of the audit log'] : []),
    ...(totpSecrets > 0
      ? [`the one-time codes of ${totpSecrets === 1 ? 'a person' : `${totpSecrets} people`}`]
      : []),
    ...(clientSecrets > 0
      ? [`${clientSecrets} client ${clientSecrets === 1 ? 'secret' : 'secrets'} of identity providers`]
      : []),
    ...(mails > 0 ? [`${mails} waiting ${mails === 1 ? 'mail' : 'mails'}`] : []),
  ];
  io.say(
    parts.length === 0
      ? 'Everything is sealed under the present secret already.'
      : `Sealed ${new Intl.ListFormat('en-GB').format(parts)} under the present secret.`,
  );
  if (isChanging)
    io.say('POSTERN_PREVIOUS_SECRET is needed for one more hour, for device codes that are being entered.');
}
