import { actions } from './de/actions.ts';
import { activity } from './de/activity.ts';
import { audit } from './de/audit.ts';
import { clients } from './de/clients.ts';
import { confirm } from './de/confirm.ts';
import { deviceCode } from './de/device-code.ts';
import { devices } from './de/devices.ts';
import { error } from './de/error.ts';
import { factors } from './de/factors.ts';
import { frame } from './de/frame.ts';
import { getToken } from './de/get-token.ts';
import { join } from './de/join.ts';
import { keys } from './de/keys.ts';
import { list } from './de/list.ts';
import { mail } from './de/mail.ts';
import { members } from './de/members.ts';
import { organization } from './de/organization.ts';
import { outcome } from './de/outcome.ts';
import { overview } from './de/overview.ts';
import { ownApi } from './de/own-api.ts';
import { policies } from './de/policies.ts';
import { problems } from './de/problems.ts';
import { provider } from './de/provider.ts';
import { reference } from './de/reference.ts';
import { resources } from './de/resources.ts';
import { security } from './de/security.ts';
import { signIn } from './de/sign-in.ts';
import { signedOut } from './de/signed-out.ts';
import { singleUser } from './de/single-user.ts';
import { tokens } from './de/tokens.ts';
import { welcome } from './de/welcome.ts';
import type { Words } from './en.ts';

/** The catalogue in German. */
export const de: Words = {
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
