import type { LetterData } from '../../views/mail/templates.ts';
import type { Clock } from '../clock.ts';
import type { Limits } from '../limits/limits.ts';
import type { Outbox } from '../mail/outbox.ts';
import type { Database } from '../postgres/pool.ts';
import { sql } from '../postgres/sql.ts';
import { approvalTopic } from './moot.ts';
import { forgetExpiry } from './token-expiry.ts';

/** From where a person does something. */
export type Whereabouts = { address: string; system: string | undefined };

/**
 * Tells people by mail what concerns them. Each is a part of the transaction of what it tells; without a way to send
 * mail, nothing is kept.
 */
export type Notices = {
  /** Mails the link. False where no mail goes out, or enough have: then it has to reach its person in another way. */
  invited(tx: Database, invitation: InvitedPerson): Promise<boolean>;
  /** The link of a mail that waits still is worth nothing any more. */
  uninvited(tx: Database, invitation: { organizationId: string; email: string }): Promise<void>;
  deviceApproved(tx: Database, userId: string, device: { program: string } & Whereabouts): Promise<void>;
  /** Somebody did not start what a device asked for: who reads the audit log of their organization is told, but for them. */
  deviceReported(tx: Database, report: ReportedDevice): Promise<void>;
  /** Somebody has signed in with a browser that the account did not know. */
  signedIn(tx: Database, userId: string, from: Whereabouts): Promise<void>;
  /** An API token waits; those who may approve it are told, but for its owner. */
  tokenWaits(tx: Database, token: WaitingToken): Promise<void>;
  /** The end of an API token was moved: nobody is told of the one before any more. */
  tokenEndMoved(tx: Database, tokenId: string): Promise<void>;
};

/** An invitation with its link. */
export type InvitedPerson = {
  organizationId: string;
  organizationName: string;
  email: string;
  inviterId: string;
  inviter: string;
  link: string;
  expiresAt: Date;
};

/** Who says so, of which client, where its device asked from, and how many requests ended. */
export type ReportedDevice = {
  userId: string;
  organizationId: string | undefined;
  clientId: string;
  address: string | undefined;
  codes: number;
};

/** A token that somebody must approve. */
export type WaitingToken = {
  id: string;
  name: string;
  organizationId: string;
  ownerId: string;
  ownerEmail: string;
  approvalReason: string | undefined;
};

// Whoever approves or looks into it is one of these; in a larger company, the rest sees it on the page.
const mostAdministrators = 20;

/** Notices that go into an outbox. */
export function createNotices(options: {
  outbox: Outbox<LetterData>;
  limits: Limits;
  issuer: string;
  /** The URI of the management API. */
  resource: string;
  clock: Clock;
}): Notices {
  const { outbox, limits, issuer, resource, clock } = options;

  /** To a person, unless they are disabled or were told a lot already. */
  async function tell<Kind extends 'deviceApproved' | 'signIn'>(
    tx: Database,
    userId: string,
    kind: Kind,
    data: LetterData[Kind],
  ): Promise<void> {
    if (!outbox.isOpen) return;
    const [user] = await tx.query<{ email: string }>(
      sql`select email from users where id = ${userId}::uuid and disabled_at is null`,
    );
    if (!user || !(await limits.within(tx).take('notice_by_person', userId)).allowed) return;
    await outbox.enqueue(tx, { kind, recipient: user.email, data });
  }

  return {
    async invited(tx, { organizationId, organizationName, email, inviterId, inviter, link, expiresAt }) {
      const topic = topicOf({ organizationId, email });
      await outbox.withdraw(tx, topic);
      if (!outbox.isOpen) return false;
      for (const [policy, key] of [
        ['invitation_mail_by_inviter', inviterId],
        ['invitation_mail_by_organization', organizationId],
        ['invitation_mail_by_recipient', email],
      ] as const) {
        if (!(await limits.within(tx).take(policy, key)).allowed) return false;
      }
      const [sender] = await tx.query<{ language: string | null }>(
        sql`select language from users where id = ${inviterId}::uuid`,
      );
      const language = sender?.language ?? undefined;
      const data = {
        organization: organizationName,
        inviter,
        link,
        expiresAt: expiresAt.toISOString(),
        language,
      };
      await outbox.enqueue(tx, { kind: 'invitation', recipient: email, data, topic, organizationId });
      return true;
    },
    uninvited: (tx, invitation) => outbox.withdraw(tx, topicOf(invitation)),
    async deviceApproved(tx, userId, device) {
      const at = clock.now().toISOString();
      await tell(tx, userId, 'deviceApproved', { ...device, at, link: `${issuer}/account/devices` });
    },
    async deviceReported(tx, { userId, organizationId, clientId, address, codes }) {
      if (!outbox.isOpen || organizationId === undefined) return;
      if (!(await limits.within(tx).take('device_report_mail_by_person', userId)).allowed) return;
      const readers = await tx.query<{
        email: string;
        organization: string;
        person: string;
        program: string;
      }>(sql`
        select users.email, organizations.name as organization, reporter.email as person,
          coalesce((select name from clients where id = ${clientId}), ${clientId}) as program
        from member_permissions
          join users on users.id = user_id
          join organizations on organizations.id = organization_id
          join users as reporter on reporter.id = ${userId}::uuid
        where organization_id = ${organizationId}::uuid and resource = ${resource} and scope = 'audit:read'
          and user_id <> reporter.id
        order by users.id limit ${mostAdministrators}`);
      for (const { email, ...names } of readers) {
        const data = { ...names, address, codes, link: `${issuer}/admin/audit` };
        await outbox.enqueue(tx, { kind: 'deviceReported', recipient: email, data, organizationId });
      }
    },
    async signedIn(tx, userId, from) {
      const at = clock.now().toISOString();
      await tell(tx, userId, 'signIn', { ...from, at, link: `${issuer}/account/security` });
    },
    async tokenWaits(tx, { id, name, organizationId, ownerId, ownerEmail, approvalReason }) {
      if (!outbox.isOpen) return;
      if (!(await limits.within(tx).take('approval_mail_by_owner', ownerId)).allowed) return;
      const approvers = await tx.query<{ email: string; organization: string }>(sql`
        select users.email, organizations.name as organization
        from member_permissions
          join users on users.id = user_id
          join organizations on organizations.id = organization_id
        where organization_id = ${organizationId}::uuid and resource = ${resource} and scope = 'tokens:manage'
          and user_id <> ${ownerId}::uuid
        order by users.id limit ${mostAdministrators}`);
      for (const { email, organization } of approvers) {
        const data = {
          token: name,
          owner: ownerEmail,
          organization,
          reason: approvalReason,
          link: `${issuer}/admin/tokens`,
        };
        const topic = approvalTopic(id);
        await outbox.enqueue(tx, { kind: 'tokenWaiting', recipient: email, data, topic, organizationId });
      }
    },
    tokenEndMoved: (tx, tokenId) => forgetExpiry(tx, tokenId, outbox),
  };
}

function topicOf({ organizationId, email }: { organizationId: string; email: string }): string {
  return `invitation ${organizationId} ${email}`;
}
