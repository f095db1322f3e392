import type { Clock } from '../clock.ts';
import { createEnvelope } from '../envelope.ts';
import { ceremonySeconds } from '../factors/challenge.ts';
import type { Limits } from '../limits/limits.ts';
import type { Notices } from '../notices/notices.ts';
import type { OwnTokens } from '../oauth/own-token.ts';
import type { MasterSecrets, TokenFormat } from '../secret.ts';
import { accessTokenOperations } from './access-tokens.ts';
import { activityOperations } from './activity.ts';
import { auditOperations } from './audit-events.ts';
import { clientSecretOperations } from './client-secrets.ts';
import { clientOperations } from './clients.ts';
import { createCursors } from './cursor.ts';
import { grantOperations } from './grants.ts';
import { invitationOperations } from './invitations.ts';
import { keyOperations } from './keys.ts';
import { mailOperations } from './mails.ts';
import { meOperations } from './me.ts';
import { memberOperations } from './members.ts';
import type { Operation } from './operation.ts';
import { ownOrganizationOperations } from './own-organization.ts';
import { passkeyOperations } from './passkeys.ts';
import { passwordOperations } from './password.ts';
import { policyOperations } from './policies.ts';
import { resourceOperations } from './resources.ts';
import { securityOperations } from './security.ts';
import { sessionOperations } from './sessions.ts';
import { sharedTokenOperations } from './shared-tokens.ts';
import { signInPolicyOperations } from './sign-in-policy.ts';
import { tokenLifeOperations } from './token-life.ts';
import { tokenOperations } from './tokens.ts';

/** What the operations stand on, besides what each call brings. */
export type OperationOptions = {
  secrets: MasterSecrets;
  format: TokenFormat;
  clock: Clock;
  issuer: string;
  notices: Notices;
  limits: Limits;
  /** What the server is called. */
  brandName: string;
  issueOwnToken: OwnTokens;
};

/** Every operation of the management API, in the order of its reference. */
export function createOperations(given: OperationOptions): Operation[] {
  const { secrets, clock } = given;
  const ceremonies = createEnvelope<string>({
    secrets,
    purpose: 'ceremony',
    seconds: ceremonySeconds,
    clock,
  });
  const options = { ...given, cursors: createCursors(secrets), ceremonies };
  return [
    ...meOperations(),
    ...accessTokenOperations(options),
    ...tokenOperations(options),
    ...tokenLifeOperations(options),
    ...sharedTokenOperations(options),
    ...memberOperations(options),
    ...invitationOperations(options),
    ...mailOperations(options),
    ...ownOrganizationOperations(),
    ...policyOperations(),
    ...signInPolicyOperations(),
    ...clientOperations(options),
    ...clientSecretOperations(options),
    ...grantOperations(options),
    ...sessionOperations(options),
    ...securityOperations(options),
    ...passkeyOperations(options),
    ...passwordOperations(options),
    ...resourceOperations(options),
    ...auditOperations(options),
    ...activityOperations(),
    ...keyOperations(options),
  ];
}
