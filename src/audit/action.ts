/**
 * Everything that is written down, in words for people. `recorded`: an act that changes something; it is written in the
 * transaction that changes it, or neither happens. `noted`: frequent, and changes no rights; it is written within a second.
 */
export const actions = {
  'access_token.downloaded': ['recorded', 'Got an access token in the browser'],
  'access_token.issued': ['noted', 'Got an access token'],
  'access_token.revoked': ['recorded', 'Ended an access token'],
  'client.added': ['recorded', 'Registered a program'],
  'client.authentication_failed': ['noted', 'Could not authenticate as a program'],
  'client.disabled': ['recorded', 'Disabled a program'],
  'client.enabled': ['recorded', 'Enabled a program'],
  'client.registered': ['recorded', 'Registered itself as a program'],
  'client.removed': ['recorded', 'Removed a program'],
  'client.secret_added': ['recorded', 'Gave a program a second secret'],
  'client.secret_ended': ['recorded', 'Ended a secret of a program'],
  'client.secret_rotated': ['recorded', 'Gave a program a new secret'],
  'client.tokens_revoked': ['recorded', 'Ended every token of a program'],
  'client.updated': ['recorded', 'Changed what is registered of a program'],
  'credential.refused': ['noted', 'Presented a credential that is not good'],
  'device.approved': ['recorded', 'Let a device in'],
  'device.denied': ['recorded', 'Denied a device'],
  'device.opened': ['noted', 'Looked at what a device asks for'],
  'device.refused': ['noted', 'Could not let a device in'],
  'device.reported': ['recorded', 'Had not started what a device asked for'],
  'device.requested': ['noted', 'Asked to let a device in'],
  'device_code.reused': ['recorded', 'Used a device code again, which ended its grant'],
  'events.lost': ['noted', 'More happened than could be written down'],
  'grant.revoked': ['recorded', 'Ended what a person had allowed a program'],
  'identity.linked': ['recorded', 'Signed in at an identity provider for the first time'],
  'identity_provider.added': ['recorded', 'Added an identity provider'],
  'identity_provider.changed': ['recorded', 'Changed an identity provider'],
  'identity_provider.disabled': ['recorded', 'Disabled an identity provider'],
  'identity_provider.enabled': ['recorded', 'Enabled an identity provider'],
  'identity_provider.removed': ['recorded', 'Removed an identity provider'],
  'initial_access_token.added': ['recorded', 'Made a token to register programs with'],
  'initial_access_token.removed': ['recorded', 'Removed a token to register programs with'],
  'invitation.accepted': ['recorded', 'Accepted an invitation'],
  'invitation.created': ['recorded', 'Invited somebody'],
  'invitation.removed': ['recorded', 'Took an invitation back'],
  'key.activated': ['recorded', 'Let a signing key sign'],
  'key.published': ['recorded', 'Published a signing key'],
  'key.revoked': ['recorded', 'Revoked a signing key'],
  'key.rotated': ['recorded', 'Began a rotation of the signing keys'],
  'member.added': ['recorded', 'Let a person into an organization'],
  'member.changed': ['recorded', 'Changed a member'],
  'member.disabled': ['recorded', 'Disabled a member'],
  'member.enabled': ['recorded', 'Enabled a member'],
  'member.removed': ['recorded', 'Removed a member'],
  'organization.added': ['recorded', 'Added an organization'],
  'organization.disabled': ['recorded', 'Disabled an organization'],
  'organization.enabled': ['recorded', 'Enabled an organization'],
  'organization.removed': ['recorded', 'Removed an organization'],
  'organization.renamed': ['recorded', 'Renamed the organization'],
  'passkey.added': ['recorded', 'Added a passkey'],
  'passkey.refused': ['noted', 'Presented a passkey that is not good'],
  'passkey.removed': ['recorded', 'Removed a passkey'],
  'passkey.renamed': ['recorded', 'Renamed a passkey'],
  'policy.changed': ['recorded', 'Changed what is demanded of API tokens'],
  'recovery_code.used': ['recorded', 'Used a recovery code'],
  'recovery_codes.made': ['recorded', 'Made new recovery codes'],
  'refresh_token.reused': ['recorded', 'Used a refresh token again, which ended its grant'],
  'resource.added': ['recorded', 'Registered an API'],
  'resource.changed': ['recorded', 'Changed an API'],
  'second_factor.failed': ['noted', 'Could not prove a second factor'],
  'second_factor.limited': ['noted', 'Tried to prove a second factor too often'],
  'second_factor.removed': ['recorded', 'Removed the second factor of a person'],
  'secret.rotated': ['recorded', 'Sealed everything under a new master secret'],
  'session.ended': ['recorded', 'Ended a session in a browser'],
  'session.organization_chosen': ['recorded', 'Chose the organization to act in'],
  'session.proven_again': ['recorded', 'Proved again who they are'],
  'sign_in.failed': ['noted', 'Could not sign in'],
  'sign_in.limited': ['noted', 'Tried to sign in too often'],
  'sign_in.succeeded': ['noted', 'Signed in'],
  'sign_in_policy.changed': ['recorded', 'Changed how members must sign in'],
  'token.approved': ['recorded', 'Approved an API token'],
  'token.changed': ['recorded', 'Changed an API token'],
  'token.created': ['recorded', 'Made an API token'],
  'token.disabled': ['recorded', 'Disabled an API token'],
  'token.enabled': ['recorded', 'Enabled an API token'],
  'token.imported': ['recorded', 'Imported a credential of an earlier system'],
  'token.refused': ['recorded', 'Refused an API token'],
  'token.removed': ['recorded', 'Removed an API token'],
  'token.rotated': ['recorded', 'Gave an API token a new value'],
  'token.value_revoked': ['recorded', 'Ended a value of an API token'],
  'token.value_taken': ['recorded', 'Took a value of a shared API token'],
  'token.values_removed': ['recorded', 'Gave back the values of a shared API token'],
  'totp.added': ['recorded', 'Set up one-time codes'],
  'totp.removed': ['recorded', 'Removed one-time codes'],
  'user.added': ['recorded', 'Added a person'],
  'user.disabled': ['recorded', 'Disabled a person'],
  'user.enabled': ['recorded', 'Enabled a person'],
  'user.password_changed': ['recorded', 'Gave a person a new password'],
  'user.tokens_revoked': ['recorded', 'Ended every sign-in of a person'],
} as const;

/** The name of anything that is written down. */
export type Action = keyof typeof actions;

/** Names of acts that change something. */
export type Act = { [Name in Action]: (typeof actions)[Name][0] extends 'recorded' ? Name : never }[Action];

/** Names of what happens often and changes no rights. */
export type Happening = Exclude<Action, Act>;

/** Every name, in alphabetical order. */
export const actionNames = Object.keys(actions) as [Action, ...Action[]];

/** An action for people; one of a later version by its name. */
export function wordsOf(action: string): string {
  return Object.hasOwn(actions, action) ? actions[action as Action][1] : action;
}
