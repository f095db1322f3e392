import { actions } from './en/actions.ts';
import { activity } from './en/activity.ts';
import { audit } from './en/audit.ts';
import { clients } from './en/clients.ts';
import { confirm } from './en/confirm.ts';
import { deviceCode } from './en/device-code.ts';
import { devices } from './en/devices.ts';
import { error } from './en/error.ts';
import { factors } from './en/factors.ts';
import { frame } from './en/frame.ts';
import { getToken } from './en/get-token.ts';
import { join } from './en/join.ts';
import { keys } from './en/keys.ts';
import { list } from './en/list.ts';
import { mail } from './en/mail.ts';
import { members } from './en/members.ts';
import { organization } from './en/organization.ts';
import { outcome } from './en/outcome.ts';
import { overview } from './en/overview.ts';
import { ownApi } from './en/own-api.ts';
import { policies } from './en/policies.ts';
import { problems } from './en/problems.ts';
import { provider } from './en/provider.ts';
import { reference } from './en/reference.ts';
import { resources } from './en/resources.ts';
import { security } from './en/security.ts';
import { signIn } from './en/sign-in.ts';
import { signedOut } from './en/signed-out.ts';
import { singleUser } from './en/single-user.ts';
import { tokens } from './en/tokens.ts';
import { welcome } from './en/welcome.ts';

/** The catalogue: every text that people read, by where they read it. */
export const en = {
  actions,
  activity,
  audit,
  clients,
  confirm,
  devices,
  deviceCode,
  error,
  factors,
  frame,
  getToken,
  join,
  keys,
  list,
  mail,
  members,
  organization,
  outcome,
  overview,
  ownApi,
  policies,
  problems,
  provider,
  reference,
  security,
  resources,
  signIn,
  signedOut,
  singleUser,
  tokens,
  welcome,
};

/** What each language has to say. */
export type Words = typeof en;
